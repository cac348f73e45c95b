// SPDX-License-Identifier: Apache-2.0
/**
 * What a viewer of a run is: told of each step, and every second of what there is to see. Lines for logs, a live view for terminals.
 */
import type { ProcessUse } from "../process/use.ts";
import type { Sample } from "../prometheus/query.ts";
import type { TrafficSnapshot } from "../traffic/traffic.ts";

/** What can be looked at while there is load. */
export interface Scene {
  durationMs: number | undefined;
  traffic: () => TrafficSnapshot;
  /** The filter's counters, as Prometheus has them now. */
  samples: () => Promise<Sample[]>;
  /** What each pod's Envoy uses, by the pod's name. */
  processes: () => ProcessUse[];
}

export interface Viewer {
  /** A step of the run begins. */
  stage: (text: string) => void;
  /** Called every second while there is load. */
  tick: (scene: Scene) => void;
  /** The load has ended. */
  loaded: (result: TrafficSnapshot) => void;
  /** The run has ended: leaves the terminal as others expect it. */
  close: () => void;
}
