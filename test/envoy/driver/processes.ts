// SPDX-License-Identifier: Apache-2.0
/**
 * What the kernel says about processes: who started whom, and who is still there. Linux only, as the Envoy builds are.
 */
import { readdirSync, readFileSync } from "node:fs";

/** Processes that were started by this one, in the order of their ids. */
export function childPids(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => field(pid, "PPid") === String(parent))
    .sort((a, b) => a - b);
}

/** False for a process that has ended, even if nobody has asked for its exit code yet. */
export function isRunning(pid: number): boolean {
  const state = field(pid, "State");
  return state !== undefined && !state.startsWith("Z");
}

function field(pid: number, name: string): string | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return new RegExp(`^${name}:\\s+(.*)$`, "m").exec(status)?.[1];
  } catch {
    return undefined;
  }
}
