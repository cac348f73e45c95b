// SPDX-License-Identifier: Apache-2.0
/**
 * New tunnels: CONNECT, 1 KB each way, the end. How many a second pass with our filter and without, and how many one worker of Envoy
 * could carry by the CPU it spends on one, which does not depend on how fast the clients are.
 */
import { expectCounted } from "../envoy/counters.ts";
import { startTunnelPair } from "../envoy/pair.ts";
import { interleave } from "../interleave.ts";
import { visitMany } from "../load/tunnels.ts";
import { cpuNanoseconds } from "../process.ts";
import { ratio, type Series, typical } from "../statistics.ts";
import { type Measure, turns } from "./measure.ts";

const PAYLOAD = Buffer.alloc(1024, 0x2e);
const AT_A_TIME = 32;
const WARM_UP = 3;

export const tunnels: Measure = {
  name: "tunnels",
  run: async (rig) => {
    const { envoy, ports } = await startTunnelPair(rig);
    const count = rig.many(512, 128);
    const rounds = rig.many(61, 7);
    const perCpuSecond: Record<string, number[]> = { filter: [], none: [] };
    const opening = (name: "filter" | "none") => async () => {
      const before = cpuNanoseconds(envoy.child.pid);
      const start = performance.now();
      await visitMany(ports[name], count, AT_A_TIME, PAYLOAD);
      const seconds = (performance.now() - start) / 1000;
      perCpuSecond[name]?.push(count / ((cpuNanoseconds(envoy.child.pid) - before) / 1e9));
      return count / seconds;
    };
    const samples = await interleave(
      { filter: opening("filter"), none: opening("none") },
      turns(rig, "tunnels", rounds, WARM_UP),
    );
    await expectCounted(envoy, { proxymeter_vendor_requests_total: (rounds + WARM_UP) * count }, rig.signal);
    await envoy.stop();
    const kept = (name: string): Series => perCpuSecond[name]?.slice(WARM_UP) ?? [];
    const [filter, none] = [kept("filter"), kept("none")];
    const note = `Envoy's CPU for a tunnel: ${cost(filter)} us with the filter, ${cost(none)} us without`;
    return [
      {
        id: "tunnels/rate",
        ours: typical(samples.filter),
        theirs: typical(samples.none),
        result: ratio(samples.filter, samples.none),
      },
      { id: "tunnels/carried", ours: typical(filter), theirs: typical(none), result: ratio(filter, none), note },
    ];
  },
};

function cost(perSecond: Series): string {
  return (1e6 / typical(perSecond).value).toFixed(1);
}
