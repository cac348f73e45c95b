// SPDX-License-Identifier: Apache-2.0
/**
 * Checks of our Telemetries: whether Istio goes by them, and whether the access log that they name is there.
 */
import { ignoredTelemetries, olderTelemetry } from "../install/access-log.ts";
import { ACCESS_LOG_PROVIDER, usesAccessLog } from "../objects/access-log.ts";
import { type KubeObject, nameOf } from "../objects/object.ts";
import { MANAGED_BY, MANAGED_BY_LABEL } from "../objects/target.ts";
import { type Check, unless } from "./check.ts";
import { type Facts, known } from "./facts.ts";

function ourTelemetries({ objects }: Facts): KubeObject[] {
  return known(objects.telemetries).filter(({ metadata }) => metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY);
}

const inForce: Check = {
  id: "telemetry-in-force",
  title: "ours is the only Telemetry without selector in its namespace",
  stage: "after",
  run: (facts) => {
    const all = known(facts.objects.telemetries);
    const lines = ourTelemetries(facts).flatMap((ours) => {
      const { namespace = "" } = ours.metadata;
      const older = olderTelemetry(namespace, all);
      if (older) {
        return [
          `${nameOf(older)} has no selector either and is older than ${nameOf(ours)}: Istio takes that one alone`,
        ];
      }
      return ignoredTelemetries(namespace, all).map(
        (other) =>
          `${nameOf(other)} has no selector either and is younger than ${nameOf(ours)}: Istio takes ours alone`,
      );
    });
    return unless(lines, "warn");
  },
};

const accessLog: Check = {
  id: "access-log",
  title: "the mesh configuration has the access log that our Telemetries name",
  stage: "after",
  run: (facts) => {
    const naming = ourTelemetries(facts).filter(usesAccessLog);
    if (naming.length === 0) return unless([]);
    const providers = known(facts.mesh)?.extensionProviders ?? [];
    if (providers.some(({ name }) => name === ACCESS_LOG_PROVIDER)) return unless([]);
    return unless(
      naming.map((ours) => `${nameOf(ours)} names ${ACCESS_LOG_PROVIDER}, which extensionProviders does not have`),
    );
  },
};

export const TELEMETRY_CHECKS: readonly Check[] = [inForce, accessLog];
