// SPDX-License-Identifier: Apache-2.0
/**
 * The plan of Istio as people confirm it, and what of it is recorded.
 */
import { describe, expect, it } from "vitest";
import { parseRecord, type Record, recordObject } from "../../../../installer/install/record.ts";
import { ownIstio } from "../../../../installer/istio/install.ts";
import type { IstioPlan } from "../../../../installer/istio/plan.ts";
import { istioPlanDocument, istioPlanText } from "../../../../installer/istio/plan-text.ts";
import type { KubeObject } from "../../../../installer/objects/object.ts";

const rendered = (kind: string, name: string): KubeObject => ({ apiVersion: "v1", kind, metadata: { name } });
const PLAN: IstioPlan = {
  action: "install",
  istioctl: { path: "/opt/istioctl", access: ["--context", "kind"], signal: new AbortController().signal },
  readinessSeconds: 300,
  version: "1.31.0",
  place: { namespace: "istio-system", revision: "default", profile: "minimal" },
  overlay: "kind: IstioOperator\nspec: {}\n",
  capturesDns: false,
  presence: { controlPlanes: [], meshConfigs: [], definitions: [], hasNamespace: false },
  rendered: [rendered("ConfigMap", "istio"), rendered("ConfigMap", "values"), rendered("Deployment", "istiod")],
  meshChanges: [],
};
const RECORD: Record = {
  release: "0.1.0",
  state: "applied",
  command: "install",
  current: {
    vendors: "apiVersion: proxymeter.io/v1\n",
    image: "oci://registry.example/proxymeter",
    statTags: "mesh",
    parts: { catchAll: true, telemetry: true, monitor: "none" },
  },
  kinds: [],
  labelled: [],
  created: [],
  drainSeconds: 45,
};

describe("the plan of Istio", () => {
  it("says which istioctl, what it is told, where, how much, and the whole overlay", () => {
    const text = istioPlanText(PLAN);
    for (const part of [
      "First Istio 1.31.0, by /opt/istioctl: no Istio is there: install it",
      "$ istioctl install --context kind -f OVERLAY --readiness-timeout 300s --skip-confirmation",
      "in namespace istio-system, which it makes; revision default, profile minimal",
      "+ 3 objects: 2 ConfigMaps, 1 Deployment",
      "    kind: IstioOperator\n    spec: {}",
      "istio-injection=enabled",
    ]) {
      expect(text).toContain(part);
    }
  });

  it("says of an upgrade from where, and what becomes of the mesh configuration", () => {
    const record = { ...RECORD, istio: { ...ownIstio(PLAN), version: "1.30.2" } };
    const meshChanges = [{ path: "mesh.trustDomain", before: "by-hand.example" }];
    const text = istioPlanText({ ...PLAN, action: "upgrade", record, meshChanges });
    expect(text).toContain("upgrade in place from 1.30.2 to 1.31.0");
    expect(text).toContain('mesh.trustDomain: "by-hand.example" -> (none)');
  });

  it("says which label a revision's namespaces take, and that definitions were there", () => {
    const presence = { ...PLAN.presence, definitions: ["wasmplugins.extensions.istio.io"] };
    const text = istioPlanText({ ...PLAN, presence, place: { ...PLAN.place, revision: "canary" } });
    expect(text).toContain("istio.io/rev=canary");
    expect(text).toContain("1 of Istio's kinds are there already");
  });

  it("is a document for programs too", () => {
    const document = istioPlanDocument(PLAN);
    expect(document).toMatchObject({ action: "install", version: "1.31.0", namespace: "istio-system" });
    expect(document.objects).toHaveLength(3);
  });
});

describe("the record of an Istio of ours", () => {
  it("is read as it was written, the overlay under a key of its own", () => {
    const record = { ...RECORD, istio: ownIstio(PLAN) };
    const object = recordObject("proxymeter", record);
    expect(object.data).toMatchObject({ "istio-overlay.yaml": PLAN.overlay });
    expect(parseRecord(object)).toEqual(record);
  });

  it("says what was made for it, and keeps saying so", () => {
    const first = ownIstio(PLAN);
    expect(first).toMatchObject({ hasMadeNamespace: true, hasMadeDefinitions: true });
    const presence = { ...PLAN.presence, hasNamespace: true, definitions: ["a.istio.io"] };
    expect(ownIstio({ ...PLAN, presence, record: { ...RECORD, istio: first } })).toEqual(first);
    expect(ownIstio({ ...PLAN, presence })).toMatchObject({ hasMadeNamespace: false, hasMadeDefinitions: false });
  });
});
