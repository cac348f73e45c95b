// SPDX-License-Identifier: Apache-2.0
/**
 * The checks of our Telemetries, each with facts that pass and facts that do not.
 */
import { ACCESS_LOG_PROVIDER, accessLogging } from "../../../../installer/objects/access-log.ts";
import { object, OURS } from "./facts.ts";
import { describeCheck } from "./rows.ts";

const telemetry = (name: string, created: string, spec: object = {}, labels: Record<string, string> = {}) =>
  object("Telemetry", name, { spec }, { namespace: "crawl", creationTimestamp: created, labels });
const ours = telemetry("proxymeter", "2026-02-01T00:00:00Z", {}, OURS);
const logging = telemetry("proxymeter", "2026-02-01T00:00:00Z", { accessLogging: accessLogging() }, OURS);
const mesh = (...names: readonly string[]) => ({
  mesh: { value: { extensionProviders: names.map((name) => ({ name })) } },
});

describeCheck("telemetry-in-force", [
  ["passes without Telemetries", {}, "pass"],
  ["passes where ours is alone", { objects: { telemetries: [ours] } }, "pass"],
  [
    "warns of a younger one, which Istio ignores",
    { objects: { telemetries: [ours, telemetry("theirs", "2026-03-01T00:00:00Z", { accessLogging: [{}] })] } },
    "warn",
    "Telemetry crawl/theirs has no selector either and is younger than Telemetry crawl/proxymeter: Istio takes ours alone",
  ],
  [
    "passes beside a younger one with a selector, and one of another namespace",
    {
      objects: {
        telemetries: [
          ours,
          telemetry("theirs", "2026-03-01T00:00:00Z", { selector: { matchLabels: { app: "x" } } }),
          object("Telemetry", "mesh", {}, { namespace: "istio-system", creationTimestamp: "2026-03-01T00:00:00Z" }),
        ],
      },
    },
    "pass",
  ],
  [
    "passes beside an older one with a selector",
    {
      objects: {
        telemetries: [ours, telemetry("theirs", "2026-01-01T00:00:00Z", { selector: { matchLabels: { app: "x" } } })],
      },
    },
    "pass",
  ],
  [
    "warns of an older one",
    { objects: { telemetries: [ours, telemetry("theirs", "2026-01-01T00:00:00Z")] } },
    "warn",
    "Telemetry crawl/theirs has no selector either and is older",
  ],
]);

describeCheck("access-log", [
  ["passes where none is wanted", { objects: { telemetries: [ours] } }, "pass"],
  ["passes where it is there", { objects: { telemetries: [logging] }, ...mesh("x", ACCESS_LOG_PROVIDER) }, "pass"],
  [
    "fails where an upgrade has lost it",
    { objects: { telemetries: [logging] }, ...mesh("x") },
    "fail",
    `names ${ACCESS_LOG_PROVIDER}, which extensionProviders does not have`,
  ],
]);
