// SPDX-License-Identifier: Apache-2.0
/**
 * Pods and their metrics for the tests of `status`: one that is metered, and changes of it.
 */
import { EXTRA_STAT_TAGS } from "../../../../filter/core/stat-tags.ts";
import type { Pod } from "../../../../installer/checks/kinds.ts";
import { parseOurSamples } from "../../../../installer/cluster/exposition.ts";
import { relabelled } from "../../../../installer/cluster/relabelling.ts";
import type { InstalledPlugin, PodFacts } from "../../../../installer/status/facts.ts";

export const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
export const PLUGIN: InstalledPlugin = {
  name: "proxymeter-network",
  release: "0.1.0",
  digest: DIGEST,
  configHash: "5e1f0c9a7b3d",
};

export const FULL = `proxymeter_info{release="0.1.0",digest="${DIGEST}",encoding="full",config_hash="5e1f0c9a7b3d"} 1`;
export const BUILTIN = `proxymeter_info{component="0-1-0",cache="builtin",tag="${DIGEST}/5e1f0c9a7b3d"} 1`;

export function podNamed(name: string, { statTags = EXTRA_STAT_TAGS as readonly string[] | undefined } = {}): Pod {
  const proxyConfig = JSON.stringify({ extraStatTags: statTags });
  const sidecar = { name: "istio-proxy", env: [{ name: "PROXY_CONFIG", value: proxyConfig }] };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "crawl" },
    spec: { containers: [{ name: "crawler" }, sidecar] },
    status: { phase: "Running", podIP: "10.244.0.5" },
  };
}

export function withoutSidecar(name: string): Pod {
  return { ...podNamed(name), spec: { containers: [{ name: "crawler" }] } };
}

/** A pod that exposes these lines. */
export function showing(pod: Pod, ...lines: readonly string[]): PodFacts {
  return { pod, metrics: { samples: parseOurSamples(lines.join("\n")).map(relabelled) } };
}
