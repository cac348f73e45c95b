// SPDX-License-Identifier: Apache-2.0
/**
 * Latencies as a histogram with three significant digits, from 1 microsecond to 10 minutes.
 * Percentiles come from the histogram, never from averages of percentiles.
 */
import { build, type Histogram } from "hdr-histogram-js";

const MAX_MICROSECONDS = 600_000_000;

/** Milliseconds, from the time at which a request was due to its last byte. */
export interface LatencySummary {
  count: number;
  mean: number;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
}

export class Latency {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: MAX_MICROSECONDS,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });

  record(milliseconds: number): void {
    this.#histogram.recordValue(Math.min(Math.max(Math.round(milliseconds * 1000), 1), MAX_MICROSECONDS));
  }

  /** Adds all of another histogram. */
  add(other: Latency): void {
    this.#histogram.add(other.#histogram);
  }

  summary(): LatencySummary {
    const h = this.#histogram;
    const at = (percentile: number) =>
      h.totalCount === 0 ? 0 : Math.min(h.getValueAtPercentile(percentile), h.maxValue) / 1000;
    return {
      count: h.totalCount,
      mean: h.totalCount === 0 ? 0 : h.mean / 1000,
      p50: at(50),
      p90: at(90),
      p95: at(95),
      p99: at(99),
      max: h.maxValue / 1000,
    };
  }
}
