// SPDX-License-Identifier: Apache-2.0
/**
 * The module itself: how large it is, and how soon after its configuration reaches a running Envoy the first request is counted,
 * beside the time that the same listener without a filter takes for its first tunnel.
 */
import { renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Envoy, listenerPorts } from "../../../demo/envoy/envoy.ts";
import { bootstrap, listener, tcpFilters } from "../envoy/bootstrap.ts";
import { sumOf } from "../envoy/counters.ts";
import { ourNetworkPlugin } from "../envoy/filters.ts";
import { startGateway } from "../load/outside.ts";
import { visit } from "../load/tunnels.ts";
import type { Rig } from "../rig.ts";
import { added, typical } from "../statistics.ts";
import type { Measure } from "./measure.ts";

const CLUSTER = "outbound|8080||gw.acme.example";
const LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener";
const PAYLOAD = Buffer.alloc(64, 0x2e);
const STATS = "/stats/prometheus?filter=proxymeter_vendor_requests_total";

export const module: Measure = {
  name: "module",
  run: async (rig) => {
    const size = typical([statSync(rig.modules.filter).size]);
    const gateway = await startGateway();
    rig.owns(gateway.stop);
    const samples = { metered: [] as number[], plain: [] as number[] };
    const rounds = rig.many(11, 3);
    for (let round = 0; round < rounds; round += 1) {
      samples.metered.push(await untilReady(rig, gateway.port, true));
      samples.plain.push(await untilReady(rig, gateway.port, false));
      rig.say(`module: round ${round + 1} of ${rounds}`);
    }
    const metered = typical(samples.metered);
    const note = `${added(samples.metered, samples.plain).value.toFixed(1)} ms of it is the filter's`;
    return [
      { id: "module/size", ours: size, result: size },
      { id: "module/ready", ours: metered, theirs: typical(samples.plain), result: metered, note },
    ];
  },
};

/** Milliseconds from the moment that a listener appears in the file that Envoy watches until its first request is counted. */
async function untilReady(rig: Rig, gatewayPort: number, isMetered: boolean): Promise<number> {
  const file = join(rig.folder, "listeners.json");
  const filters = isMetered ? [ourNetworkPlugin(rig.modules.filter)] : [];
  const plan = bootstrap([], { [CLUSTER]: [{ host: "127.0.0.1", port: gatewayPort }] });
  writeFileSync(file, JSON.stringify({ resources: [] }));
  const envoy = await rig.start({
    bootstrap: { ...plan, dynamic_resources: watching(file) },
    place: "anywhere",
  });
  const made = { "@type": LISTENER, ...listener("tunnels", tcpFilters(CLUSTER, filters)) };
  writeFileSync(`${file}.new`, JSON.stringify({ resources: [made] }));
  const start = performance.now();
  renameSync(`${file}.new`, file);
  await visit(await untilListening(rig, envoy), PAYLOAD);
  if (isMetered) await untilCounted(rig, envoy);
  const elapsed = performance.now() - start;
  await envoy.stop();
  return elapsed;
}

function watching(path: string) {
  return { lds_config: { resource_api_version: "V3", path_config_source: { path } } };
}

/** Asked of the thread that also loads the module, so asking takes nothing away from that. */
async function untilListening(rig: Rig, envoy: Envoy): Promise<number> {
  for (;;) {
    rig.signal.throwIfAborted();
    const port = listenerPorts(await envoy.ask("/listeners?format=json")).get("tunnels");
    if (port !== undefined) return port;
  }
}

async function untilCounted(rig: Rig, envoy: Envoy): Promise<void> {
  while (sumOf(await envoy.ask(STATS), "proxymeter_vendor_requests_total") === 0) rig.signal.throwIfAborted();
}
