// SPDX-License-Identifier: Apache-2.0
/**
 * Arrival times of an open loop: decided before anything is sent, so a slow answer delays no later request.
 * Pure; waiting for a time to come is the engine's.
 */
import { exponential, type Random } from "./random.ts";

/** Endless arrival times in milliseconds from the start, as crawlers that know nothing of each other make them. */
export function* arrivals(random: Random, ratePerSecond: number): Generator<number> {
  for (let at = exponential(random, 1000 / ratePerSecond); ; at += exponential(random, 1000 / ratePerSecond)) yield at;
}
