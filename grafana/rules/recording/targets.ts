// SPDX-License-Identifier: Apache-2.0
/**
 * Which target of a pod is counted, and which pods' counters are known to have begun at 0.
 * Both are helpers of the other groups: their series are read by no dashboard.
 */
import * as contract from "../../../filter/core/contract.ts";
import type { RecordingGroup } from "../model.ts";
import { COUNTED, family, POD, TARGET, WHOLE } from "../promql.ts";

const HEARTBEAT = family(contract.HEARTBEAT_SECONDS);
const ALIVE = `group by (${TARGET}) (last_over_time(${HEARTBEAT}[1m]))`;

/**
 * One of a pod's targets, and the same one as long as it answers. A pod that comes back under its name with another
 * address is a target that takes the place of one that answers no more, so both are counted.
 */
const counted = {
  record: COUNTED,
  expr: [
    `group by (${TARGET}) (`,
    `  topk by (${POD}) (1,`,
    `    (${ALIVE} and on (${TARGET}) last_over_time(${COUNTED}[5m])) * 2`,
    `    or`,
    `    ${ALIVE}`,
    `  )`,
    `)`,
  ].join("\n"),
};

/**
 * A pod is whole where it was scraped before the window, or where its first sample in it came within 900 seconds of
 * work of its VMs (all workers together). An older pod that is seen for the first time brings its whole past, which
 * belongs to no window.
 */
const whole = {
  record: WHOLE,
  expr: [
    `group by (${TARGET}) (last_over_time(${HEARTBEAT}[9m] offset 6m))`,
    `or`,
    `group by (${TARGET}) (min_over_time(${HEARTBEAT}[6m]) < 900)`,
  ].join("\n"),
};

export const TARGETS: RecordingGroup = { name: "proxymeter-targets", interval: "15s", rules: [counted, whole] };
