// SPDX-License-Identifier: Apache-2.0
/**
 * Facts of a cluster in order: an Istio, one crawlers' namespace with one pod, one gateway, our plugin. A test changes what it is about.
 */
import { ROOT_NETWORK } from "../../../../filter/core/contract.ts";
import { EXTRA_STAT_TAGS } from "../../../../filter/core/stat-tags.ts";
import type { Outcome } from "../../../../installer/checks/check.ts";
import type { Facts, ObjectFacts, Read } from "../../../../installer/checks/facts.ts";
import { GATHERED, type Plugin, type Pod, type ServiceEntry } from "../../../../installer/checks/kinds.ts";
import { runChecks } from "../../../../installer/checks/run.ts";
import { configHashOf } from "../../../../installer/objects/names.ts";
import type { KubeObject } from "../../../../installer/objects/object.ts";
import { MANAGED_BY, MANAGED_BY_LABEL, OPT_IN_LABEL } from "../../../../installer/objects/target.ts";
import type { PodStatus } from "../../../../installer/status/judgement.ts";
import type { StatusReport } from "../../../../installer/status/report.ts";
import type { VendorsFile } from "../../../../installer/vendors/model.ts";
import { parseVendors } from "../../../../installer/vendors/read.ts";

export const OURS = { [MANAGED_BY_LABEL]: MANAGED_BY };
export const DIGEST = `sha256:${"a".repeat(64)}`;
export const IMAGE = `oci://registry.example/proxymeter@${DIGEST}`;

export const VENDORS: VendorsFile = parseVendors(
  `apiVersion: proxymeter.io/v1
vendors:
  - name: acme
    gateways: [{host: gw.acme.example, addresses: [203.0.113.10], ports: [8080]}]
`,
  "vendors.yaml",
);

const CONFIG_HASH = configHashOf(VENDORS, { parts: { catchAll: true, telemetry: true, monitor: "pod-monitor" } });

export function object(kind: string, name: string, more: object = {}, metadata: object = {}): KubeObject {
  return { apiVersion: "v1", kind, metadata: { name, ...metadata }, ...more };
}

export function namespace(name: string, labels: Record<string, string> = {}): KubeObject {
  return object("Namespace", name, {}, { labels });
}

export const CRAWL = namespace("crawl", { [OPT_IN_LABEL]: "true", "istio-injection": "enabled" });

export interface PodParts {
  annotations?: Record<string, string>;
  labels?: Record<string, string>;
  /** Absent: no sidecar. */
  proxyConfig?: object;
  isNative?: boolean;
  phase?: string;
  args?: string[];
  initArgs?: string[];
  hostNetwork?: boolean;
}

export function pod(name: string, parts: PodParts = {}): Pod {
  const { annotations = {}, labels = {}, proxyConfig, isNative = false, phase = "Running", args, initArgs } = parts;
  const env = [{ name: "PROXY_CONFIG", value: JSON.stringify(proxyConfig) }];
  const sidecar = proxyConfig === undefined ? [] : [{ name: "istio-proxy", env, ...(args && { args }) }];
  const init = initArgs === undefined ? [] : [{ name: "istio-init", args: initArgs }];
  return {
    ...object("Pod", name, {}, { namespace: "crawl", annotations, labels }),
    spec: {
      containers: [{ name: "crawler" }, ...(isNative ? [] : sidecar)],
      initContainers: [...init, ...(isNative ? sidecar : [])],
      ...(parts.hostNetwork && { hostNetwork: true }),
    },
    status: { phase, podIP: "10.244.0.5" },
  };
}

export const TAGGED = { extraStatTags: [...EXTRA_STAT_TAGS] };

export function entry(name: string, spec: ServiceEntry["spec"], labels: Record<string, string> = {}): ServiceEntry {
  return { ...object("ServiceEntry", name, {}, { namespace: "crawl", labels }), spec: spec ?? {} };
}

