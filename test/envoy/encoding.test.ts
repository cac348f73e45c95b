// SPDX-License-Identifier: Apache-2.0
/**
 * A sidecar that was started without our stat tags: what the filter counts there arrives in Prometheus under the same names
 * and labels as everywhere else, by the tags every Istio sidecar has and the scrape's relabelling.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { poll } from "../../demo/poll.ts";
import type { Child } from "../../demo/process/child.ts";
import { prometheusConfig } from "../../demo/prometheus/config.ts";
import { type Prometheus, startPrometheus } from "../../demo/prometheus/prometheus.ts";
import * as contract from "../../filter/core/contract.ts";
import { openEnds, part, speak } from "./driver/conversation.ts";
import { type Sidecar, startSidecar } from "./driver/sidecar.ts";
import { bytes, head, type Turn } from "./ways/way.ts";

const POD = { name: "crawler-0", namespace: "crawl", labels: {} };
const DEADLINE_MS = 20_000;

const CREDENTIALS = Buffer.from("crawl-zone-res.1-country-de:s3cret").toString("base64");
/** A host that Istio's own tags would cut labels out of. */
const HOST = "imgcache.pricetag.example";

const CONNECT: Turn[] = [
  [">", head(`CONNECT ${HOST}:8443 HTTP/1.1`, `Proxy-Authorization: Basic ${CREDENTIALS}`)],
  ["<", head("HTTP/1.1 200 Connection Established")],
  [">", bytes("ping")],
  ["<", bytes("pong!")],
];

let sidecar: Sidecar;
let prometheus: Prometheus;
const children: Child[] = [];
const folder = mkdtempSync(join(tmpdir(), "proxymeter-test-"));

beforeAll(async () => {
  sidecar = await startSidecar({ lanes: [{ vendor: "acme" }], extraStatTags: [] });
  prometheus = await startPrometheus({
    config: prometheusConfig([{ address: sidecar.envoy.admin, pod: POD }]),
    folder,
    port: 0,
    signal: AbortSignal.timeout(DEADLINE_MS),
    onChild: (child) => children.push(child),
  });
  const ends = await openEnds(sidecar.lane("acme"));
  await speak(ends, CONNECT);
  await part(ends);
});
afterAll(async () => {
  for (const child of children) await child.stop();
  await sidecar.stop();
  rmSync(folder, { recursive: true });
});

/** Labels of the only series of a metric with a value above 0, without those of the scrape. */
async function onlySeries(metric: string): Promise<Record<string, string>> {
  const found = await poll(
    async () => {
      const samples = await prometheus.query(`${metric} > 0`);
      return samples.length > 0 ? samples : undefined;
    },
    {
      what: `a sample of ${metric}`,
      deadlineMs: DEADLINE_MS,
      signal: new AbortController().signal,
      detail: () => sidecar.log.tail(),
      hint: "see the rules in filter/core/relabel.ts",
    },
  );
  expect(found).toHaveLength(1);
  const { __name__, instance, job, ...labels } = found[0]?.labels ?? {};
  return labels;
}

const SCRAPED = { pod: "crawler-0", namespace: "crawl", workload: "crawler" };
const VENDOR = { ...SCRAPED, proxy_vendor: "acme" };

describe("without our stat tags", () => {
  it("the exposition names each stat by its metric and holds the values in built-in tags", async () => {
    const names = new Set((await sidecar.samples()).map(({ name }) => name));
    expect(names).toContain(contract.SENT_BYTES);
    expect([...names].filter((name) => name.includes("___"))).toEqual([]);
  });

  it.each([
    [contract.VENDOR_REQUESTS, VENDOR],
    [contract.VENDOR_SENT_BYTES, VENDOR],
    [contract.COUNTRY_SENT_BYTES, { ...VENDOR, proxy_country: "de" }],
    [
      contract.REQUESTS,
      { ...VENDOR, proxy_pool: "res_1", protocol: "connect", destination_host: `${HOST}:8443`, response_code: "200" },
    ],
    [contract.SENT_BYTES, { ...VENDOR, proxy_pool: "res_1", protocol: "connect", destination_host: `${HOST}:8443` }],
    [
      contract.RECEIVED_BYTES,
      { ...VENDOR, proxy_pool: "res_1", protocol: "connect", destination_host: `${HOST}:8443` },
    ],
    [contract.OVERHEAD_SENT_BYTES, { ...VENDOR, kind: "proxy_handshake" }],
    [contract.CONNECTIONS, { ...VENDOR, protocol: "connect" }],
    [contract.TUNNEL_TURNS, { ...VENDOR, destination_host: `${HOST}:8443` }],
    [`${contract.HANDSHAKE_MILLISECONDS}_count`, { ...VENDOR, result: "ok" }],
  ])("%s arrives with its labels", async (metric, want) => {
    expect(await onlySeries(metric)).toEqual(want);
  });

  it("proxymeter_info says which encoding this is", async () => {
    expect(await onlySeries(contract.INFO)).toMatchObject({ ...SCRAPED, encoding: "builtin", release: "0-1-0" });
  });
});
