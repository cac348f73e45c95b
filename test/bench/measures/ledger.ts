// SPDX-License-Identifier: Apache-2.0
/**
 * What the ledger costs: Envoy's CPU time for a tunnel, and for an HTTP request, with a line written for each and without.
 * The lines are then counted, since a log that writes nothing would be a cheap one.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { accessLogOf } from "../../../demo/envoy/ledger.ts";
import { poll } from "../../../demo/poll.ts";
import { LEDGER_MARK } from "../../../filter/core/access-log.ts";
import { bootstrap, httpFilters, listener, siteFilters, tcpFilters } from "../envoy/bootstrap.ts";
import { ourHttpPlugin, ourNetworkPlugin, settings, VENDOR_HEADER } from "../envoy/filters.ts";
import { interleave } from "../interleave.ts";
import { startGateway } from "../load/outside.ts";
import { ANSWER_END, openRequests } from "../load/requests.ts";
import { visitMany } from "../load/tunnels.ts";
import { cpuNanoseconds } from "../process.ts";
import type { Rig } from "../rig.ts";
import { figure, median, type Series, typical } from "../statistics.ts";
import type { Finding } from "../verdict.ts";
import { type Measure, turns } from "./measure.ts";

const GATEWAY = "outbound|8080||gw.acme.example";
const SITE = "outbound|80||api.acme.example";
const ROUTE = { route: { cluster: SITE, timeout: "0s" } };
const PAYLOAD = Buffer.alloc(1024, 0x2e);
const AT_A_TIME = 32;
const WARM_UP = 3;
const HEAD = `GET /products HTTP/1.1\r\nhost: shop-01.example\r\n${VENDOR_HEADER}: acme\r\n\r\n`;
const POD = { name: "crawler-0", namespace: "crawl", labels: { app: "crawler" } };
/** Envoy writes its log out every ten seconds. */
const WRITTEN_MS = 20_000;

type Way = "off" | "on";

export const ledger: Measure = {
  name: "ledger",
  run: async (rig) => [await measureTunnels(rig), await measureRequests(rig)],
};

/** What both ways have in common, and what the ledger adds to the second. */
function waysOf(rig: Rig, name: string) {
  const file = join(rig.folder, `${name}.jsonl`);
  const { access_log: accessLog = [] } = accessLogOf(POD, { file, intervalSeconds: 60 });
  return { file, accessLog, plans: { off: settings(), on: settings({ ledger: true }) } };
}

async function measureTunnels(rig: Rig): Promise<Finding> {
  const gateway = await startGateway();
  rig.owns(gateway.stop);
  const { file, accessLog, plans } = waysOf(rig, "tunnels");
  const chain = (way: Way, more: object) =>
    tcpFilters(GATEWAY, [ourNetworkPlugin(rig.modules.filter, plans[way])], more);
  const listeners = [listener("off", chain("off", {})), listener("on", chain("on", { access_log: accessLog }))];
  const envoy = await rig.start({
    bootstrap: bootstrap(listeners, { [GATEWAY]: [{ host: "127.0.0.1", port: gateway.port }] }),
  });
  const count = rig.many(512, 128);
  const sample = (way: Way) => async () => {
    const before = cpuNanoseconds(envoy.child.pid);
    await visitMany(envoy.ports.get(way) ?? 0, count, AT_A_TIME, PAYLOAD);
    return (cpuNanoseconds(envoy.child.pid) - before) / count / 1000;
  };
  const rounds = rig.many(61, 7);
  const samples = await interleave(
    { off: sample("off"), on: sample("on") },
    turns(rig, "ledger/tunnel", rounds, WARM_UP),
  );
  await expectLines(rig, file, (rounds + WARM_UP) * count);
  await envoy.stop();
  return added("ledger/tunnel", samples, file);
}

async function measureRequests(rig: Rig): Promise<Finding> {
  const body = `${"x".repeat(512 - ANSWER_END.length)}${ANSWER_END}`;
  const site = await rig.start({
    bootstrap: bootstrap([listener("site", siteFilters(body))], {}),
    place: "with the load",
  });
  const { file, accessLog, plans } = waysOf(rig, "requests");
  const chain = (way: Way, logs: readonly object[]) =>
    httpFilters(ROUTE, { filters: [ourHttpPlugin(rig.modules.filter, way, plans[way])], accessLog: logs });
  const listeners = [listener("off", chain("off", [])), listener("on", chain("on", accessLog))];
  const upstream = [{ host: "127.0.0.1", port: site.ports.get("site") ?? 0 }];
  const envoy = await rig.start({ bootstrap: bootstrap(listeners, { [SITE]: upstream }) });
  const requests = rig.many(1280, 640);
  const sample = async (way: Way) => {
    const load = await openRequests(envoy.ports.get(way) ?? 0, [HEAD], AT_A_TIME);
    rig.owns(() => load.close());
    return async () => {
      const before = cpuNanoseconds(envoy.child.pid);
      await load.run(requests);
      return (cpuNanoseconds(envoy.child.pid) - before) / requests / 1000;
    };
  };
  const rounds = rig.many(61, 7);
  const samplers = { off: await sample("off"), on: await sample("on") };
  const samples = await interleave(samplers, turns(rig, "ledger/request", rounds, WARM_UP));
  await expectLines(rig, file, (rounds + WARM_UP) * requests);
  await envoy.stop();
  await site.stop();
  return added("ledger/request", samples, file);
}

function linesOf(file: string): string[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.startsWith(LEDGER_MARK));
}

async function expectLines(rig: Rig, file: string, wanted: number): Promise<void> {
  await poll(() => (linesOf(file).length === wanted ? true : undefined), {
    what: `${wanted} lines of the ledger`,
    deadlineMs: WRITTEN_MS,
    signal: rig.signal,
    detail: () => `, of which ${linesOf(file).length} are there`,
    hint: "",
  });
}

/** Relative to the round's sample without a ledger: other work on the machine slows both by a factor. */
function added(id: "ledger/tunnel" | "ledger/request", { off, on }: Record<Way, Series>, file: string): Finding {
  const result = figure({ off, on }, (drawn) => {
    const shares = drawn.on.map((sample, round) => sample / (drawn.off[round] ?? Number.NaN) - 1);
    return median(shares) * median(drawn.off);
  });
  const lines = linesOf(file);
  const bytes = Math.round(lines.join("\n").length / lines.length);
  return { id, ours: typical(on), theirs: typical(off), result, note: `a line has ${bytes} bytes` };
}
