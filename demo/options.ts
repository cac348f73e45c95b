// SPDX-License-Identifier: Apache-2.0
/**
 * From the command line's texts to the options of a run. All mistakes are collected and reported together.
 */
import { DemoFailure } from "./failure.ts";

export interface DemoOptions {
  /** Undefined: until interrupted. */
  durationMs?: number;
  pods: number;
  /** Requests a second for each pod. */
  ratePerSecond: number;
  /** File for the report; undefined for a table on stdout. */
  json?: string;
  /** File that the Envoys write their ledger to; undefined for none. */
  ledger?: string;
  /** The same seed makes the same sequence of requests. */
  seed: number;
  /** Worker threads of each Envoy. */
  concurrency: number;
  /** 0 for any free one. */
  prometheusPort: number;
  /** Share of the tunnels that the gateways reset on the way, 0 to 1. */
  resetShare: number;
  /** No load: other clients make it. */
  isServed: boolean;
}

/** The texts as given; an option that was left out is undefined. */
export type RawOptions = Partial<Record<keyof typeof NUMBERS | "duration" | "json" | "ledger", string>> & {
  serve?: boolean;
};

interface NumberRule {
  flag: string;
  usual: number;
  min: number;
  max: number;
  whole: boolean;
}

const NUMBERS = {
  pods: { flag: "--pods", usual: 2, min: 1, max: 20, whole: true },
  rate: { flag: "--rate", usual: 100, min: 0.1, max: 10_000, whole: false },
  seed: { flag: "--seed", usual: 1, min: 0, max: 4_294_967_295, whole: true },
  concurrency: { flag: "--concurrency", usual: 1, min: 1, max: 64, whole: true },
  prometheusPort: { flag: "--prometheus-port", usual: 0, min: 0, max: 65_535, whole: true },
  resets: { flag: "--resets", usual: 0, min: 0, max: 1, whole: false },
} satisfies Record<string, NumberRule>;

/** Options that say something about load; there is none where others make it. */
const OF_LOAD = ["duration", "rate", "json"] as const;
const SERVED_PODS = 1;

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/;
const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const MAX_DURATION_MS = 24 * 3_600_000;

/**
 * Checked options with defaults filled in.
 *
 * @throws DemoFailure E_OPTIONS, exit status 2, naming every mistake
 */
export function readOptions(raw: RawOptions): DemoOptions {
  const mistakes: string[] = [];
  const number = (name: keyof typeof NUMBERS) => readNumber(raw[name], NUMBERS[name], mistakes);
  const durationMs = readDuration(raw.duration, mistakes);
  const isServed = raw.serve ?? false;
  for (const name of OF_LOAD) {
    if (isServed && raw[name] !== undefined) mistakes.push(`cannot use --${name} with --serve (expected one of them)`);
  }
  const options: DemoOptions = {
    pods: isServed && raw.pods === undefined ? SERVED_PODS : number("pods"),
    ratePerSecond: number("rate"),
    seed: number("seed"),
    concurrency: number("concurrency"),
    prometheusPort: number("prometheusPort"),
    resetShare: number("resets"),
    isServed,
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(raw.json === undefined ? {} : { json: raw.json }),
    ...(raw.ledger === undefined ? {} : { ledger: raw.ledger }),
  };
  if (mistakes.length === 0) return options;
  throw new DemoFailure("E_OPTIONS", mistakes.join("\n"), "see `proxymeter demo --help`", { exitCode: 2 });
}

function readNumber(text: string | undefined, rule: NumberRule, mistakes: string[]): number {
  if (text === undefined) return rule.usual;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const good = value >= rule.min && value <= rule.max && (!rule.whole || Number.isInteger(value));
  if (!good) {
    const expected = `a ${rule.whole ? "whole " : ""}number from ${rule.min} to ${rule.max}`;
    mistakes.push(`cannot use ${rule.flag} "${text}" (expected ${expected})`);
  }
  return value;
}

function readDuration(text: string | undefined, mistakes: string[]): number | undefined {
  if (text === undefined) return undefined;
  const match = DURATION.exec(text);
  const value = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? "s"] ?? Number.NaN);
  if (!(value > 0 && value <= MAX_DURATION_MS)) {
    mistakes.push(`cannot use --duration "${text}" (expected up to a day, such as 20s, 5m or 1h)`);
  }
  return value;
}
