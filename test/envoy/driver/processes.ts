// SPDX-License-Identifier: Apache-2.0
/**
 * What the kernel says about processes: who started whom, and who is still there. Linux only, as the Envoy builds are.
 */
import { readdirSync, readFileSync } from "node:fs";

/** Processes that were started by this one, in the order of their ids. */
export function childPids(parent: number): number[] {
  return allPids().filter((pid) => field(pid, "PPid") === String(parent));
}

/** Processes that have a text somewhere in their command, in the order of their ids. */
export function pidsMentioning(text: string): number[] {
  return allPids().filter((pid) => read(pid, "cmdline").includes(text));
}

/** False for a process that has ended, even if nobody has asked for its exit code yet. */
export function isRunning(pid: number): boolean {
  const state = field(pid, "State");
  return state !== undefined && !state.startsWith("Z");
}

function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

function field(pid: number, name: string): string | undefined {
  return new RegExp(`^${name}:\\s+(.*)$`, "m").exec(read(pid, "status"))?.[1];
}

/** "" for a process that is not there any more. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
