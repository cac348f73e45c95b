// SPDX-License-Identifier: Apache-2.0
/**
 * What a measure is: a name to choose it by, and a run on the rig that ends with its findings.
 */
import type { Rig } from "../rig.ts";
import type { Turns } from "../interleave.ts";
import type { Finding } from "../verdict.ts";

export interface Measure {
  /** For `--only`. */
  name: string;
  run(rig: Rig): Promise<Finding[]>;
}

/** Turns of interleaved samples whose progress the rig tells under the measure's name. */
export function turns(rig: Rig, name: string, rounds: number, warmUp = 2): Turns {
  return {
    rounds,
    warmUp,
    signal: rig.signal,
    onRound: (done, of) => rig.say(`${name}: round ${done} of ${of}`),
  };
}
