// SPDX-License-Identifier: Apache-2.0
/**
 * Checks of the Kubernetes API: that it answers, in a version that Istio supports, and lets us do what is to be done.
 */
import { type Check, counted, fail, type Group, pass } from "./check.ts";
import { type Facts, known, type Right } from "./facts.ts";

/** The oldest that any supported Istio is tested with: https://istio.io/latest/docs/releases/supported-releases/ */
const OLDEST_MINOR = 30;

const reachable: Check = {
  id: "api-reachable",
  title: "the Kubernetes API answers",
  stage: "always",
  run: ({ api, context }) => ("unknown" in api ? fail(`context "${context}": ${api.unknown}`) : pass()),
};

const version: Check = {
  id: "kubernetes-version",
  title: `Kubernetes is 1.${OLDEST_MINOR} or newer`,
  stage: "always",
  run: ({ api }) => {
    const { minor, gitVersion } = known(api);
    return minor >= OLDEST_MINOR ? pass() : fail(`found ${gitVersion} (expected 1.${OLDEST_MINOR} or newer)`);
  },
};

function rightsFor(needed: Right["needed"], id: string, title: string, stage: Check["stage"]): Check {
  return { id, title, stage, run: (facts) => lackOf(facts, needed) };
}

function lackOf({ rights }: Facts, needed: Right["needed"]) {
  const lacking = known(rights).filter((right) => right.needed === needed && !right.isAllowed);
  if (lacking.length === 0) return pass();
  const byResource = Map.groupBy(lacking, placeOfRight);
  const lines = [...byResource].map(([resource, verbs]) => `${resource}: ${verbs.map(({ verb }) => verb).join(", ")}`);
  return fail(`${counted(lacking.length, "right is", "rights are")} missing`, ...lines);
}

/** `serviceentries.networking.istio.io`, `configmaps "istio" in istio-system` */
function placeOfRight({ resource, group, name, namespace }: Right): string {
  const full = group === "" ? resource : `${resource}.${group}`;
  return `${full}${name === undefined ? "" : ` "${name}"`}${namespace === undefined ? "" : ` in ${namespace}`}`;
}

export const KUBERNETES_API: Group = {
  id: "kubernetes-api",
  checks: [
    reachable,
    version,
    rightsFor("check", "rights-to-read", "this account may read what the checks look at", "always"),
    rightsFor("install", "rights-to-install", "this account may write what install writes", "before"),
  ],
};
