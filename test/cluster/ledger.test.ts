// SPDX-License-Identifier: Apache-2.0
/**
 * The ledger on a running sidecar: istiod merges our access log into its listeners, and what the sidecar then writes to its
 * standard output is, to the byte, what the relay read. Collecting the output is the cluster's affair.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import type { LedgerLine } from "../../bill/ledger/line.ts";
import { parseLedgerLine } from "../../bill/ledger/parse.ts";
import { INFO, LABEL_CONFIG_HASH } from "../../filter/core/contract.ts";
import { configHashOf } from "../../installer/objects/names.ts";
import { type KubeObject, nameOf } from "../../installer/objects/object.ts";
import { objectsOf } from "../../installer/objects/objects.ts";
import type { Target } from "../../installer/objects/target.ts";
import { parseVendors } from "../../installer/vendors/read.ts";
import { actual, logOnFailure } from "./balance.ts";
import { matching } from "./counters.ts";
import type { Tunnel } from "./crawler.ts";
import { gateway } from "./manifests.ts";
import { CRAWL } from "./objects.ts";
import { until } from "./poll.ts";
import { type Rig, startRig } from "./rig.ts";
import { istioMinor } from "./tools.ts";

/** globex is not declared: its traffic takes the catch-all. */
const VENDORS = parseVendors(
  `apiVersion: proxymeter.io/v1
vendors:
  - name: acme
    gateways: [{host: gw.acme.example, addresses: [${gateway("acme").address}], ports: [${gateway("acme").port}]}]
  - name: globex
    cidrs: [${gateway("globex").address}/32]
`,
  "ledger",
);
const CRAWLER_KINDS = ["WasmPlugin", "EnvoyFilter", "ServiceEntry"];
/** An interval of a second, a tick, a flush of the log, and a busy machine. */
const WRITTEN_MS = 30_000;

function targetFor(rig: Rig): Target {
  const { url } = rig.registry.publish(rig.filter);
  return {
    ...{ release: "0.1.0", systemNamespace: "proxymeter", namespaces: [CRAWL], optionalKinds: new Set() },
    istio: { namespace: "istio-system", minor: istioMinor() },
    module: { url, digest: url.replace(/^.*@/, "") },
    parts: { catchAll: true, telemetry: false, monitor: "none", ledgerSeconds: 1 },
  };
}

describe("the ledger of a sidecar", () => {
  let rig: Rig;
  let objects: KubeObject[] = [];
  let open: Tunnel;

  beforeAll(async () => {
    rig = await startRig(inject("plane"), { pod: "crawler-0", drainSeconds: 4 });
    const target = targetFor(rig);
    objects = objectsOf(VENDORS, target).filter(({ kind }) => CRAWLER_KINDS.includes(kind));
    await rig.kube.apply(...objects);
    const labels = { [LABEL_CONFIG_HASH]: configHashOf(VENDORS, target) };
    await until(async () => matching(await rig.samples(), INFO, labels).length > 0, {
      what: `${INFO} with the configuration's hash`,
      detail: rig.sidecar.daemon.log,
    });
  });
  afterAll(async () => {
    for (const object of objects) await rig?.kube.remove(object);
    await rig?.close();
  });
  beforeEach((context) => logOnFailure(context, rig));

  const linesOf = (vendor: string): LedgerLine[] =>
    rig.sidecar.daemon
      .log(10_000)
      .split("\n")
      .flatMap((text) => parseLedgerLine(text) ?? [])
      .filter((line) => line.vendor === vendor);

  const whenWritten = async (vendor: string, isGood: (lines: LedgerLine[]) => boolean) => {
    await until(() => Promise.resolve(isGood(linesOf(vendor))), {
      what: `the ledger of "${vendor}" as wanted`,
      detail: () => JSON.stringify(linesOf(vendor), null, 1),
      timeoutMs: WRITTEN_MS,
    });
    return linesOf(vendor);
  };

  it("is an EnvoyFilter that the sidecar takes", async () => {
    expect(objects.map(nameOf)).toContain("EnvoyFilter crawl/proxymeter-ledger");
    const dump = await rig.sidecar.admin("/config_dump?include_eds");
    expect([...dump.matchAll(/"details": "([^"]*)"/g)].map(([, details]) => details)).toEqual([]);
    expect(dump).toContain('"access_log_flush_interval": "1s"');
  });

  it.each(["acme", "globex"])(
    "has the bytes of %s that the relay read, and says where the crawler runs",
    async (vendor) => {
      const tunnel = await rig.open(vendor, "shop-01.example");
      await tunnel.download(100_000);
      await tunnel.upload(20_000);
      await tunnel.close();
      const [line, ...others] = (
        await whenWritten(vendor, (lines) => lines.some(({ isInterim }) => !isInterim))
      ).filter(({ isInterim }) => !isInterim);
      expect(others).toEqual([]);
      const { requests, sentBytes, receivedBytes } = actual(rig, vendor);
      expect(line).toMatchObject({
        ...{
          requests,
          sentBytes,
          receivedBytes,
          protocol: "connect",
          outcome: "ok",
          destinationHost: "shop-01.example",
        },
        ...{ pod: "crawler-0", namespace: CRAWL, workload: "crawler", node: "node-0" },
        gateway: `${gateway(vendor).address}:${gateway(vendor).port}`,
      });
    },
  );

  it("has interim lines of a tunnel that stays open", async () => {
    open = await rig.open("acme", "shop-02.example");
    await open.download(50_000);
    const isOpen = ({ isInterim, destinationHost, receivedBytes }: LedgerLine) =>
      isInterim && destinationHost === "shop-02.example" && receivedBytes > 50_000;
    const lines = await whenWritten("acme", (found) => found.filter(isOpen).length >= 2);
    expect(new Set(lines.filter(isOpen).map(({ connection }) => connection)).size).toBe(1);
    await open.close();
  });

  it("writes no line for connections that are not metered", () => {
    const marked = rig.sidecar.daemon
      .log(10_000)
      .split("\n")
      .filter((text) => text.includes('{"proxymeter":1,'));
    expect(marked.filter((text) => (parseLedgerLine(text) ?? []).length === 0)).toEqual([]);
  });
});