export const OUR_ENTRY = entry(
  "proxymeter-gw.acme.example",
  {
    hosts: ["gw.acme.example"],
    addresses: ["203.0.113.10"],
    exportTo: ["."],
    resolution: "NONE",
    ports: [{ number: 8080, name: "tcp-8080", protocol: "TCP" }],
  },
  OURS,
);

export function plugin(namespaceName: string, spec: object = {}): Plugin {
  return {
    ...object("WasmPlugin", "proxymeter-network", {}, { namespace: namespaceName, labels: OURS }),
    spec: {
      url: IMAGE,
      failStrategy: "FAIL_OPEN",
      pluginName: ROOT_NETWORK,
      pluginConfig: { config_hash: CONFIG_HASH },
      ...spec,
    },
  };
}

function objectsInOrder(): Record<string, Read<KubeObject[]>> {
  const empty = Object.fromEntries(Object.keys(GATHERED).map((name) => [name, { value: [] }]));
  return {
    ...empty,
    namespaces: { value: [CRAWL] },
    serviceEntries: { value: [OUR_ENTRY] },
    wasmPlugins: { value: [plugin("crawl")] },
  };
}

export const HEARTBEAT = {
  labels: { namespace: "crawl", pod: "crawler-0", job: "proxymeter", instance: "10.244.0.5:15090" },
  value: 100,
};

export const METRICS = {
  where: "http://prometheus.example:9090",
  targets: [
    {
      pool: "podMonitor/proxymeter/proxymeter/0",
      url: "http://10.244.0.5:15090/stats/prometheus",
      labels: { job: "proxymeter", instance: "10.244.0.5:15090" },
      isUp: true,
      lastError: "",
      intervalSeconds: 15,
    },
  ],
  heartbeats: [HEARTBEAT],
  stale: [],
  configErrors: [],
  overflow: [],
  rejects: [],
  clockSkewSeconds: 0.2,
};

/** What runs in the only pod. */
export function statusOf(status: Pick<PodStatus, "state" | "reason">): StatusReport {
  const pods = [{ name: "crawler-0", ...status }];
  return { namespaces: [{ name: "crawl", pods }] } as unknown as StatusReport;
}

export type Changes = Partial<Omit<Facts, "objects">> & { objects?: Record<string, KubeObject[]> };

/** Facts in order, with these changes. */
export function facts({ objects = {}, ...changes }: Changes = {}): Facts {
  const changed = Object.fromEntries(Object.entries(objects).map(([name, value]) => [name, { value }]));
  return {
    stage: "after",
    context: "test",
    api: { value: { gitVersion: "v1.36.1", minor: 36 } },
    rights: { value: [{ verb: "list", group: "", resource: "pods", needed: "check", isAllowed: true }] },
    kinds: { value: Object.values(GATHERED).map(([apiVersion, kind]) => `${apiVersion}/${kind}`) },
    istio: { value: { namespace: "istio-system", revision: "default", version: "1.31.0", minor: 31 } },
    mesh: { value: { defaultConfig: TAGGED } },
    objects: { ...objectsInOrder(), ...changed } as unknown as ObjectFacts,
    pods: { value: [pod("crawler-0", { proxyConfig: TAGGED })] },
    istioPods: { value: [] },
    vendors: { value: VENDORS },
    resolved: { "gw.acme.example": { value: ["203.0.113.10"] } },
    images: { [IMAGE]: { state: "found", detail: DIGEST } },
    rejects: { value: {} },
    running: { value: statusOf({ state: "metered" }) },
    prometheus: { value: METRICS },
    ...changes,
  };
}

/** Facts, and what one check is to say of them: status and a piece of its evidence. */
export type Row = readonly [fact: string, changes: Changes, status: Outcome["status"], evidence?: string | RegExp];

/** What one check says of these facts. */
export function outcomeOf(id: string, changes: Changes = {}): Outcome {
  const results = runChecks(facts(changes)).groups.flatMap(({ checks }) => checks);
  const found = results.find((result) => result.id === id);
  if (found === undefined) throw new Error(`no check "${id}" ran (expected one of ${results.map((one) => one.id)})`);
  return { status: found.status, evidence: found.evidence };
}
