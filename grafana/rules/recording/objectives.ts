// SPDX-License-Identifier: Apache-2.0
/**
 * Fault ratios over the windows that burn rates need, and what vendors.yaml promises, with the defaults where it says
 * nothing. Ratios are of averages of recorded rates: a window of three days costs no more than its vendors.
 */
import * as contract from "../../../filter/core/contract.ts";
import * as recorded from "../../recorded.ts";
import type { RecordingGroup, RecordingRule } from "../model.ts";

/** As the defaults of vendors.yaml. */
export const DEFAULT_SUCCESS_RATIO = 0.95;
export const DEFAULT_HANDSHAKE_MILLISECONDS = 2000;

function ratioOver([window, record]: [string, string]): RecordingRule {
  const over = (name: string) => (window === "5m" ? name : `avg_over_time(${name}[${window}])`);
  return { record, expr: `${over(recorded.VENDOR_FAULTS_RATE)} / (${over(recorded.VENDOR_REQUESTS_RATE)} > 0)` };
}

function withDefault(record: string, target: string, byDefault: number): RecordingRule {
  const { LABEL_VENDOR } = contract;
  return {
    record,
    expr: `max by (${LABEL_VENDOR}) (${target})
or
group by (${LABEL_VENDOR}) (${recorded.VENDOR_REQUESTS_RATE}) * ${byDefault}`,
  };
}

export const OBJECTIVES: RecordingGroup = {
  name: "proxymeter-objectives",
  interval: "1m",
  rules: [
    withDefault(recorded.SUCCESS_OBJECTIVE, recorded.SUCCESS_TARGET, DEFAULT_SUCCESS_RATIO),
    withDefault(recorded.HANDSHAKE_OBJECTIVE, recorded.HANDSHAKE_TARGET, DEFAULT_HANDSHAKE_MILLISECONDS),
    ...Object.entries(recorded.FAULT_RATIO).map(ratioOver),
  ],
};
