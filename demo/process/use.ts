// SPDX-License-Identifier: Apache-2.0
/**
 * What a process uses, as the kernel counts it. Linux only, as the Envoy builds are.
 *
 * @see proc_pid_stat(5), proc_pid_status(5)
 */
import { readFileSync } from "node:fs";

export interface ProcessUse {
  name: string;
  /** Time on a processor since its start, in user and in system mode. */
  cpuSeconds: number;
  /** Memory that is in RAM now. */
  residentBytes: number;
}

/** The kernel's tick, the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Use of a running process; undefined for one that has ended. */
export function processUse(name: string, pid: number): ProcessUse | undefined {
  try {
    const [stat, status] = ["stat", "status"].map((file) => readFileSync(`/proc/${pid}/${file}`, "utf8"));
    return { name, cpuSeconds: cpuSeconds(stat ?? ""), residentBytes: residentBytes(status ?? "") };
  } catch {
    return undefined;
  }
}

/** @param stat  content of /proc/PID/stat; the program's name in it may hold blanks and brackets */
export function cpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** @param status  content of /proc/PID/status; 0 for a process that has no memory any more */
export function residentBytes(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
