// SPDX-License-Identifier: Apache-2.0
/**
 * What a scrape takes when the filter holds all the series it may: every destination slot of each vendor used, the budget used up.
 */
import { bootstrap, listener, tcpFilters } from "../envoy/bootstrap.ts";
import { sumOf } from "../envoy/counters.ts";
import { ourNetworkPlugin, VENDORS } from "../envoy/filters.ts";
import { startGateway } from "../load/outside.ts";
import { connectHead, visit } from "../load/tunnels.ts";
import { typical } from "../statistics.ts";
import { poll } from "../../../demo/poll.ts";
import type { Measure } from "./measure.ts";

const PAYLOAD = Buffer.alloc(64, 0x2e);
/** More of each than there is room for. */
const HOSTS = 40;
const POOLS = 8;
/** What is asked for again and again also takes the slots in reserve. */
const HEAVY_VISITS = 60;

export const scrape: Measure = {
  name: "scrape",
  run: async (rig) => {
    const gateway = await startGateway();
    rig.owns(gateway.stop);
    const clusters = VENDORS.map((vendor) => `outbound|8080||gw.${vendor}.example`);
    const listeners = clusters.map((name) => listener(name, tcpFilters(name, [ourNetworkPlugin(rig.modules.filter)])));
    const upstream = [{ host: "127.0.0.1", port: gateway.port }];
    const envoy = await rig.start({
      bootstrap: bootstrap(listeners, Object.fromEntries(clusters.map((name) => [name, upstream]))),
    });
    for (const [index, name] of clusters.entries()) {
      await fill(envoy.ports.get(name) ?? 0);
      rig.say(`scrape: ${index + 1} of ${clusters.length} vendors filled`);
    }
    const ask = () => envoy.ask("/stats/prometheus");
    const isFull = async () => (sumOf(await ask(), "proxymeter_destinations_overflow_total") > 0 ? true : undefined);
    await poll(isFull, { what: "destinations to overflow", deadlineMs: 10_000, signal: rig.signal, hint: "" });
    const samples: number[] = [];
    for (let round = 0; round < rig.many(51, 11); round += 1) {
      const start = performance.now();
      await ask();
      samples.push(performance.now() - start);
    }
    const page = await ask();
    await envoy.stop();
    const series = page.split("\n").filter((line) => line.includes("proxymeter_") && !line.startsWith("#")).length;
    const destinations = new Set(page.match(/destination_host="[^"]+"/g)).size;
    const [time, size] = [typical(samples), typical([Buffer.byteLength(page)])];
    const note = `${series} lines of the filter, ${destinations} destinations, ${sumOf(page, "proxymeter_series")} series`;
    return [
      { id: "scrape/time", ours: time, result: time, note },
      { id: "scrape/size", ours: size, result: size },
    ];
  },
};

async function fill(port: number): Promise<void> {
  const host = (index: number) => `shop-${String(index).padStart(2, "0")}.example`;
  for (let pool = 0; pool < POOLS; pool += 1) {
    for (let index = 0; index < HOSTS; index += 1) {
      await visit(port, PAYLOAD, connectHead(host(index), `cust-zone-pool${pool}-country-us`));
    }
  }
  for (let visits = 0; visits < HEAVY_VISITS; visits += 1) {
    for (let index = HOSTS - 4; index < HOSTS; index += 1) await visit(port, PAYLOAD, connectHead(host(index)));
  }
}
