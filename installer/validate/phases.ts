// SPDX-License-Identifier: Apache-2.0
/**
 * The load of a validation: one phase, or two of which the second has twice the rate, each with what Prometheus has of it. Where
 * somebody else makes the load, two windows, before and after they doubled it.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Verdict } from "./checks.ts";
import { keysOf } from "./figures.ts";
import { type Ledger, requestsIn } from "./ledger.ts";
import { doubled, makeLoad } from "./load.ts";
import { readingOf } from "./measure.ts";
import { now, past, type Scope, selector, TOTALS } from "./promql.ts";
import type { ValidateOptions } from "./run.ts";
import { type Rates, scaleVerdict } from "./scale.ts";
import { type SettleOptions, settle } from "./settle.ts";

export interface LoadPhase {
  /** Seconds of the epoch; all that it sent is in Prometheus by `end`. */
  start: number;
  end: number;
  ledger: Ledger;
}

type PhaseOptions = Pick<ValidateOptions, "prometheus" | "scope" | "isScaled" | "signal" | "say"> & {
  load: readonly string[];
};

type Wait = Pick<SettleOptions, "lagSeconds" | "lags">;

/** Makes the load; the verdict about its doubling where that was asked for. */
export async function makePhases(
  options: PhaseOptions,
  lagSeconds: number,
): Promise<{ phases: LoadPhase[]; scale: Verdict | undefined }> {
  const { load, isScaled, say, signal } = options;
  say(`letting counts of earlier traffic arrive for ${Math.ceil(lagSeconds)} s`);
  await delay(lagSeconds * 1000, undefined, { signal });
  say(`making load: loadgen ${load.map(redact).join(" ")}`);
  const first = await makePhase(options, load, { lagSeconds, lags: isScaled ? 1 : 2 });
  if (!isScaled) return { phases: [first], scale: undefined };
  say("making the load again, doubled");
  const second = await makePhase(options, doubled(load), { lagSeconds, lags: 2 });
  const [before = 0, after = 0] = await Promise.all([first, second].map((phase) => meteredRate(options, phase)));
  const scale = scaleVerdict({ before, after }, { before: sentRate(first), after: sentRate(second) });
  return { phases: [first, second], scale };
}

async function makePhase(options: PhaseOptions, load: readonly string[], wait: Wait): Promise<LoadPhase> {
  const { lagSeconds, lags } = wait;
  const { prometheus, scope, signal, say } = options;
  const start = Date.now() / 1000;
  const ledger = await makeLoad(load, signal);
  const since = Date.now() / 1000;
  say(`waiting for the last scrapes, about ${Math.ceil(lags * lagSeconds)} s`);
  await settle({ ...{ prometheus, scope, since, lagSeconds, lags, signal }, patienceSeconds: 2 * lagSeconds });
  return { start, end: Date.now() / 1000, ledger };
}

/** Requests that Prometheus has of a phase, for each second of its load. */
async function meteredRate({ prometheus, scope }: PhaseOptions, { start, end, ledger }: LoadPhase): Promise<number> {
  return (await requestsBetween({ prometheus, scope }, start, end)) / (ledger.elapsedMs / 1000);
}

function sentRate({ ledger }: LoadPhase): number {
  return requestsIn(ledger) / (ledger.elapsedMs / 1000);
}

/**
 * The verdict where the load is somebody else's: a window before and one after they doubled it.
 */
export async function scaleByHand(options: ValidateOptions): Promise<Verdict> {
  const { windowSeconds, signal, say, untilDoubled } = options;
  const rate = async () => {
    const end = Date.now() / 1000;
    return (await requestsBetween(options, end - windowSeconds, end)) / windowSeconds;
  };
  const before = await rate();
  await untilDoubled(signal);
  say(`measuring the doubled load for ${windowSeconds} s`);
  await delay(windowSeconds * 1000, undefined, { signal });
  const rates: Rates = { before, after: await rate() };
  return scaleVerdict(rates, undefined);
}

async function requestsBetween(
  { prometheus, scope }: { prometheus: ValidateOptions["prometheus"]; scope: Scope },
  start: number,
  end: number,
): Promise<number> {
  const expression = now(selector(TOTALS.requests, scope), ["namespace", "pod"]);
  const key = ({ namespace, pod }: Record<string, string>) => `${namespace}/${pod}`;
  const ending = { scope, seconds: Math.ceil(end - start) };
  const [old, seen, last] = await Promise.all([
    prometheus.query(expression, start),
    prometheus.query(past(selector(TOTALS.requests, scope), ["namespace", "pod"], ending), end),
    prometheus.query(expression, end),
  ]);
  const [before, after] = [readingOf([...old, ...seen], key), readingOf(last, key)];
  return keysOf(after).reduce((sum, pod) => {
    const [from, to] = [before.get(pod) ?? 0, after.get(pod) ?? 0];
    return sum + (to >= from ? to - from : to);
  }, 0);
}

/** Credentials of proxies are in their addresses. */
function redact(argument: string): string {
  return argument.replace(/\/\/[^/@]*@/, "//***@");
}
