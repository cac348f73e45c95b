// SPDX-License-Identifier: Apache-2.0
/**
 * Which targets of a pod are one process: two that are scraped at once, or one whose labels changed. Their counters are the same
 * counters and count once, whatever labels they are under. Decided by the heartbeat, which grows as long as the process. Pure.
 */
import type { Labels } from "./growth.ts";

/** A set of labels under which a pod was scraped, as its heartbeats have it. Times are seconds of the epoch. */
export interface TargetLife {
  labels: Labels;
  /** The first and the last time that it was seen, to the minute. */
  first: number;
  last: number;
  /** Heartbeat at its first and its last sample: seconds of work of all its workers together. */
  firstBeat: number;
  lastBeat: number;
}

/** Targets of one process, by when they were seen first. */
export type Process = readonly TargetLife[];

/** How well seconds are known, times two, and the scrapes between. */
const SLACK_SECONDS = 150;
/** Share by which a heartbeat may go slower or faster for a while: between two known values, and after the last one. */
const SLACK_SHARE = { between: 0.02, after: 0.2 } as const;
/** After the last known value, however long that is ago: two short lives with a long outage between are not one. */
const MOST_DRIFT_SECONDS = 600;

/** The processes behind the targets of one namespace and pod name. */
export function processesOf(targets: readonly TargetLife[]): Process[] {
  const processes: TargetLife[][] = [];
  for (const target of [...targets].sort((a, b) => a.first - b.first || a.last - b.last)) {
    const own = processes.find((members) => members.some((member) => isSameProcess(member, target)));
    if (own === undefined) processes.push([target]);
    else own.push(target);
  }
  return processes;
}

/**
 * A process taken apart where counters fell from one target to a later one: what began anew within an outage of scrapes may have a
 * heartbeat as if it had not.
 *
 * @param valuesOf  last known value of each counter of a target
 */
export function apartWhereFallen(
  process: Process,
  valuesOf: (target: TargetLife) => ReadonlyMap<string, number>,
): Process[] {
  const parts: TargetLife[][] = [];
  let highest = new Map<string, number>();
  for (const target of [...process].sort((a, b) => a.first - b.first || a.last - b.last)) {
    const values = [...valuesOf(target)];
    const part = parts.at(-1);
    const hasFallen = values.some(([counter, value]) => value < (highest.get(counter) ?? 0));
    const isAfter = part?.every(({ last }) => target.first > last + SLACK_SECONDS) ?? true;
    if (part !== undefined && !(isAfter && hasFallen)) part.push(target);
    else {
      parts.push([target]);
      highest = new Map();
    }
    for (const [counter, value] of values) highest.set(counter, Math.max(value, highest.get(counter) ?? 0));
  }
  return parts;
}

/** Seconds that targets of one process were seen beside another one of it. */
export function doubledSeconds(process: Process, from: number, to: number): number {
  let seen = from;
  let doubled = 0;
  for (const { first, last } of process) {
    const [begin, end] = [Math.max(first, from), Math.min(last, to)];
    doubled += Math.max(0, Math.min(end, seen) - begin);
    seen = Math.max(seen, end);
  }
  return doubled;
}

/** Whether a later target goes on with the heartbeat of an earlier one. */
function isSameProcess(earlier: TargetLife, later: TargetLife): boolean {
  const isBeside = later.first < earlier.last;
  // The same name in two clusters is two pods; labels that replace others may be any.
  if (isBeside && (earlier.labels.cluster ?? "") !== (later.labels.cluster ?? "")) return false;
  // What began anew begins at 0.
  if (!isBeside && later.firstBeat < earlier.lastBeat) return false;
  const pace = paceOf(earlier) ?? paceOf(later) ?? 1;
  const [since, beat] = isBeside ? [earlier.first, earlier.firstBeat] : [earlier.last, earlier.lastBeat];
  const elapsed = later.first - since;
  const drift = isBeside ? SLACK_SHARE.between * elapsed : Math.min(SLACK_SHARE.after * elapsed, MOST_DRIFT_SECONDS);
  const slack = pace * (SLACK_SECONDS + drift);
  return Math.abs(later.firstBeat - (beat + pace * elapsed)) <= slack;
}

/** Heartbeats a second, about the number of workers; undefined where it was not seen for long enough. */
function paceOf({ first, last, firstBeat, lastBeat }: TargetLife): number | undefined {
  return last - first >= SLACK_SECONDS && lastBeat > firstBeat ? (lastBeat - firstBeat) / (last - first) : undefined;
}
