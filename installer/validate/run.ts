// SPDX-License-Identifier: Apache-2.0
/**
 * One validation: chooses the window and the oracle, makes the load where it was told to, asks Prometheus, and lets the checks
 * decide. Prints nothing and sets no exit status.
 */
import type { Prometheus } from "../prometheus/client.ts";
import type { VendorsFile } from "../vendors/model.ts";
import { booksVerdict, type Oracle } from "./books.ts";
import { type Verdict, verdicts, vendorsInQuestion } from "./checks.ts";
import { keyOf, keysOf } from "./figures.ts";
import { addLedgers, isLive, type Ledger, ledgerOracle, readLedger, writtenAt } from "./ledger.ts";
import { type LoadPhase, makePhases, scaleByHand } from "./phases.ts";
import { FILTER_HOLD_SECONDS, type Measured, measure, scrapeInterval, type Window } from "./measure.ts";
import { counterOracles, presentOracle, readOracle } from "./oracles.ts";
import * as promql from "./promql.ts";
import { overallState, type Report } from "./report.ts";
import { settle } from "./settle.ts";

export interface ValidateOptions {
  prometheus: Prometheus;
  scope: promql.Scope;
  windowSeconds: number;
  /** Vendors that must have traffic; empty: whichever have some. */
  vendors: readonly string[];
  /** Tells which of Envoy's clusters are vendors' gateways. */
  file?: VendorsFile | undefined;
  /** Address or file of loadgen's ledger. */
  ledger?: string | undefined;
  /** Options of a load to be made. */
  load?: readonly string[] | undefined;
  isScaled: boolean;
  signal: AbortSignal;
  /** Told what is waited for. */
  say: (line: string) => void;
  /** Resolves when somebody has doubled the load. */
  untilDoubled: (signal: AbortSignal) => Promise<void>;
}

/** @throws ProxymeterError E_PROMETHEUS, E_PROMQL, E_LEDGER, E_LOADGEN; KubeError; the signal's reason */
export async function validate(options: ValidateOptions): Promise<Report> {
  const { prometheus, scope, file } = options;
  const interval = await scrapeInterval(prometheus, scope);
  const source =
    options.load || options.ledger ? undefined : await presentOracle(prometheus, counterOracles(file), scope);
  const lagSeconds = interval + (source?.holdSeconds ?? FILTER_HOLD_SECONDS);
  const { window, ledgers, scale } = await observe(options, lagSeconds);
  const measured = await measure(prometheus, scope, window);
  const oracle =
    source === undefined
      ? await fromLedgers(options, ledgers, measured)
      : await readOracle(prometheus, source, { scope, window, measured });
  const question = { measured, vendors: options.vendors, promql: expressions(scope, window) };
  const checks = [
    ...verdicts(question),
    booksVerdict(measured, oracle, vendorsInQuestion(question)),
    ...(scale === undefined ? [] : [scale]),
  ];
  return {
    state: overallState(checks),
    prometheus: prometheus.address,
    window: { start: isoTime(window.start), end: isoTime(window.end), seconds: window.end - window.start, lagSeconds },
    pods: { seen: podsOf(measured), encodings: measured.encodings, reset: [...measured.resetPods].sort() },
    checks,
  };
}

interface Observed {
  window: Window;
  ledgers: { before: Ledger; after?: Ledger } | undefined;
  scale: Verdict | undefined;
}

/** Waits for whatever the window has to contain. */
async function observe(options: ValidateOptions, lagSeconds: number): Promise<Observed> {
  const { prometheus, scope, windowSeconds, load, ledger, isScaled, signal, say } = options;
  const endingNow = (end = Date.now() / 1000) => ({ start: end - windowSeconds, end, lagSeconds });
  if (load !== undefined) {
    const { phases, scale } = await makePhases({ ...options, load }, lagSeconds);
    const start = phases[0]?.start ?? 0;
    return {
      window: { start, end: lastEnd(phases), lagSeconds },
      ledgers: { before: addLedgers(phases.map((phase) => phase.ledger)) },
      scale,
    };
  }
  const scale = isScaled ? await scaleByHand(options) : undefined;
  if (ledger === undefined) return { window: endingNow(), ledgers: undefined, scale };
  const before = await readLedger(ledger, signal);
  const since = writtenAt(ledger);
  // A running load does not stand still, however long one waits.
  const lags = isLive(ledger) ? 1 : 2;
  if (since + lags * lagSeconds > Date.now() / 1000)
    say(`letting Prometheus catch up for ${Math.ceil(lags * lagSeconds)} s`);
  await settle({ prometheus, scope, since, lagSeconds, lags, signal, patienceSeconds: 2 * lagSeconds });
  return { window: endingNow(), ledgers: { before }, scale };
}

async function fromLedgers(
  { ledger, signal }: ValidateOptions,
  ledgers: Observed["ledgers"],
  measured: Measured,
): Promise<Oracle | undefined> {
  if (ledgers === undefined) return undefined;
  const { before } = ledgers;
  const after = ledger !== undefined && isLive(ledger) ? await readLedger(ledger, signal) : before;
  const keys = keysOf(measured.totals.requests.end).map(keyOf);
  return ledgerOracle(after, before, new Set(keys.map(({ pod }) => pod)));
}

function lastEnd(phases: readonly LoadPhase[]): number {
  return Math.max(...phases.map(({ end }) => end));
}

/** What to ask to see the same. */
function expressions(scope: promql.Scope, { start, end }: Window) {
  const ending = { scope, seconds: Math.ceil(end - start) };
  const ask = (metric: string, labels = promql.BY_POD_AND_VENDOR) =>
    promql.nowOrLast(promql.selector(metric, scope), labels, ending);
  const { TOTALS, SPLITS } = promql;
  return {
    requests: [ask(TOTALS.requests), ask(SPLITS.requests)],
    sentBytes: [ask(TOTALS.sentBytes), ask(SPLITS.sentBytes)],
    receivedBytes: [ask(TOTALS.receivedBytes), ask(SPLITS.receivedBytes)],
    destinations: [ask(SPLITS.requests, promql.BY_DESTINATION)],
  };
}

function podsOf(measured: Measured): number {
  return new Set(keysOf(measured.totals.requests.end).map((key) => `${keyOf(key).namespace}/${keyOf(key).pod}`)).size;
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
