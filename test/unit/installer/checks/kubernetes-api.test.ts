// SPDX-License-Identifier: Apache-2.0
/**
 * The checks of the Kubernetes API, each with facts that pass and facts that do not.
 */
import { describe, expect, it } from "vitest";
import type { Right } from "../../../../installer/checks/facts.ts";
import { questionsOf } from "../../../../installer/checks/rights.ts";
import { describeCheck } from "./rows.ts";

describeCheck("api-reachable", [
  ["passes where the server answers", {}, "pass"],
  [
    "fails with the client's reason",
    { api: { unknown: "connect ECONNREFUSED" } },
    "fail",
    'context "test": connect ECONN',
  ],
]);

describeCheck("kubernetes-version", [
  ["passes from 1.30 on", { api: { value: { gitVersion: "v1.30.0", minor: 30 } } }, "pass"],
  ["fails below", { api: { value: { gitVersion: "v1.29.9", minor: 29 } } }, "fail", "v1.29.9"],
  ["is skipped where the server does not answer", { api: { unknown: "no" } }, "skip"],
]);

const lacking = (needed: Right["needed"]): Right[] => [
  { verb: "list", group: "", resource: "pods", needed: "check", isAllowed: true },
  { verb: "create", group: "extensions.istio.io", resource: "wasmplugins", needed, isAllowed: false },
  { verb: "patch", group: "extensions.istio.io", resource: "wasmplugins", needed, isAllowed: false },
];

describeCheck("rights-to-read", [
  ["passes where all are given", {}, "pass"],
  [
    "names resource and verbs",
    { rights: { value: lacking("check") } },
    "fail",
    "wasmplugins.extensions.istio.io: create, patch",
  ],
  ["leaves rights of the installation to the other check", { rights: { value: lacking("install") } }, "pass"],
]);

describeCheck("rights-to-install", [
  ["passes where all are given", { stage: "before" }, "pass"],
  [
    "counts what is missing",
    { stage: "before", rights: { value: lacking("install") } },
    "fail",
    "2 rights are missing",
  ],
  ["leaves rights of reading to the other check", { stage: "before", rights: { value: lacking("check") } }, "pass"],
]);

describe("questionsOf", () => {
  const questions = questionsOf({ systemNamespace: "meters", istioNamespace: "mesh", meshConfigMap: "istio-1-31" });

  it("asks for what our role writes, in the namespaces and by the names of this cluster", () => {
    expect(questions).toContainEqual({
      verb: "patch",
      group: "networking.istio.io",
      resource: "envoyfilters",
      needed: "install",
    });
    const mesh = { group: "", resource: "configmaps", namespace: "mesh", name: "istio-1-31" };
    expect(questions).toContainEqual({ verb: "update", ...mesh, needed: "install" });
    expect(questions).toContainEqual({ verb: "get", ...mesh, needed: "check" });
    expect(questions).toContainEqual({
      verb: "create",
      group: "",
      resource: "namespaces",
      name: "meters",
      needed: "install",
    });
  });

  it("asks for no right to read among those of the installation", () => {
    const verbs = new Set(questions.filter(({ needed }) => needed === "install").map(({ verb }) => verb));
    expect([...verbs].sort()).toEqual(["create", "delete", "patch", "update"]);
  });
});
