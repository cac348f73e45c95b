// SPDX-License-Identifier: Apache-2.0
/**
 * Which part of the machine a size runs into: told of figures that miss a bar, and of a Prometheus that did not live to be asked.
 */
import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

export interface Machine {
  cores: number;
  memoryBytes: number;
}

/** What a size takes of it. */
export interface Load {
  machine: Machine;
  residentBytes: number;
  /** Of Prometheus before the queries, and of that the rules. */
  cores: number;
  rulesCores: number;
}

/** Above this share of its memory a machine begins to push out what it needs. */
const FULL = 0.85;

export function machineOf(): Machine {
  return { cores: availableParallelism(), memoryBytes: totalmem() };
}

/** Shares of the machine that each part takes before anybody asks, biggest first. */
export function sharesOf({ machine, residentBytes, cores, rulesCores }: Load): [part: string, share: number][] {
  const rules = Math.min(rulesCores, cores);
  const shares: [string, number][] = [
    ["processor of rules", rules / machine.cores],
    ["processor of scrapes and storage", (cores - rules) / machine.cores],
    ["memory", residentBytes / machine.memoryBytes],
  ];
  return shares.sort(([, a], [, b]) => b - a);
}

/** The part that explains a missed bar, where its own work is not the only suspect. */
export function limitingPart(own: string, load: Load): string {
  if (load.residentBytes > FULL * load.machine.memoryBytes) return "memory";
  const [first = own, share = 0] = sharesOf(load).find(([part]) => part.startsWith("processor")) ?? [];
  // With a core to spare nothing waits for another part.
  return share * load.machine.cores > load.machine.cores - 1 ? first : own;
}

/** Why a size was not carried, by how Prometheus was last seen; for a line of talk. */
export function failedAt(pid: number, ending: string | undefined, { memoryBytes }: Machine): string {
  if (ending !== undefined) {
    const isKilled = ending.includes("SIGKILL");
    return `limited by ${isKilled ? "memory: the system killed Prometheus" : `Prometheus, which ended with ${ending}`}`;
  }
  const resident = residentOf(pid);
  const share = `${(resident / 2 ** 30).toFixed(1)} of ${(memoryBytes / 2 ** 30).toFixed(1)} GiB`;
  return resident > FULL * memoryBytes
    ? `limited by memory: Prometheus held ${share}`
    : `limited by the processor of scrapes: Prometheus held ${share} of memory and was still behind`;
}

/** Bytes, of Linux; 0 where the process is gone. */
function residentOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
