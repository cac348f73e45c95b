// SPDX-License-Identifier: Apache-2.0
/**
 * The figures of the live view: what two looks at a run, some seconds apart, say about vendors, pods and destinations.
 * All of them come from the filter's counters; how they are shown is screen.ts. Pure.
 */
import * as contract from "../../filter/core/contract.ts";
import type { ProcessUse } from "../process/use.ts";
import type { Sample } from "../prometheus/query.ts";
import { meteredByDestination, meteredByPod, meteredByVendor } from "../report/metered.ts";
import { type Counts, FIELDS, Tally } from "../report/tally.ts";

/** One look at a run. */
export interface Look {
  /** On any clock that only goes forward, in milliseconds. */
  atMs: number;
  samples: readonly Sample[];
  processes: readonly ProcessUse[];
}

export interface Figures extends Counts {
  name: string;
  /** Of late. */
  perSecond: Counts;
}

export interface VendorFigures extends Figures {
  /** Share of the requests with the outcome `ok`, 0 to 1; undefined before the first request. */
  okShare: number | undefined;
}

export interface PodFigures extends Figures {
  /** Processors that the pod's Envoy kept busy of late; undefined when it can't be told. */
  cpus: number | undefined;
  residentBytes: number | undefined;
}

const NONE: Counts = { requests: 0, sentBytes: 0, receivedBytes: 0 };

/** Vendors that had requests, by name. */
export function vendorFigures(earlier: Look, now: Look): VendorFigures[] {
  const figures = allFigures(earlier, now, ({ samples }) => sumByFirst(meteredByVendor(samples)));
  return figures.map((row) => ({ ...row, okShare: okShare(now.samples, row.name) }));
}

export function podFigures(earlier: Look, now: Look): PodFigures[] {
  const figures = allFigures(earlier, now, ({ samples }) => sumByFirst(meteredByPod(samples)));
  return figures.map((row) => {
    const [before, after] = [earlier, now].map(({ processes }) => processes.find(({ name }) => name === row.name));
    const busy = before && after ? (after.cpuSeconds - before.cpuSeconds) / seconds(earlier, now) : undefined;
    return { ...row, cpus: busy, residentBytes: after?.residentBytes };
  });
}

/** The destinations with the most bytes in both directions, over all vendors. */
export function topDestinations(earlier: Look, now: Look, count: number): Figures[] {
  const figures = allFigures(earlier, now, ({ samples }) => sumByFirst(meteredByDestination(samples)));
  return figures.sort((a, b) => bytes(b) - bytes(a)).slice(0, count);
}

function allFigures(earlier: Look, now: Look, read: (look: Look) => Tally): Figures[] {
  const [before, after] = [read(earlier), read(now)];
  const elapsed = seconds(earlier, now);
  const rows = after.keys().map((key): Figures => {
    const [was, is] = [before.get(key) ?? NONE, after.get(key) ?? NONE];
    const perSecond = { ...NONE };
    for (const field of FIELDS) perSecond[field] = (is[field] - was[field]) / elapsed;
    return { name: key[0] ?? "", ...is, perSecond };
  });
  return rows.filter(({ requests }) => requests > 0).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function okShare(samples: readonly Sample[], vendor: string): number | undefined {
  const own = samples.filter(
    ({ labels }) => labels.__name__ === contract.REQUESTS && labels[contract.LABEL_VENDOR] === vendor,
  );
  const sum = (rows: readonly Sample[]) => rows.reduce((total, { value }) => total + value, 0);
  const all = sum(own);
  const ok = sum(own.filter(({ labels }) => labels[contract.LABEL_OUTCOME] === contract.OUTCOME_OK));
  return all === 0 ? undefined : ok / all;
}

function sumByFirst(tally: Tally): Tally {
  const sums = new Tally();
  for (const key of tally.keys()) {
    for (const field of FIELDS) sums.add(key.slice(0, 1), field, tally.get(key)?.[field] ?? 0);
  }
  return sums;
}

function seconds(earlier: Look, now: Look): number {
  return Math.max(now.atMs - earlier.atMs, 1) / 1000;
}

function bytes({ sentBytes, receivedBytes }: Counts): number {
  return sentBytes + receivedBytes;
}
