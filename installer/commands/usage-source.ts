// SPDX-License-Identifier: Apache-2.0
/**
 * What `bill` and `reconcile` read usage from: ledger files or Prometheus, and the period that both are asked for.
 */
import { InvalidArgumentError, Option } from "commander";
import { emptyTally, readLedger } from "../../bill/ledger/read.ts";
import type { PricedVendor } from "../../bill/prices/model.ts";
import { UTC } from "../../bill/prices/model.ts";
import { isZone, momentOf, type Period } from "../../bill/time/period.ts";
import { usageFromLedger } from "../../bill/usage/ledger/usage.ts";
import type { Usage } from "../../bill/usage/model.ts";
import { usageFromPrometheus } from "../../bill/usage/prometheus/usage.ts";
import { SCRAPE_JOB } from "../../filter/core/contract.ts";
import { documentation } from "../documentation.ts";
import { ProxymeterError } from "../errors.ts";
import { openPrometheus, type Prometheus } from "../prometheus/open.ts";
import { type Control, openCluster, connection } from "./options.ts";
import { say } from "./output.ts";
import { occasionally } from "./progress.ts";

export interface SourceFlags {
  context?: string;
  kubeconfig?: string;
  prometheus?: string;
  ledger?: string[];
  job: string;
  zone?: string;
}

/** Longer than Prometheus works on one expression (`--query.timeout`, 2 minutes by default), so that it is who gives up. */
const TIMEOUT_MS = 130_000;
const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** Options of the source, in the order of the help. */
export function sourceOptions(): Option[] {
  return [
    ...connection(),
    new Option("--prometheus <address>", "its URL, or NAMESPACE/SERVICE:PORT (default: found in the cluster)"),
    new Option("--job <name>", "scrape job that the counters are read of").default(SCRAPE_JOB),
    new Option(
      "--ledger <files...>",
      "ledger files, plain or gzip, - for standard input; instead of Prometheus",
    ).conflicts("prometheus"),
    new Option(
      "--zone <name>",
      "zone of times that have none (default: the vendors' own where it is one, else UTC)",
    ).argParser(zoneName),
  ];
}

/** The zone that dates without one are in; says so where the vendors disagree. */
export function zoneOf(vendors: readonly PricedVendor[], { zone }: SourceFlags): string {
  const [first, ...others] = new Set(vendors.map(({ billing }) => billing.zone));
  if (zone !== undefined || first === undefined) return zone ?? UTC;
  if (others.length === 0) return first;
  say(`the vendors have ${others.length + 1} zones: times without one are in UTC, unless --zone says otherwise`);
  return UTC;
}

/** @throws BillFailure E_TIME; ProxymeterError E_OPTIONS, exit status 2 */
export function periodOf(from: string, to: string | undefined, zone: string): Period {
  const period = {
    from: momentOf(from, zone, "--from"),
    to: to === undefined ? Date.now() : momentOf(to, zone, "--to"),
  };
  if (period.from < period.to) return period;
  throw new ProxymeterError(
    "E_OPTIONS",
    `cannot use --from ${from} with ${to === undefined ? "the present as its end" : `--to ${to}`} (expected an end after the beginning)`,
    "--to is the first moment that is not in the period any more",
    { exitCode: 2 },
  );
}

export interface SourceRequest {
  period: Period;
  vendors: readonly PricedVendor[];
}

/** @throws ProxymeterError; BillFailure; KubeError */
export async function usageOf(request: SourceRequest, flags: SourceFlags, control: Control): Promise<Usage> {
  const progress = occasionally();
  if (flags.ledger !== undefined) return fromLedger({ ...request, say: progress }, flags.ledger);
  const { context, kubeconfig, prometheus: url, job } = flags;
  const source = await openPrometheus({
    url,
    cluster: () => openCluster({ ...(context && { context }), ...(kubeconfig && { kubeconfig }) }, control),
    signal: AbortSignal.any([control.finish, control.abort]),
    timeoutMs: TIMEOUT_MS,
  });
  const interval = await intervalOf(source, job);
  const period = { from: request.period.from, to: Math.min(request.period.to, Date.now()) };
  if (period.from >= period.to) {
    const message = "cannot ask Prometheus for a period that has not begun yet";
    throw new ProxymeterError("E_OPTIONS", message, "give a --from in the past", { exitCode: 2 });
  }
  const usage = await usageFromPrometheus({
    ...{ ...request, period, source, job, say: progress },
    ...(interval !== undefined && { intervalSeconds: interval }),
  });
  const isCut = period.to < request.period.to;
  return isCut
    ? { ...usage, notes: [...usage.notes, "the period has not ended yet: figures are those until now"] }
    : usage;
}

async function fromLedger(request: SourceRequest & { say: (line: string) => void }, files: string[]): Promise<Usage> {
  const tally = emptyTally();
  const usage = await usageFromLedger(readLedger(files, tally), request).catch((cause: NodeJS.ErrnoException) => {
    if (cause.syscall === undefined && !cause.code?.startsWith("Z_")) throw cause;
    const hint = "give files that `proxymeter observe` or a sidecar's log wrote, or - for standard input";
    throw new ProxymeterError("E_LEDGER", `cannot read the ledger: ${cause.message}`, hint, { exitCode: 2, cause });
  });
  if (tally.taken === 0) {
    const message = `cannot bill from ${files.join(", ")}: found ${tally.texts} lines and no line of the ledger (expected at least one)`;
    throw new ProxymeterError("E_LEDGER", message, `${documentation("ledger.md")} says how sidecars come to write it`, {
      exitCode: 2,
    });
  }
  const broken = tally.broken === 0 ? [] : [`${tally.broken} damaged or misplaced lines of the ledger were left out`];
  return { ...usage, notes: [...usage.notes, ...broken] };
}

/** Seconds between two scrapes, as Prometheus has it; undefined where it does not tell. */
async function intervalOf(prometheus: Prometheus, job: string): Promise<number | undefined> {
  const targets = await prometheus.targets();
  const written = targets.find(({ labels }) => labels.job === job)?.scrapeInterval ?? "";
  const parts = [...written.matchAll(/(\d+)(ms|s|m|h)/g)];
  const seconds = parts.reduce((sum, [, amount, unit = ""]) => sum + Number(amount) * (UNIT_SECONDS[unit] ?? 0), 0);
  return seconds > 0 ? seconds : undefined;
}

function zoneName(text: string): string {
  if (isZone(text)) return text;
  throw new InvalidArgumentError('expected a zone of the IANA database such as "Europe/Berlin".');
}
