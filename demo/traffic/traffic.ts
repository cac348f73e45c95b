// SPDX-License-Identifier: Apache-2.0
/**
 * The traffic of a run: several loads that start, are read and stop as one. What they are is decided in plan.ts.
 */
import type { DestinationCounts } from "../../loadgen/ledger.ts";
import { type LoadSnapshot, startLoad } from "../../loadgen/run.ts";
import { planLoads, type TrafficOptions } from "./plan.ts";

export interface TrafficSnapshot {
  elapsedMs: number;
  /** Requests with an answer below status 400, and without one. */
  ok: number;
  failed: number;
  /** Visits that were not started because too many were open. */
  dropped: number;
  openVisits: number;
  /** The load generator's own ledger: a row for each pod, way and destination. */
  destinations: DestinationCounts[];
}

export interface Traffic {
  snapshot(): TrafficSnapshot;
  /** Asks nothing more, waits for the answers that are due, and resolves when all is closed. */
  stop(): Promise<TrafficSnapshot>;
}

/** Starts the traffic at once; it goes on until it is stopped. */
export function startTraffic(options: TrafficOptions): Traffic {
  const loads = planLoads(options).map(startLoad);
  return {
    snapshot: () => merge(loads.map((load) => load.snapshot())),
    stop: async () => merge(await Promise.all(loads.map((load) => load.stop()))),
  };
}

function merge(snapshots: readonly LoadSnapshot[]): TrafficSnapshot {
  const sum = (count: (snapshot: LoadSnapshot) => number) => snapshots.reduce((total, one) => total + count(one), 0);
  return {
    elapsedMs: Math.max(...snapshots.map(({ elapsedMs }) => elapsedMs)),
    ok: sum(({ ok }) => ok),
    failed: sum(({ failed }) => failed),
    dropped: sum(({ dropped }) => dropped),
    openVisits: sum(({ openVisits }) => openVisits),
    destinations: snapshots.flatMap(({ destinations }) => destinations),
  };
}
