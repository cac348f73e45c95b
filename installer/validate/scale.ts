// SPDX-License-Identifier: Apache-2.0
/**
 * The decision whether the metered rate follows when the load doubles. Pure.
 */
import type { Verdict } from "./checks.ts";
import { numberText } from "./figures.ts";

/** Requests a second before and after. */
export interface Rates {
  before: number;
  after: number;
}

/** Of a doubled rate, measured over two spans of random arrivals. */
const LEAST_RATIO = 1.8;
const MOST_RATIO = 2.2;
/** By how much the metered ratio may differ from the load generator's own. */
const TOLERATED_SHARE = 0.05;
const TITLE = "the metered rate follows when the load doubles";

/** @param offered  what the load generator says of itself; absent where somebody else doubled the load */
export function scaleVerdict(metered: Rates, offered: Rates | undefined): Verdict {
  const ratio = ratioOf(metered);
  const evidence = [`metered: ${rateText(metered)}`, ...(offered === undefined ? [] : [`sent: ${rateText(offered)}`])];
  const oracle = offered === undefined ? "your word that the load doubled" : "loadgen's own count of what it sent";
  const made = (state: Verdict["state"], problems: string[]): Verdict => {
    return { id: "scale", title: TITLE, state, oracle, evidence, problems, promql: [] };
  };
  if (metered.before === 0) return made("FAIL", ["no request was metered before the load doubled"]);
  if (offered === undefined) {
    const isDoubled = ratio >= LEAST_RATIO && ratio <= MOST_RATIO;
    return isDoubled
      ? made("PASS", [])
      : made("FAIL", [`metered ${factor(ratio)} (expected ${factor(LEAST_RATIO)} to ${factor(MOST_RATIO)})`]);
  }
  const wanted = ratioOf(offered);
  if (wanted < LEAST_RATIO)
    return made("SKIP", [`the load itself only grew ${factor(wanted)}: choose a rate that this machine can double`]);
  if (Math.abs(ratio / wanted - 1) <= TOLERATED_SHARE) return made("PASS", []);
  return made("FAIL", [
    `metered ${factor(ratio)} (expected ${factor(wanted)}, give or take ${TOLERATED_SHARE * 100} %)`,
  ]);
}

function ratioOf({ before, after }: Rates): number {
  return before === 0 ? 0 : after / before;
}

function rateText(rates: Rates): string {
  return `${numberText(rates.before)}, then ${numberText(rates.after)} requests a second, ${factor(ratioOf(rates))}`;
}

function factor(ratio: number): string {
  return `x${ratio.toFixed(2)}`;
}
