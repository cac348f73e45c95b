// SPDX-License-Identifier: Apache-2.0
/**
 * The dashboards as objects: for Grafana's sidecar, whole, ours, and only where they are wanted.
 */
import { describe, expect, it } from "vitest";
import { dashboardFiles } from "../../../../grafana/dashboards/all.ts";
import { DASHBOARDS } from "../../../../grafana/dashboards/catalogue.ts";
import type { KubeObject } from "../../../../installer/objects/object.ts";
import { objectsOf } from "../../../../installer/objects/objects.ts";
import { toYaml } from "../../../../installer/objects/yaml.ts";
import { goldenVendors, ofKind, PARTS, target } from "./fixtures.ts";

const SMALL = goldenVendors("small");
/** https://kubernetes.io/docs/concepts/configuration/configmap/#motivation */
const LARGEST_BYTES = 1 << 20;

type ConfigMap = KubeObject & { data: Record<string, string> };

function dashboards(dashboards?: boolean): ConfigMap[] {
  const parts = { ...PARTS, ...(dashboards !== undefined && { dashboards }) };
  const maps = ofKind<ConfigMap>(objectsOf(SMALL, target({ parts })), "ConfigMap");
  return maps.filter(({ metadata }) => metadata.labels?.grafana_dashboard !== undefined);
}

describe("dashboards", () => {
  it.each([undefined, false])("are left out unless they are wanted (%s)", (wanted) => {
    expect(dashboards(wanted)).toEqual([]);
  });

  it("are a ConfigMap each, in our namespace, with the label that the sidecar looks for and ours", () => {
    const maps = dashboards(true);
    expect(maps.map(({ metadata }) => metadata.name).sort()).toEqual(
      Object.values(DASHBOARDS)
        .map(({ uid }) => uid)
        .sort(),
    );
    for (const { metadata } of maps) {
      expect(metadata.namespace).toBe("proxymeter");
      expect(metadata.labels).toMatchObject({
        grafana_dashboard: "1",
        "app.kubernetes.io/managed-by": "proxymeter",
        "app.kubernetes.io/component": "dashboards",
      });
    }
  });

  it("hold the checked-in JSON, whole", () => {
    const held = dashboards(true)
      .flatMap(({ data }) => Object.values(data))
      .map((text) => JSON.parse(text));
    const checkedIn = [...dashboardFiles().values()].map((text) => JSON.parse(text));
    const byUid = (a: { uid: string }, b: { uid: string }) => a.uid.localeCompare(b.uid);
    expect(held.sort(byUid)).toEqual(checkedIn.sort(byUid));
  });

  it("fit into ConfigMaps", () => {
    for (const map of dashboards(true)) expect(Buffer.byteLength(toYaml(map))).toBeLessThan(LARGEST_BYTES / 4);
  });
});
