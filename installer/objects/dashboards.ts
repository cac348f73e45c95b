// SPDX-License-Identifier: Apache-2.0
/**
 * The dashboards as ConfigMaps that Grafana's sidecar loads: one for each file of grafana/dashboards/json, which is read
 * as the manifests of istio/ are. What a dashboard shows is decided there.
 */
import { readdirSync, readFileSync } from "node:fs";
import { baseOf } from "./base.ts";
import { placed } from "./labels.ts";
import type { KubeObject } from "./object.ts";
import type { Target } from "./target.ts";

const FILE = "90-dashboard.yaml";
const FOLDER = new URL("../../grafana/dashboards/json/", import.meta.url);
/** What the sidecar looks for unless it is told otherwise. */
const SIDECAR_LABEL = "grafana_dashboard";

/** In order of name; their JSON without white space, as a ConfigMap holds no more than 1 MiB. */
export function dashboardsOf(target: Target): KubeObject[] {
  if (!target.parts.dashboards) return [];
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
  return files.sort().map((file) => dashboardOf(readFileSync(new URL(file, FOLDER), "utf8"), target));
}

function dashboardOf(text: string, target: Target): KubeObject {
  const dashboard = JSON.parse(text) as { uid: string };
  const base = baseOf<{ data: Record<string, string> }>(FILE, "ConfigMap");
  const written: KubeObject = { ...base, data: { [`${dashboard.uid}.json`]: JSON.stringify(dashboard) } };
  const place = { name: dashboard.uid, namespace: target.systemNamespace, component: "dashboards" } as const;
  const object = placed(written, place, target);
  const label = base.metadata.labels?.[SIDECAR_LABEL] ?? "";
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, [SIDECAR_LABEL]: label } } };
}
