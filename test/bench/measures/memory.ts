// SPDX-License-Identifier: Apache-2.0
/**
 * Memory: what our filter adds to an Envoy with a minimal bootstrap at one and at two workers, and how large Envoy is with a thousand
 * idle tunnels. Every sample is an Envoy of its own, with and without the filter side by side.
 */
import { setTimeout as delay } from "node:timers/promises";
import { bootstrap, listener, tcpFilters } from "../envoy/bootstrap.ts";
import { ourNetworkPlugin } from "../envoy/filters.ts";
import { startGateway } from "../load/outside.ts";
import { exchange, openTunnel, visitMany } from "../load/tunnels.ts";
import { privateBytes, residentBytes } from "../process.ts";
import type { Rig } from "../rig.ts";
import { added, type Series, typical } from "../statistics.ts";
import type { Finding } from "../verdict.ts";
import type { Measure } from "./measure.ts";

const CLUSTER = "outbound|8080||gw.acme.example";
const PAYLOAD = Buffer.alloc(1024, 0x2e);
const MEBIBYTE = 2 ** 20;
const VISITS = 200;
const TUNNELS = 1000;
/** V8 compiles what runs often in the background. */
const SETTLE_MS = 1000;

interface Sample {
  rig: Rig;
  gatewayPort: number;
  isMetered: boolean;
  concurrency: number;
}

export const memory: Measure = {
  name: "memory",
  run: async (rig) => {
    const gateway = await startGateway();
    rig.owns(gateway.stop);
    const pairs = async (concurrency: number, sample: (sample: Sample) => Promise<number>) => {
      const series = { ours: [] as number[], theirs: [] as number[] };
      const rounds = rig.many(11, 2);
      for (let round = 0; round < rounds; round += 1) {
        const at = { rig, gatewayPort: gateway.port, concurrency };
        const [ours, theirs] = await Promise.all([
          sample({ ...at, isMetered: true }),
          sample({ ...at, isMetered: false }),
        ]);
        series.ours.push(ours / MEBIBYTE);
        series.theirs.push(theirs / MEBIBYTE);
        rig.say(`memory, ${concurrency} worker(s): round ${round + 1} of ${rounds}`);
      }
      return series;
    };
    return [
      addedMemory("memory/one", await pairs(1, privateMemory)),
      addedMemory("memory/two", await pairs(2, privateMemory)),
      residentMemory(await pairs(1, withTunnels)),
    ];
  },
};

/** After some traffic, so that nothing is left to be made. */
async function privateMemory(sample: Sample): Promise<number> {
  const envoy = await startOne(sample);
  await visitMany(envoy.ports.get("tunnels") ?? 0, VISITS, 8, PAYLOAD);
  await delay(SETTLE_MS);
  const bytes = privateBytes(envoy.child.pid);
  await envoy.stop();
  return bytes;
}

async function withTunnels(sample: Sample): Promise<number> {
  const envoy = await startOne(sample);
  const port = envoy.ports.get("tunnels") ?? 0;
  const open = async () => {
    const socket = await openTunnel(port);
    await exchange(socket, PAYLOAD);
    return socket;
  };
  const sockets = await Promise.all(Array.from({ length: TUNNELS }, open));
  await delay(SETTLE_MS);
  const bytes = residentBytes(envoy.child.pid);
  for (const socket of sockets) socket.destroy();
  await envoy.stop();
  return bytes;
}

function startOne({ rig, gatewayPort, isMetered, concurrency }: Sample) {
  const filters = isMetered ? [ourNetworkPlugin(rig.modules.filter)] : [];
  const listeners = [listener("tunnels", tcpFilters(CLUSTER, filters))];
  const upstream = { [CLUSTER]: [{ host: "127.0.0.1", port: gatewayPort }] };
  return rig.start({ bootstrap: bootstrap(listeners, upstream), concurrency });
}

type Pair = { ours: Series; theirs: Series };

function addedMemory(id: Finding["id"], { ours, theirs }: Pair): Finding {
  return { id, ours: typical(ours), theirs: typical(theirs), result: added(ours, theirs) };
}

/** Judged as it is, not by what is added. */
function residentMemory({ ours, theirs }: Pair): Finding {
  const result = typical(ours);
  return { id: "memory/tunnels", ours: result, theirs: typical(theirs), result };
}
