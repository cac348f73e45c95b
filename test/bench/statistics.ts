// SPDX-License-Identifier: Apache-2.0
/**
 * What a series of samples says: median, quantiles, and how far a figure made of several series can be trusted.
 * Pure; the resampling is seeded, so the same samples give the same answer.
 */

import { generator } from "./random.ts";

/** Rounds of a measure: the n-th sample of each series was taken next to the n-th of the others. */
export type Series = readonly number[];

export interface Figure {
  value: number;
  /** Bounds of the 95 % interval. */
  low: number;
  high: number;
}

/** Fewer where the series are long: then the interval is narrow anyway. */
const RESAMPLES = { most: 1000, least: 200, samples: 100_000 };
const SEED = 20_250_101;

export function median(samples: Series): number {
  return quantile(samples, 0.5);
}

/** @param share  0 to 1; between two samples it is interpolated. NaN where there are none. */
export function quantile(samples: Series, share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/**
 * A figure made of series of equal length, with its interval by drawing rounds again (the bootstrap).
 *
 * @param statistic  gets series with the same rounds drawn from each
 */
export function figure<Name extends string>(
  series: Readonly<Record<Name, Series>>,
  statistic: (series: Readonly<Record<Name, Series>>) => number,
): Figure {
  const random = generator(SEED);
  const names = Object.keys(series) as Name[];
  const rounds = Math.min(...names.map((name) => series[name].length));
  const draw = () => {
    const drawn = Array.from({ length: rounds }, () => Math.floor(random() * rounds));
    const pick = (name: Name) => drawn.map((index) => series[name][index] ?? Number.NaN);
    return statistic(Object.fromEntries(names.map((name) => [name, pick(name)])) as unknown as Record<Name, Series>);
  };
  const times = Math.max(RESAMPLES.least, Math.min(RESAMPLES.most, Math.floor(RESAMPLES.samples / rounds)));
  const again = Array.from({ length: times }, draw);
  return { value: statistic(series), low: quantile(again, 0.025), high: quantile(again, 0.975) };
}

/** Median of one series. */
export function typical(samples: Series): Figure {
  return figure({ samples }, (drawn) => median(drawn.samples));
}

/** Median of the differences between two series, round by round. */
export function added(ours: Series, base: Series): Figure {
  return figure({ ours, base }, (drawn) => medianDifference(drawn.ours, drawn.base));
}

export function medianDifference(ours: Series, base: Series): number {
  return median(ours.map((sample, index) => sample - (base[index] ?? Number.NaN)));
}

/** Median of the ratios between two series, round by round. */
export function ratio(ours: Series, theirs: Series): Figure {
  const quotients = (a: Series, b: Series) => a.map((sample, index) => sample / (b[index] ?? Number.NaN));
  return figure({ ours, theirs }, (drawn) => median(quotients(drawn.ours, drawn.theirs)));
}
