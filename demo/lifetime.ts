// SPDX-License-Identifier: Apache-2.0
/**
 * The lifetime of a rig: starts it, hands it over, and ends all of it, whatever happens on the way.
 * What is done with the rig is run.ts and serve/.
 */
import type { DemoFailure } from "./failure.ts";
import { untilAborted } from "./poll.ts";
import { type Rig, type RigOptions, startRig } from "./rig.ts";
import { Teardown } from "./teardown.ts";

/** How the program asks a running command to end. */
export interface Control {
  /** Ends the load or the service; a run then settles and reports. */
  finish: AbortSignal;
  /** Ends everything at once, without a report. */
  abort: AbortSignal;
}

export type RigSettings = Omit<RigOptions, "signal" | "teardown" | "onBroken" | "onStage">;

export interface Lease {
  rig: Rig;
  /** Fires when everything must end at once: on an abort, or when a part has ended on its own. */
  signal: AbortSignal;
  teardown: Teardown;
}

/**
 * Starts a rig, uses it and ends it.
 *
 * @throws DemoFailure when a part can't be started or ends on its own; the reason of `control.abort`
 */
export async function withRig<T>(
  settings: RigSettings,
  { control, onStage }: { control: Control; onStage: (text: string) => void },
  use: (lease: Lease) => Promise<T>,
): Promise<T> {
  const teardown = new Teardown();
  const broken = new AbortController();
  const signal = AbortSignal.any([control.abort, broken.signal]);
  const onBroken = (failure: DemoFailure) => broken.abort(failure);
  try {
    // Before the rig can be used there is nothing to finish: an interrupt then ends everything.
    const starting = AbortSignal.any([signal, control.finish]);
    const rig = await untilAborted(starting, startRig({ ...settings, signal, teardown, onBroken, onStage }));
    return await untilAborted(signal, use({ rig, signal, teardown }));
  } finally {
    onStage("ending all parts");
    await teardown.run();
  }
}
