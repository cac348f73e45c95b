// SPDX-License-Identifier: Apache-2.0
/**
 * A series as one number: the calculations that stats, legends and transformations name.
 */
import type { Cell } from "./frames.ts";

type Calculation = (numbers: readonly number[], all: readonly Cell[]) => number | null;

const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0);

const CALCULATIONS: Readonly<Record<string, { title: string; of: Calculation }>> = {
  lastNotNull: { title: "Last *", of: (numbers) => numbers.at(-1) ?? null },
  last: { title: "Last", of: (_, all) => numeric(all.at(-1)) },
  firstNotNull: { title: "First *", of: (numbers) => numbers[0] ?? null },
  first: { title: "First", of: (_, all) => numeric(all[0]) },
  min: { title: "Min", of: (numbers) => (numbers.length > 0 ? numbers.reduce((a, b) => Math.min(a, b)) : null) },
  max: { title: "Max", of: (numbers) => (numbers.length > 0 ? numbers.reduce((a, b) => Math.max(a, b)) : null) },
  mean: { title: "Mean", of: (numbers) => (numbers.length > 0 ? sum(numbers) / numbers.length : null) },
  sum: { title: "Total", of: (numbers) => (numbers.length > 0 ? sum(numbers) : null) },
  count: { title: "Count", of: (_, all) => all.length },
  range: { title: "Range", of: (numbers) => (numbers.length > 0 ? Math.max(...numbers) - Math.min(...numbers) : null) },
  diff: {
    title: "Difference",
    of: (numbers) => (numbers.length > 0 ? (numbers.at(-1) ?? 0) - (numbers[0] ?? 0) : null),
  },
};

/** @param name  a calculation's id, such as `lastNotNull`; that one where the name is unknown */
export function reduced(values: readonly Cell[], name = "lastNotNull"): number | null {
  const numbers = values.filter((value): value is number => typeof value === "number");
  return (CALCULATIONS[name] ?? CALCULATIONS.lastNotNull)?.of(numbers, values) ?? null;
}

export function calculationTitle(name: string): string {
  return CALCULATIONS[name]?.title ?? name;
}

function numeric(value: Cell | undefined): number | null {
  return typeof value === "number" ? value : null;
}
