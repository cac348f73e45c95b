// SPDX-License-Identifier: Apache-2.0
/**
 * The fleet as a whole and our own pipeline: pods, what could not be attributed, scrapes that failed, coverage.
 */
import * as contract from "../../../filter/core/contract.ts";
import * as recorded from "../../recorded.ts";
import type { RecordingGroup, RecordingRule } from "../model.ts";
import { family, POD, rate } from "../promql.ts";

const BY_REASON = `cluster, ${contract.LABEL_REASON}`;
export const UP = family("up");

const pods: RecordingRule[] = [
  {
    record: recorded.NAMESPACE_PODS,
    expr: `count by (cluster, namespace) (group by (${POD}) (${family(contract.HEARTBEAT_SECONDS)}))`,
  },
];

const unattributed: RecordingRule[] = [
  { record: recorded.UNATTRIBUTED_RATE, expr: rate(BY_REASON, family(contract.UNATTRIBUTED_BYTES)) },
  {
    record: recorded.UNATTRIBUTED_SHARE,
    expr: `${recorded.UNATTRIBUTED_RATE}
/ on (cluster) group_left ()
(sum by (cluster) (${recorded.VENDOR_SENT_RATE}) + sum by (cluster) (${recorded.VENDOR_RECEIVED_RATE}) > 0)`,
  },
];

/** The longer windows are averages of the shortest, which alone reads every target. */
function scrapeFailures([window, record]: [string, string]): RecordingRule {
  const ofTargets = `1 - avg by (cluster) (avg_over_time(${UP}[5m]))`;
  return { record, expr: window === "5m" ? ofTargets : `avg_over_time(${recorded.SCRAPE_FAILURES["5m"]}[${window}])` };
}

const coverage: RecordingRule = {
  record: recorded.COVERAGE,
  expr: `(sum by (cluster) (${recorded.NAMESPACE_PODS}) or count by (cluster) (${UP} == 1) * 0)
/
count by (cluster) (group by (${POD}) (${UP} == 1))`,
};

export const FLEET: RecordingGroup = {
  name: "proxymeter-fleet",
  interval: "15s",
  rules: [...pods, ...unattributed, ...Object.entries(recorded.SCRAPE_FAILURES).map(scrapeFailures), coverage],
};
