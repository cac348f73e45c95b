// SPDX-License-Identifier: Apache-2.0
/**
 * The lines between what was observed and what is reported. Exact ones are known to the byte; bounded ones can be anything within
 * their bounds, so each takes as much of the rest as it can and says what it could have taken.
 */
import { type Decimal, fixed } from "../money/decimal.ts";
import { bytesPerGigabyte, type Gigabyte } from "../money/gigabyte.ts";
import type { Excluded } from "../prices/billable.ts";
import type { Period } from "../time/period.ts";
import type { Edges, ScrapeLoss } from "../usage/model.ts";
import { EXCLUDED_WORDS } from "../output/words.ts";
import type { Unit } from "./model.ts";
import { bytesPer, isAmbiguous } from "./units.ts";

export type Reason =
  | keyof Excluded
  | "gigabyte"
  | "otherGigabyte"
  | "rounding"
  | "edges"
  | "lag"
  | "resets"
  | "scrapeLoss";

/** A step from observed to reported bytes. */
export interface Line {
  reason: Reason;
  text: string;
  bytes: number;
  /** For lines that are not known to the byte: the least and most that it could be. */
  bounds?: { least: number; most: number };
}

interface Units {
  inUnit: Decimal;
  unit: Unit;
  gigabyte: Gigabyte;
}

/** What the billing profile leaves out. The vendor's gigabyte is applied to its report before, so it is said and is no difference. */
export function exactLines({ excluded, inUnit, unit, gigabyte }: Units & { excluded: Excluded }): Line[] {
  const lines = Object.entries(EXCLUDED_WORDS).flatMap(([name, words]): Line[] => {
    const bytes = excluded[name as keyof Excluded];
    return bytes === 0 ? [] : [{ reason: name as keyof Excluded, text: `bytes ${words}`, bytes: -bytes }];
  });
  if (!isAmbiguous(unit) || gigabyte === "decimal") return lines;
  const more = inUnit.times(bytesPer(unit, "binary").minus(bytesPer(unit, "decimal")));
  const text = `GB definition: the vendor's GB is 2^30 bytes; read as 10^9 its report would be ${fixed(more, 0)} bytes less`;
  return [...lines, { reason: "gigabyte", text, bytes: 0 }];
}

/** How much better the other meaning of a gigabyte has to fit before it is the explanation. */
const CLEARLY_BETTER = 0.2;

/** The other gigabyte, where the report fits it clearly better and the profile's leaves more than a green rest. */
export function otherGigabyte({
  inUnit,
  unit,
  gigabyte,
  expectedBytes,
}: Units & { expectedBytes: number }): Line | undefined {
  if (!isAmbiguous(unit)) return undefined;
  const other: Gigabyte = gigabyte === "decimal" ? "binary" : "decimal";
  const [assumed, otherwise] = [gigabyte, other].map((one) => Number(fixed(inUnit.times(bytesPer(unit, one)), 0)));
  if (assumed === undefined || otherwise === undefined) return undefined;
  const [here, there] = [Math.abs(assumed - expectedBytes), Math.abs(otherwise - expectedBytes)];
  if (here <= assumed * 0.02 || there > here * CLEARLY_BETTER) return undefined;
  const meaning = `${fixed(bytesPerGigabyte(other), 0)} bytes`;
  const text = `GB definition: the report fits a GB of ${meaning} (price.gigabyte: ${other}), not vendors.yaml's ${gigabyte}`;
  return { reason: "otherGigabyte", text, bytes: assumed - otherwise };
}

export interface Bounds {
  /** Bytes that the export's last digits hide. */
  tolerance: number;
  edges: Edges;
  lag: { milliseconds: number; headBytes: number; tailBytes: number };
  loss?: ScrapeLoss;
  expectedBytes: number;
  period: Period;
}

export function boundedLines(rest: number, bounds: Bounds): Line[] {
  const lines: Line[] = [];
  let left = rest;
  for (const { least, most, reason, text } of candidates(bounds)) {
    if (least === 0 && most === 0) continue;
    // A negative zero is no figure.
    const bytes = Math.min(Math.max(left, least), most) || 0;
    left -= bytes;
    lines.push({ reason, text, bytes, bounds: { least, most } });
  }
  return lines;
}

interface Candidate {
  reason: Reason;
  text: string;
  least: number;
  most: number;
}

/** In the order of how sure they are. */
function candidates({ tolerance, edges, lag, loss, expectedBytes, period }: Bounds): Candidate[] {
  const minutes = lag.milliseconds / 60_000;
  return [
    { reason: "rounding", text: "rounding of the export's figures", least: -tolerance, most: tolerance },
    {
      reason: "edges",
      text: "connections that were open at an end of the period",
      least: -edges.headBytes,
      most: edges.tailBytes,
    },
    {
      reason: "lag",
      text: `lag window: figures may come ${minutes} min late`,
      least: -lag.tailBytes,
      most: lag.headBytes,
    },
    ...(loss ? lossCandidates(loss, expectedBytes, period) : []),
  ];
}

/** Half an interval is lost at an end on average, a whole one at most; and values at the period's ends are as old as a scrape. */
function lossCandidates(loss: ScrapeLoss, expectedBytes: number, { from, to }: Period): Candidate[] {
  const { ends, resets, expectedShare, intervalSeconds } = loss;
  const most = (count: number) => (ends === 0 ? 0 : Math.ceil((2 * expectedShare * expectedBytes * count) / ends));
  const shift = Math.ceil((expectedBytes * intervalSeconds * 1000) / (to - from));
  const expected = `${(expectedShare * 100).toFixed(3)} % expected, s/(2T)`;
  return [
    {
      reason: "edges",
      text: `scrapes at the ends of the period, up to ${intervalSeconds} s old`,
      least: -Math.min(shift, expectedBytes),
      most: shift,
    },
    { reason: "resets", text: `${resets} sidecars that began anew between two scrapes`, least: 0, most: most(resets) },
    {
      reason: "scrapeLoss",
      text: `${ends - resets} pods that ended after their last scrape (all ends: ${expected})`,
      least: 0,
      most: most(ends - resets),
    },
  ];
}
