// SPDX-License-Identifier: Apache-2.0
/**
 * The checks of Istio, each with facts that pass and facts that do not.
 */
import { describe, expect, it } from "vitest";
import { EXTRA_STAT_TAGS } from "../../../../filter/core/stat-tags.ts";
import type { Istio } from "../../../../installer/checks/facts.ts";
import { corruptions } from "../../../../installer/checks/stat-tags.ts";
import { object, pod, TAGGED, type Changes } from "./facts.ts";
import { describeCheck } from "./rows.ts";

const istio = (minor: number | undefined): Changes => ({
  istio: { value: { namespace: "istio-system", revision: "default", version: `1.${minor}.0`, minor } as Istio },
});

describeCheck("istio-found", [
  ["passes where it is", {}, "pass"],
  ["fails where there is none", { istio: { value: undefined } }, "fail"],
]);

describeCheck("istio-version", [
  ["passes for the oldest", istio(28), "pass"],
  ["passes for the newest", istio(31), "pass"],
  ["fails below", istio(27), "fail", "found 1.27.0"],
  ["warns above", istio(32), "warn", "newer than any"],
  ["warns where it can't be read", istio(undefined), "warn", "could not be read"],
  ["is skipped without Istio", { istio: { value: undefined } }, "skip"],
]);

const KINDS = [
  "networking.istio.io/v1/ServiceEntry",
  "networking.istio.io/v1alpha3/EnvoyFilter",
  "extensions.istio.io/v1alpha1/WasmPlugin",
  "telemetry.istio.io/v1/Telemetry",
];

describeCheck("istio-kinds", [
  ["passes with the four that we make", { kinds: { value: KINDS } }, "pass"],
  [
    "passes with TrafficExtension in place of WasmPlugin",
    { kinds: { value: KINDS.map((kind) => kind.replace("WasmPlugin", "TrafficExtension")) } },
    "pass",
  ],
  ["names the one that is missing", { kinds: { value: KINDS.slice(0, 2) } }, "fail", /WasmPlugin\n.*Telemetry/],
]);

describeCheck("traffic-extension", [
  ["passes where the kind is there", istio(31), "pass"],
  ["passes for an Istio that has none", { ...istio(29), kinds: { value: KINDS } }, "pass"],
  [
    "warns where istiod is newer than its definitions",
    { ...istio(30), kinds: { value: KINDS } },
    "warn",
    "older than istiod",
  ],
]);

// The variables and validations of Istio's own chart, shortened.
const policy = (name: string, objectSelector?: object) =>
  object("ValidatingAdmissionPolicy", name, {
    spec: {
      matchConstraints: objectSelector === undefined ? {} : { objectSelector },
      variables: [{ name: "isWasmPlugin", expression: "object.kind == 'WasmPlugin'" }],
      validations: [{ expression: "!variables.isWasmPlugin" }],
    },
  });
const binding = (policyName: string, action: string) =>
  object("ValidatingAdmissionPolicyBinding", `${policyName}-binding`, {
    spec: { policyName, validationActions: [action] },
  });
const STABLE = "stable-channel-default-policy.istio.io";
const ofRevision = { matchExpressions: [{ key: "istio.io/rev", operator: "In", values: ["default"] }] };

describeCheck("stable-validation-policy", [
  ["passes without policies", {}, "pass"],
  [
    "fails for Istio's policy of the default revision",
    { objects: { admissionPolicies: [policy(STABLE)], admissionBindings: [binding(STABLE, "Deny")] } },
    "fail",
    STABLE,
  ],
  [
    "passes for one that only warns",
    { objects: { admissionPolicies: [policy(STABLE)], admissionBindings: [binding(STABLE, "Warn")] } },
    "pass",
  ],
  ["passes for one that nothing binds", { objects: { admissionPolicies: [policy(STABLE)] } }, "pass"],
  [
    "passes for one that selects a label which our objects lack",
    { objects: { admissionPolicies: [policy("p", ofRevision)], admissionBindings: [binding("p", "Deny")] } },
    "pass",
  ],
  [
    "passes for a policy about other kinds",
    {
      objects: {
        admissionPolicies: [
          object("ValidatingAdmissionPolicy", "p", { spec: { validations: [{ expression: "true" }] } }),
        ],
        admissionBindings: [binding("p", "Deny")],
      },
    },
    "pass",
  ],
]);

const sidecar = (namespace: string, mode: string) =>
  object("Sidecar", "default", { spec: { outboundTrafficPolicy: { mode } } }, { namespace });

describeCheck("outbound-policy", [
  ["passes for ALLOW_ANY", { mesh: { value: { outboundTrafficPolicy: { mode: "ALLOW_ANY" } } } }, "pass"],
  [
    "warns of the mesh's REGISTRY_ONLY",
    { mesh: { value: { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } } } },
    "warn",
  ],
  ["warns of a Sidecar's", { objects: { sidecars: [sidecar("crawl", "REGISTRY_ONLY")] } }, "warn", "crawl/default"],
  ["passes over a Sidecar elsewhere", { objects: { sidecars: [sidecar("shop", "REGISTRY_ONLY")] } }, "pass"],
]);

const without = { mesh: { value: { defaultConfig: { extraStatTags: ["region"] } } } } satisfies Changes;
const annotated = pod("own", { proxyConfig: TAGGED, annotations: { "proxy.istio.io/config": "extraStatTags: [...]" } });

describeCheck("mesh-stat-tags", [
  [
    "passes with all of them among others",
    { mesh: { value: { defaultConfig: { extraStatTags: ["region", ...EXTRA_STAT_TAGS] } } } },
    "pass",
  ],
  [
    "warns where no pod had them",
    { ...without, pods: { value: [pod("old", { proxyConfig: {} })] } },
    "warn",
    "lacks 16 of 16",
  ],
  ["fails where a pod got them when it started", without, "fail", "lost since: crawl/crawler-0"],
  ["only warns where the pod has them by its own annotation", { ...without, pods: { value: [annotated] } }, "warn"],
  ["warns of an empty mesh configuration", { mesh: { value: {} }, pods: { value: [] } }, "warn"],
]);

describeCheck("mesh-stat-tags-collide", [
  ["passes for a tag that ends none of ours", without, "pass"],
  [
    "fails for a suffix of ours",
    { mesh: { value: { defaultConfig: { extraStatTags: [...EXTRA_STAT_TAGS, "vendor"] } } } },
    "fail",
    'tag "vendor" spoils proxy_vendor',
  ],
]);

describe("corruptions", () => {
  it("finds every label of ours that ends so", () => {
    expect(corruptions(["version"])).toEqual([{ tag: "version", ours: "protocol_version" }]);
    expect(corruptions(["host", "pool"]).map(({ ours }) => ours)).toEqual(["destination_host", "proxy_pool"]);
  });

  it("finds none in our own tags, though `protocol` begins another", () => {
    expect(corruptions(EXTRA_STAT_TAGS)).toEqual([]);
  });

  it("passes over tags that ours end in the middle, and over empty ones", () => {
    expect(corruptions(["proxy", "my_proxy_vendor", ""])).toEqual([]);
  });
});
