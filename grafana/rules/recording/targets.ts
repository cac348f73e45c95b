// SPDX-License-Identifier: Apache-2.0
/**
 * Which target of a pod is counted: a helper of the other groups, whose series are read by no dashboard.
 */
import * as contract from "../../../filter/core/contract.ts";
import type { RecordingGroup } from "../model.ts";
import { COUNTED, family, POD, TARGET } from "../promql.ts";

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

export const TARGETS: RecordingGroup = { name: "proxymeter-targets", interval: "15s", rules: [counted] };
