// SPDX-License-Identifier: Apache-2.0
/**
 * Which targets a window of growth counts, and from where: decided once for each target by its heartbeat, which lives and restarts
 * with its other counters, rather than for each of their series. Helpers: their series are read by the same group only.
 */
import * as contract from "../../../filter/core/contract.ts";
import type { RecordingRule } from "../model.ts";
import { AT_START, BEFORE, BROKEN, COUNTED, ENDED, family, RESUMED, STARTED, TARGET, WITHIN } from "../promql.ts";

const HEARTBEAT = family(contract.HEARTBEAT_SECONDS);
const FIRST = `min_over_time(${HEARTBEAT}${WITHIN})`;
const ANSWERED = `${HEARTBEAT} ${AT_START}`;
const LAST_BEFORE = `last_over_time(${HEARTBEAT}${BEFORE})`;
const IS_COUNTED = `last_over_time(${COUNTED}[7m])`;
/** Of work of a pod's VMs, all workers together. */
const YOUNG_S = 900;

/**
 * Under other labels a target has two series of everything for a while, and both would be summed, or the one would be taken off the
 * other. Where it restarted before an outage, the last values before the window may be those of the life before.
 */
const broken: RecordingRule = {
  record: BROKEN,
  expr: `group by (${TARGET}) (
  (
    resets(${HEARTBEAT}${WITHIN}) > 0
    or on (${TARGET})
    count by (${TARGET}) (last_over_time(${HEARTBEAT}[15m] offset 1m)) > 1
    or on (${TARGET})
    (resets(${HEARTBEAT}${BEFORE}) > 0 unless on (${TARGET}) ${ANSWERED})
  )
  and on (${TARGET}) ${IS_COUNTED}
)`,
};

/**
 * Seen in the window, and either before it or young: counters of a young target that was never seen began at 0. An older one that
 * is seen for the first time brings its whole past, which belongs to no window; so does one that comes back from a longer outage.
 */
const ended: RecordingRule = {
  record: ENDED,
  expr: `group by (${TARGET}) (
  (
    (${FIRST} and on (${TARGET}) ${LAST_BEFORE})
    or
    (${FIRST} < ${YOUNG_S} unless on (${TARGET}) last_over_time(${HEARTBEAT}[10m] offset 16m))
  )
  and on (${TARGET}) ${IS_COUNTED}
)
unless on (${TARGET}) ${BROKEN}`,
};

/** Where it restarted since the last value before the window, that value belongs to another life and stays out. */
const SAME_LIFE = `group by (${TARGET}) (
  max by (${TARGET}) (${LAST_BEFORE})
  <=
  min by (${TARGET}) (${FIRST})
)
and on (${TARGET}) ${ENDED}`;

const started: RecordingRule = { record: STARTED, expr: `${SAME_LIFE}\nand on (${TARGET}) ${ANSWERED}` };
const resumed: RecordingRule = { record: RESUMED, expr: `${SAME_LIFE}\nunless on (${TARGET}) ${STARTED}` };

/** In this order, before what reads them. */
export const WINDOWS: RecordingRule[] = [broken, ended, started, resumed];
