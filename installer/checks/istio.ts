// SPDX-License-Identifier: Apache-2.0
/**
 * Checks of Istio: its version and kinds, what its mesh configuration forbids, and the stat tags that it gives to sidecars.
 */
import { EXTRA_STAT_TAGS } from "../../filter/core/stat-tags.ts";
import { NEWEST_MINOR, OLDEST_MINOR } from "../objects/offline-target.ts";
import { TRAFFIC_EXTENSION_KIND, TRAFFIC_EXTENSION_SINCE, WASM_PLUGIN_KIND } from "../objects/wasm-plugin.ts";
import { type Check, fail, type Group, named, pass, unless, warn } from "./check.ts";
import { type Facts, type Istio, known, Unknown } from "./facts.ts";
import { type AdmissionPolicy, selects } from "./kinds.ts";
import { ourPlugins } from "./plugins.ts";
import { corruptionsInWords, missingTags } from "./stat-tags.ts";
import { TELEMETRY_CHECKS } from "./telemetry.ts";
import { annotationOf, livePods, optedIn, PROXY_CONFIG_ANNOTATION, placeOf, proxyConfigOf } from "./workloads.ts";

const NEEDED_KINDS = [
  "networking.istio.io/v1/ServiceEntry",
  "networking.istio.io/v1alpha3/EnvoyFilter",
  "telemetry.istio.io/v1/Telemetry",
];

function foundIstio({ istio }: Facts): Istio {
  const found = known(istio);
  if (found === undefined) throw new Unknown("no Istio was found");
  return found;
}

const found: Check = {
  id: "istio-found",
  title: "Istio is in the cluster",
  stage: "always",
  run: ({ istio }) => (known(istio) === undefined ? fail("found neither istiod nor a ConfigMap istio") : pass()),
};

const version: Check = {
  id: "istio-version",
  title: `Istio is 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR}`,
  stage: "always",
  run: (facts) => {
    const { minor, version: text } = foundIstio(facts);
    if (minor === undefined) return warn(`the version of istiod could not be read (found "${text}")`);
    if (minor < OLDEST_MINOR) return fail(`found ${text} (expected 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR})`);
    return minor <= NEWEST_MINOR
      ? pass()
      : warn(`found ${text}, newer than any that was tried (expected 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR})`);
  },
};

const kinds: Check = {
  id: "istio-kinds",
  title: "Istio's resource definitions are installed",
  stage: "always",
  run: (facts) => {
    const present = known(facts.kinds);
    const lacking = NEEDED_KINDS.filter((kind) => !present.includes(kind));
    // Either serves: install takes the one that is there.
    const hasPlugin = [WASM_PLUGIN_KIND, TRAFFIC_EXTENSION_KIND].some((kind) => present.includes(kind));
    const lines = lacking.map((kind) => `the server has no kind ${kind}`);
    return unless([...(hasPlugin ? [] : [`the server has no kind TrafficExtension or ${WASM_PLUGIN_KIND}`]), ...lines]);
  },
};

const trafficExtension: Check = {
  id: "traffic-extension",
  title: `the kind TrafficExtension is there where Istio has it (from 1.${TRAFFIC_EXTENSION_SINCE})`,
  stage: "always",
  run: (facts) => {
    const { minor, version: text } = foundIstio(facts);
    if (minor === undefined || minor < TRAFFIC_EXTENSION_SINCE || known(facts.kinds).includes(TRAFFIC_EXTENSION_KIND))
      return pass();
    return warn(
      `istiod is ${text}, but the server has no kind ${TRAFFIC_EXTENSION_KIND}: the definitions are older than istiod`,
    );
  },
};

const stablePolicy: Check = {
  id: "stable-validation-policy",
  title: "no admission policy denies WasmPlugins or EnvoyFilters",
  stage: "always",
  run: (facts) => {
    const denying = known(facts.objects.admissionBindings).filter(({ spec }) =>
      spec?.validationActions?.includes("Deny"),
    );
    const names = new Set(denying.map(({ spec }) => spec?.policyName));
    const labels = ourPlugins(facts)[0]?.object.metadata.labels ?? {};
    const policies = known(facts.objects.admissionPolicies).filter(
      (policy) => names.has(policy.metadata.name) && denies(policy, labels),
    );
    return unless(policies.map(({ metadata }) => `ValidatingAdmissionPolicy ${metadata.name} denies them`));
  },
};

/** Whether a policy is about the kinds that install needs, and about objects with these labels. */
function denies({ spec }: AdmissionPolicy, labels: Record<string, string>): boolean {
  const expressions = [...(spec?.variables ?? []), ...(spec?.validations ?? [])].map(({ expression }) => expression);
  const isAbout = expressions.some((expression) => /\b(WasmPlugin|EnvoyFilter)\b/.test(expression ?? ""));
  return isAbout && selects(spec?.matchConstraints?.objectSelector ?? {}, labels);
}

const outboundPolicy: Check = {
  id: "outbound-policy",
  title: "pods may reach destinations that nobody declared (ALLOW_ANY)",
  stage: "always",
  run: (facts) => {
    const strict = "REGISTRY_ONLY";
    const hint = "a vendor gateway that vendors.yaml lacks is refused";
    const ofMesh = known(facts.mesh)?.outboundTrafficPolicy?.mode === strict;
    const namespaces = optedIn(facts);
    const sidecars = known(facts.objects.sidecars).filter(
      ({ spec, metadata }) =>
        spec?.outboundTrafficPolicy?.mode === strict && namespaces.includes(metadata.namespace ?? ""),
    );
    return unless(
      [
        ...(ofMesh ? [`the mesh's outboundTrafficPolicy is ${strict}: ${hint}`] : []),
        ...sidecars.map((sidecar) => `Sidecar ${placeOf(sidecar)} says ${strict}: ${hint}`),
      ],
      "warn",
    );
  },
};

const meshTags: Check = {
  id: "mesh-stat-tags",
  title: "the mesh configuration has our stat tags",
  stage: "after",
  run: (facts) => {
    const missing = missingTags(known(facts.mesh)?.defaultConfig?.extraStatTags ?? []);
    if (missing.length === 0) return pass();
    const lack = `extraStatTags lacks ${missing.length} of ${EXTRA_STAT_TAGS.length}: ${named(missing, 16)}`;
    const had = livePods(facts).filter(hadTags).map(placeOf);
    return had.length > 0
      ? fail(lack, `they were there when these pods started, so they were lost since: ${named(had)}`)
      : warn(`${lack}; pods that start now are metered with fewer labels`);
  },
};

/** Whether the mesh configuration gave the pod our tags when it started. */
function hadTags(pod: Parameters<typeof proxyConfigOf>[0]): boolean {
  const tags = proxyConfigOf(pod)?.extraStatTags ?? [];
  return missingTags(tags).length === 0 && annotationOf(pod, PROXY_CONFIG_ANNOTATION) === undefined;
}

const meshCorruption: Check = {
  id: "mesh-stat-tags-collide",
  title: "no stat tag of the mesh configuration spoils one of ours",
  stage: "always",
  run: (facts) => unless(corruptionsInWords(known(facts.mesh)?.defaultConfig?.extraStatTags ?? [])),
};

export const ISTIO: Group = {
  id: "istio",
  checks: [
    found,
    version,
    kinds,
    trafficExtension,
    stablePolicy,
    outboundPolicy,
    meshTags,
    meshCorruption,
    ...TELEMETRY_CHECKS,
  ],
};
