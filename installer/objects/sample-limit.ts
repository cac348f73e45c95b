// SPDX-License-Identifier: Apache-2.0
/**
 * How many samples a pod may show in one scrape. The filter's budget bounds what depends on traffic; to that comes what
 * each vendor has in any case. A scrape above Prometheus' sample limit fails as a whole, so the limit lies well above.
 */
import type { VendorsFile } from "../vendors/model.ts";

/** `other` and `unknown`. */
const VENDORS_WITHOUT_NAME = 2;
const PROTOCOLS = 7;
const FAILURES = 8;
const RESULTS = 4;
const HISTOGRAMS = 3;
/** Envoy's 19 bounds, the infinite one, sum and count. */
const HISTOGRAM_SAMPLES = 22;
/** Rows of requests whose destination is `other`: combinations of protocol, version, code and outcome beyond the budget. */
const LATE_CODES = 128;

const PER_VENDOR =
  3 + // requests, sent, received
  1 + // contradictions
  2 + // bytes of the country `other`
  2 * FAILURES +
  2 * 2 + // overhead by kind
  2 * PROTOCOLS + // connections
  HISTOGRAMS * RESULTS * HISTOGRAM_SAMPLES +
  2 * PROTOCOLS + // bytes of the destination `other`
  3 + // first bytes and turns of the destination `other`
  LATE_CODES;

/** The filter's own health, unattributed bytes, and `proxymeter_info` of some configurations before. */
const OF_POD = 100;
const STEP = 1000;

export function worstCaseSamples({ vendors, limits }: Pick<VendorsFile, "vendors" | "limits">): number {
  return limits.series + (vendors.length + VENDORS_WITHOUT_NAME) * PER_VENDOR + OF_POD;
}

/** Prometheus' limit: the worst case and a quarter, on a round number. */
export function sampleLimit(file: Pick<VendorsFile, "vendors" | "limits">): number {
  return Math.ceil((worstCaseSamples(file) * 1.25) / STEP) * STEP;
}
