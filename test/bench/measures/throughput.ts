// SPDX-License-Identifier: Apache-2.0
/**
 * Bulk data through one tunnel, with our filter in front of tcp_proxy and without, each way.
 */
import { startTunnelPair } from "../envoy/pair.ts";
import { interleave } from "../interleave.ts";
import { type Direction, moveBytes } from "../load/bulk.ts";
import { cpuNanoseconds } from "../process.ts";
import { median, ratio, typical } from "../statistics.ts";
import type { Finding } from "../verdict.ts";
import { type Measure, turns } from "./measure.ts";

const GIBIBYTE = 2 ** 30;

export const throughput: Measure = {
  name: "throughput",
  run: async (rig) => {
    const { envoy, ports } = await startTunnelPair(rig);
    const bytes = rig.many(512, 64) * 2 ** 20;
    const findings: Finding[] = [];
    for (const direction of ["sent", "received"] as const) {
      const cpu: Record<string, number[]> = {};
      const moving = (name: "filter" | "none") => async () => {
        const before = cpuNanoseconds(envoy.child.pid);
        const milliseconds = await moveBytes(ports[name], direction, bytes);
        cpu[name] = [...(cpu[name] ?? []), (cpuNanoseconds(envoy.child.pid) - before) / 1e6 / (bytes / GIBIBYTE)];
        return bytes / GIBIBYTE / (milliseconds / 1000);
      };
      const variants = { filter: moving("filter"), none: moving("none") };
      const samples = await interleave(variants, turns(rig, `throughput, ${direction}`, rig.many(31, 5)));
      findings.push(finding(direction, samples, cpu));
    }
    await envoy.stop();
    return findings;
  },
};

type Samples = Awaited<ReturnType<typeof interleave<"filter" | "none">>>;

function finding(direction: Direction, { filter, none }: Samples, cpu: Record<string, number[]>): Finding {
  const [with_, without] = [median(cpu.filter ?? []), median(cpu.none ?? [])];
  return {
    id: `throughput/${direction}`,
    ours: typical(filter),
    theirs: typical(none),
    result: ratio(filter, none),
    note: `Envoy's CPU for a GiB: ${with_.toFixed(0)} ms with the filter, ${without.toFixed(0)} ms without`,
  };
}
