// SPDX-License-Identifier: Apache-2.0
/**
 * How often a Prometheus scrapes our job: what windows of rates rest on.
 */
import { SCRAPE_JOB } from "../../filter/core/contract.ts";
import { durationSeconds } from "../cluster/istio.ts";
import { ProxymeterError } from "../errors.ts";
import type { Prometheus } from "./client.ts";

/** Of the scrape objects that are rendered. */
const USUAL_SECONDS = 30;

/** Seconds; the usual ones where there is no target of ours, or a store that has no targets at all. */
export async function scrapeIntervalSeconds({ targets }: Pick<Prometheus, "targets">): Promise<number> {
  try {
    const ours = (await targets()).find(({ labels }) => labels.job === SCRAPE_JOB);
    return durationSeconds(ours?.scrapeInterval ?? "") ?? USUAL_SECONDS;
  } catch (error) {
    if (error instanceof ProxymeterError) return USUAL_SECONDS;
    throw error;
  }
}
