// SPDX-License-Identifier: Apache-2.0
/**
 * Counts of what is desired and ready, and the tree that shows them.
 */
import { describe, expect, it } from "vitest";
import type { PodFacts } from "../../../../installer/status/facts.ts";
import { statusReport } from "../../../../installer/status/report.ts";
import type { ScrapeFacts } from "../../../../installer/status/scrape.ts";
import { statusTree } from "../../../../installer/status/tree.ts";
import { BUILTIN, FULL, PLUGIN, podNamed, showing, withoutSidecar } from "./pods.ts";

const NOBODY = { unknown: "found none" };
const cluster = (pods: readonly PodFacts[], plugins = [PLUGIN], scrape: ScrapeFacts = NOBODY) =>
  statusReport({ context: "test", namespaces: [{ name: "crawl", plugins, pods }], scrape });
const plain = (text: string) => text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g"), "");

const MIXED: readonly PodFacts[] = [
  showing(podNamed("crawler-1", { statTags: [] }), BUILTIN),
  showing(podNamed("crawler-0"), FULL),
  showing(podNamed("faulty-0"), FULL, "proxymeter_config_errors{} 1"),
  { pod: podNamed("deaf-0"), metrics: { unreadable: "503 no route" } },
  { pod: withoutSidecar("bare-0") },
  { pod: { ...withoutSidecar("database-0"), spec: { containers: [], hostNetwork: true } } },
];

describe("the report", () => {
  it("counts at each step the pods that passed the one before", () => {
    expect(cluster(MIXED).counts).toEqual({
      sidecars: { desired: 5, ready: 4 },
      running: { desired: 4, ready: 4 },
      scraped: { desired: 4, ready: 3 },
      metered: { desired: 3, ready: 3 },
      current: { desired: 3, ready: 3 },
      withoutConfigErrors: { desired: 3, ready: 2 },
      builtinEncoding: 1,
      keptOut: 1,
    });
  });

  it("names every pod, in order of name", () => {
    const names = cluster(MIXED).namespaces[0]?.pods.map(({ name }) => name);
    expect(names).toEqual(["bare-0", "crawler-0", "crawler-1", "database-0", "deaf-0", "faulty-0"]);
  });

  it("is ready where all desired pods are, in whichever encoding", () => {
    expect(cluster(MIXED.slice(0, 2)).isReady).toBe(true);
    expect(cluster([...MIXED.slice(0, 2), ...MIXED.slice(-1)]).isReady).toBe(true);
    for (const index of [2, 3, 4]) expect(cluster(MIXED.slice(index, index + 1)).isReady).toBe(false);
  });

  it("is not ready where no namespace is opted in, or one has no plugin of ours", () => {
    expect(statusReport({ context: "test", namespaces: [], scrape: NOBODY }).isReady).toBe(false);
    expect(cluster([], []).isReady).toBe(false);
    expect(cluster([], [PLUGIN]).isReady).toBe(true);
  });
});

describe("with a Prometheus that was asked", () => {
  const heartbeat = (labels: Record<string, string>) => ({ labels, value: 1 });
  const target = {
    pool: "crawl",
    url: "http://10.244.0.7:15020",
    labels: {},
    lastError: "refused",
    intervalSeconds: 15,
  };
  const asked = (...labels: Record<string, string>[]): ScrapeFacts => ({
    value: { where: "monitoring/prometheus", heartbeats: labels.map(heartbeat), targets: [{ ...target, isUp: false }] },
  });
  const pods = MIXED.slice(0, 2);

  it("pods are ready whose heartbeat is there, by pod and namespace or by address", () => {
    expect(cluster(pods, [PLUGIN], asked({ instance: "10.244.0.5:15020" })).isReady).toBe(true);
    const elsewhere = { namespace: "fleet", pod: "crawler-1" };
    const report = cluster(pods, [PLUGIN], asked({ namespace: "crawl", pod: "crawler-0" }, elsewhere));
    expect([report.isReady, report.counts.inPrometheus]).toEqual([false, { desired: 2, ready: 1 }]);
    expect(report.namespaces[0]?.pods.map(({ isInPrometheus }) => isInPrometheus)).toEqual([true, false]);
  });

  it("scrapes that fail are named", () => {
    const text = plain(statusTree(cluster(pods, [PLUGIN], asked())));
    expect(text).toContain("Prometheus monitoring/prometheus: 1 failing scrape\n");
    expect(text).toContain("× cannot scrape http://10.244.0.7:15020: refused");
    expect(text).toContain("0/2 are in Prometheus");
  });
});

describe("the tree", () => {
  it("shows counts, then like pods together under their namespace", () => {
    expect(plain(statusTree(cluster(MIXED)))).toMatchInlineSnapshot(`
      "cluster test
      ├─ 1/1 opted-in namespaces have a plugin of ours
      ├─ pods
      │  ├─ 4/5 have a sidecar
      │  ├─ 4/4 run
      │  ├─ 3/4 answer with their metrics
      │  ├─ 3/3 are metered
      │  ├─ 3/3 have their namespace's module and configuration
      │  ├─ 2/3 have no configuration error
      │  ├─ 1 in the no-restart encoding: fewer labels until they restart
      │  └─ 1 left without a sidecar on purpose
      ├─ × namespace crawl: 2/5 pods ready
      │  ├─ plugin proxymeter-network: release 0.1.0, sha256:0123456789ab, configuration 5e1f0c9a7b3d
      │  ├─ × 1 pod without sidecar (it started before injection was on, or its namespace has no injection)
      │  │    bare-0
      │  ├─ √ 1 pod metered, release 0.1.0, sha256:0123456789ab, configuration 5e1f0c9a7b3d
      │  │    crawler-0
      │  ├─ √ 1 pod metered, release 0.1.0, sha256:0123456789ab, configuration 5e1f0c9a7b3d, no-restart encoding
      │  │    crawler-1
      │  ├─ √ 1 pod left without a sidecar on purpose (sidecar.istio.io/inject is false, or it uses the host's network)
      │  │    database-0
      │  ├─ × 1 pod whose metrics can't be read (503 no route)
      │  │    deaf-0
      │  └─ × 1 pod with configuration errors (proxymeter_config_errors is 1), release 0.1.0, sha256:0123456789ab, configuration 5e1f0c9a7b3d
      │       faulty-0
      └─ Prometheus was not asked: found none"
    `);
  });

  it("names ten ready pods of a kind and counts the rest, but names every pod that is not ready", () => {
    const many = Array.from({ length: 30 }, (_, index) => String(index).padStart(2, "0"));
    const ready = plain(statusTree(cluster(many.map((id) => showing(podNamed(`crawler-${id}`), FULL)))));
    expect(ready).toContain("√ 30 pods metered");
    expect(ready).toContain("crawler-09 and 20 more");
    const deaf = many.map((id) => ({ pod: podNamed(`crawler-${id}`), metrics: { unreadable: "503 no route" } }));
    expect(plain(statusTree(cluster(deaf)))).toContain("crawler-28, crawler-29");
  });
});
