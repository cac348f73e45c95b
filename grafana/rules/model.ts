// SPDX-License-Identifier: Apache-2.0
/**
 * What a rule is before it is YAML: rows of a recording rule, rows of an alert, and groups of them.
 */

/** Of the contract and of `recorded.ts`; `labels` are put on top of those of the expression. */
export interface RecordingRule {
  record: string;
  expr: string;
  labels?: Readonly<Record<string, string>>;
}

export type Severity = "critical" | "warning" | "info";

/** An alert as it is written; the runbook's address is added to each when it becomes a rule. */
export interface Alert {
  /** `Proxymeter...`; also the heading of its runbook. */
  alert: string;
  severity: Severity;
  expr: string;
  /** How long it must hold, such as `5m`. */
  for: string;
  /** One line: what is wrong. */
  summary: string;
  /** What was found, with the value. */
  description: string;
  labels?: Readonly<Record<string, string>>;
}

export interface RecordingGroup {
  name: string;
  /** Such as `15s`. */
  interval: string;
  rules: readonly RecordingRule[];
}

export interface AlertGroup {
  name: string;
  interval: string;
  alerts: readonly Alert[];
}
