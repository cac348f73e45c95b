// SPDX-License-Identifier: Apache-2.0
/**
 * The histograms by vendor and result, every two minutes, because most raw series are buckets: inputs of `histogram_quantile`, and the sums for means.
 */
import * as contract from "../../../filter/core/contract.ts";
import * as recorded from "../../recorded.ts";
import type { RecordingRule } from "../model.ts";
import { BY_VENDOR, family, rate } from "../promql.ts";

const BY_RESULT = `${BY_VENDOR}, ${contract.LABEL_RESULT}`;

const HISTOGRAMS: readonly [metric: string, bucket: string, sum: string][] = [
  [contract.HANDSHAKE_MILLISECONDS, recorded.HANDSHAKE_BUCKET_RATE, recorded.HANDSHAKE_SUM_RATE],
  [contract.FIRST_BYTE_MILLISECONDS, recorded.FIRST_BYTE_BUCKET_RATE, recorded.FIRST_BYTE_SUM_RATE],
  [contract.DURATION_MILLISECONDS, recorded.DURATION_BUCKET_RATE, recorded.DURATION_SUM_RATE],
];

export const TIMES: readonly RecordingRule[] = HISTOGRAMS.flatMap(([metric, bucket, sum]) => [
  { record: bucket, expr: rate(`${BY_RESULT}, le`, family(`${metric}_bucket`)) },
  { record: sum, expr: rate(BY_RESULT, family(`${metric}_sum`)) },
]);
