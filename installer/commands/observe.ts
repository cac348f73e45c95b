// SPDX-License-Identifier: Apache-2.0
/**
 * The `observe` subcommand: ledger lines out of files or sidecars' logs, as a table or as JSON lines. Its options and help.
 * What a line is and which are wanted is decided in bill/ledger.
 */
import { Command, InvalidArgumentError, Option } from "commander";
import { stringify } from "yaml";
import type { LedgerLine } from "../../bill/ledger/line.ts";
import { parseLedgerLine } from "../../bill/ledger/parse.ts";
import { emptyTally, ledgerLines, readLedger, STANDARD_INPUT, type Tally } from "../../bill/ledger/read.ts";
import { ledgerHeading, ledgerRow } from "../../bill/ledger/row.ts";
import { isSelected, type Selection } from "../../bill/ledger/select.ts";
import { settledLines } from "../../bill/ledger/settle.ts";
import { tailFile } from "../../bill/ledger/tail.ts";
import { mergeLines } from "../../bill/ledger/merge.ts";
import * as contract from "../../filter/core/contract.ts";
import { durationSeconds } from "../cluster/istio.ts";
import { watchSidecarLogs } from "../cluster/sidecar-logs.ts";
import { documentation } from "../documentation.ts";
import { ProxymeterError } from "../errors.ts";
import {
  type ClusterFlags,
  type Control,
  connectionOf,
  openCluster,
  type Output,
  outputOption,
  connectionOptions,
} from "./options.ts";
import { say } from "./output.ts";

interface ObserveFlags extends Pick<ClusterFlags, "context" | "kubeconfig"> {
  follow?: boolean;
  file: string[];
  vendor: string[];
  pod: string[];
  destination: string[];
  outcome: string[];
  interim?: boolean;
  since: number;
  namespace: string[];
  output: Output;
}

const OUTCOMES: readonly string[] = Object.entries(contract)
  .filter(([name]) => name.startsWith("OUTCOME_"))
  .map(([, value]) => value)
  .sort();

/** One line, with what sets it apart from the next. */
const LINES: Readonly<Record<Output, (line: LedgerLine) => string>> = {
  table: (line) => `${ledgerRow(line)}\n`,
  json: (line) => `${JSON.stringify(line)}\n`,
  yaml: (line) => `---\n${stringify(line)}`,
};

const EXAMPLES = `
Shows one line for each connection and destination, as sidecars write them where the ledger is installed (docs/ledger.md):
from the logs of the opted-in namespaces' sidecars, which takes the right to get pods/log, or from files. A connection that was
still open has a line of its last state, with --follow only if --interim asks for it.
JSON is one object per line, YAML one document; the former is what --file and \`proxymeter bill\` read again.

Exit status: 0 when everything was read, or after Ctrl-C, 1 when a file or the cluster can't be read, 2 for a mistake in the
options.

Examples:
  proxymeter observe --follow
  proxymeter observe --follow --vendor acme --outcome reset,vendor_error
  proxymeter observe --pod crawl/crawler-0 --since 1h -o json
  proxymeter observe --file ledger.jsonl --file ledger.jsonl.1.gz --destination '*.shop.example'
  kubectl logs -n crawl -l app=crawler -c istio-proxy | proxymeter observe --file -`;

/** The subcommand, for a program that calls it `proxymeter observe`. */
export function observeCommand(control: Control): Command {
  return connectionOptions(
    new Command("observe")
      .description("show the ledger: each connection with its vendor, destination, outcome and bytes")
      .option("--follow", "go on with what comes, until Ctrl-C")
      .option("--file <file>", "read this file, plain or gzip, or - for standard input; may be repeated", appended, [])
      .option("--vendor <names>", "only these vendors", listed, [])
      .option("--pod <names>", "only these pods: NAME or NAMESPACE/NAME", listed, [])
      .option("--destination <hosts>", "only these hosts; *.DOMAIN for all below a domain", listed, [])
      .addOption(
        new Option("--outcome <outcomes>", `only these: ${OUTCOMES.join(", ")}`).argParser(outcomes).default([]),
      )
      .option("-n, --namespace <names>", "only pods of these namespaces", listed, [])
      .option("--interim", "with --follow, also the interim lines of connections that stay open")
      .option("--since <time>", "how far back to begin in sidecars' logs, such as 90s, 10m or 1h", seconds, 600),
  )
    .addOption(outputOption())
    .addHelpText("after", EXAMPLES)
    .action((flags: ObserveFlags) => observe(flags, control));
}

