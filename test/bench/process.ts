// SPDX-License-Identifier: Apache-2.0
/**
 * What Linux says of a process: processor time, memory; and where it may run.
 * Knows nothing of what the process does.
 *
 * @see man 5 proc
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

const KIBIBYTE = 1024;

/** Nanoseconds that all threads of a process have run so far, in user and kernel mode. */
export function cpuNanoseconds(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + threadNanoseconds(pid, task), 0);
}

// A thread may end between being listed and being read.
function threadNanoseconds(pid: number, task: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ", 1)[0]);
  } catch {
    return 0;
  }
}

/** Bytes of memory that a process has to itself. Clean pages are the program's file, which all sidecars of a machine share. */
export function privateBytes(pid: number): number {
  return kibibytes(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"), "Private_Dirty");
}

export function residentBytes(pid: number): number {
  return kibibytes(readFileSync(`/proc/${pid}/status`, "utf8"), "VmRSS");
}

function kibibytes(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? Number.NaN) * KIBIBYTE;
}

/** Processors for the Envoy that is measured, and for everything else; undefined where they can't be kept apart. */
export interface Places {
  envoy: string;
  rest: string;
}

/** Moves all of this process to the place for the rest. */
export function separate(): Places | undefined {
  const count = availableParallelism();
  if (count < 2) return undefined;
  const places = { envoy: "0", rest: count === 2 ? "1" : `1-${count - 1}` };
  return pin(process.pid, places.rest) ? places : undefined;
}

/** Lets all threads of a process run on these processors only; false where the machine has no means to. */
export function pin(pid: number, processors: string): boolean {
  try {
    execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", processors, String(pid)], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
