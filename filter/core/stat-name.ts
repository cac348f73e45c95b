// SPDX-License-Identifier: Apache-2.0
/**
 * Builds the name of a stat, labels first and the metric last, in memory of the caller.
 * Knows the two encodings' separators; which labels a metric has is decided in `families.ts`.
 */
import { writeText } from "./bytes.ts";
import * as contract from "./contract.ts";

/** Room for the longest name: every label of `proxymeter_requests_total` with its longest value. */
export const STAT_NAME_CAPACITY: i32 = 1024;

/** Appends `label=.=value;.;` and returns the new length. */
export function appendLabel(out: i32, at: i32, label: string, value: i32, length: i32): i32 {
  let n: i32 = at;
  n += writeText(out + n, label);
  n += writeText(out + n, contract.TAG_ASSIGN);
  memory.copy(out + n, value, length);
  n += length;
  return n + writeText(out + n, contract.TAG_END);
}

/** Appends a label whose value is a constant. */
export function appendTextLabel(out: i32, at: i32, label: string, value: string): i32 {
  let n: i32 = at;
  n += writeText(out + n, label);
  n += writeText(out + n, contract.TAG_ASSIGN);
  n += writeText(out + n, value);
  return n + writeText(out + n, contract.TAG_END);
}