async function observe(flags: ObserveFlags, control: Control): Promise<void> {
  const tally = emptyTally();
  const lines = flags.file.length > 0 ? fromFiles(flags, control, tally) : fromCluster(flags, control, tally);
  const shown = flags.follow ? (flags.interim ? lines : endsOf(lines)) : settledLines(lines);
  const selection = {
    namespaces: flags.namespace,
    vendors: flags.vendor,
    pods: flags.pod,
    destinations: flags.destination,
    outcomes: flags.outcome,
  };
  await show(shown, selection, flags);
  if (tally.broken > 0)
    say(`${tally.broken} damaged or misplaced ledger ${tally.broken === 1 ? "line was" : "lines were"} left out`);
  if (tally.taken === 0 && !flags.follow) throw nothingFound(flags, tally);
}

/** A reader that has seen enough (`| head`) ends this without a word. */
async function show(lines: AsyncIterable<LedgerLine>, selection: Selection, { output }: ObserveFlags): Promise<void> {
  const { stdout } = process;
  let isRead = true;
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    isRead = false;
  });
  if (output === "table") stdout.write(`${ledgerHeading()}\n`);
  for await (const line of lines) {
    if (!isRead) return;
    if (!isSelected(line, selection)) continue;
    if (!stdout.write(LINES[output](line))) await drained(stdout);
  }
}

/** Also when nobody will ever read it. */
function drained(stdout: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ["drain", "error", "close"]) stdout.once(event, () => resolve());
  });
}

async function* endsOf(lines: AsyncIterable<LedgerLine>): AsyncIterable<LedgerLine> {
  for await (const line of lines) if (!line.isInterim) yield line;
}

function fromFiles({ file: files, follow }: ObserveFlags, { finish, abort }: Control, tally: Tally) {
  if (!follow) return readable(files, readLedger(files, tally));
  const signal = AbortSignal.any([finish, abort]);
  const merged = mergeLines<LedgerLine>();
  for (const file of files) {
    const source = file === STANDARD_INPUT ? readLedger([file], tally) : ledgerLines(tailFile(file, signal), tally);
    merged.add(readable([file], source));
  }
  merged.close();
  return merged.lines;
}

/** @throws ProxymeterError E_LEDGER for what the system says of a file */
async function* readable(files: readonly string[], lines: AsyncIterable<LedgerLine>): AsyncIterable<LedgerLine> {
  try {
    yield* lines;
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    if (code === undefined || error instanceof ProxymeterError) throw error;
    throw new ProxymeterError(
      "E_LEDGER",
      `cannot read the ledger ${files.join(", ")}: ${message}`,
      "give files that exist, plain or gzip",
      { cause: error },
    );
  }
}

async function* fromCluster(flags: ObserveFlags, control: Control, tally: Tally): AsyncIterable<LedgerLine> {
  const cluster = openCluster(connectionOf(flags), control);
  const signal = AbortSignal.any([control.finish, control.abort]);
  const { follow: isFollowed = false, since: sinceSeconds, pod: pods, namespace: namespaces } = flags;
  for await (const text of watchSidecarLogs(cluster, { namespaces, pods, isFollowed, sinceSeconds, signal, say })) {
    const found = parseLedgerLine(text);
    tally.texts++;
    if (found === undefined) tally.foreign++;
    else if (found.length === 0) tally.broken++;
    else tally.taken++;
    yield* found ?? [];
  }
}

function nothingFound({ file: files }: ObserveFlags, { texts }: Tally): ProxymeterError {
  const where = files.length > 0 ? files.join(", ") : "the logs of the sidecars";
  return new ProxymeterError(
    "E_NO_LEDGER",
    `cannot find a ledger line in ${where} (${texts} lines read)`,
    `install the ledger with \`proxymeter install --with-ledger\`; see ${documentation("ledger.md")}`,
  );
}

function appended(text: string, before: string[]): string[] {
  return [...before, text];
}

function listed(text: string, before: string[]): string[] {
  const names = text.split(",").map((name) => name.trim());
  return [...before, ...names.filter((name) => name !== "")];
}

function outcomes(text: string, before: string[] = []): string[] {
  const names = listed(text, before);
  const unknown = names.find((name) => !OUTCOMES.includes(name));
  if (unknown === undefined) return names;
  throw new InvalidArgumentError(`found "${unknown}" (expected one of ${OUTCOMES.join(", ")})`);
}

function seconds(text: string): number {
  const found = /^\d+$/.test(text) ? Number(text) : durationSeconds(text);
  if (found === undefined || found < 1)
    throw new InvalidArgumentError(`found "${text}" (expected a time such as 90s or 10m)`);
  return Math.ceil(found);
}
