// SPDX-License-Identifier: Apache-2.0
/**
 * The `validate` subcommand: its options and help, where its report goes, and what it ends with. The checks are in validate/.
 */
import { createInterface } from "node:readline/promises";
import { setTimeout as delay } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { documentation } from "../documentation.ts";
import { ProxymeterError } from "../errors.ts";
import { openPrometheus } from "../prometheus/open.ts";
import { type Report, reportText } from "../validate/report.ts";
import { validate } from "../validate/run.ts";
import { readVendorsFile } from "../vendors/read.ts";
import { type Control, type Output, openCluster, outputOption, connectionOptions } from "./options.ts";
import { print, say } from "./output.ts";

interface Flags {
  context?: string;
  kubeconfig?: string;
  prometheus?: string;
  vendors?: string[];
  filename?: string;
  namespace?: string[];
  pods?: string[];
  window?: number;
  ledger?: string;
  loadgen?: boolean;
  scale?: boolean;
  output: Output;
}

const DEFAULT_WINDOW_SECONDS = 300;
const LEAST_WINDOW_SECONDS = 1;
const MOST_WINDOW_SECONDS = 30 * 24 * 3600;
const UNIT_SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };
const INCOMPLETE = 3;

const HELP = `
Checks: A requests, B destinations, C sent and D received bytes, per vendor and pod; books: metered bytes equal those that an oracle
counted. The oracle is loadgen's ledger (--loadgen, --ledger), else byte counters of Istio or Envoy that Prometheus has; without one
the books are told SKIP, never PASS. Counters are compared by their raw values at the window's ends.

Exit status: 0 when every check passes, 1 when one fails, 2 for a mistake in the options, 3 when none fails but one could not be
decided.

Examples:
  proxymeter validate
  proxymeter validate -f vendors.yaml --namespace crawl --window 1h -o json
  proxymeter validate --prometheus http://127.0.0.1:9090 --vendors acme,globex
  proxymeter validate --prometheus monitoring/prometheus:9090 --ledger result.json
  proxymeter validate --loadgen --scale -- --proxy acme=http://user:pass@gw.acme.example:8080 --url https://shop.example/ --rate 50`;

/** The subcommand, for a program that calls it `proxymeter validate`. */
export function validateCommand(control: Control): Command {
  return connectionOptions(
    new Command("validate")
      .description(
        "prove from Prometheus that requests, destinations and bytes are metered, and that the books balance",
      )
      .argument("[loadgen options...]", "after `--`: what loadgen is to send, with --loadgen"),
  )
    .option("--prometheus <address>", "its URL, or NAMESPACE/SERVICE:PORT (default: found in the cluster)")
    .option(
      "--vendors <names>",
      "vendors that must have traffic, with commas between (default: whichever have some)",
      list,
    )
    .option("-f, --filename <file>", "vendors.yaml: its vendors must have traffic; tells Envoy's clusters apart")
    .option("-n, --namespace <names>", "only pods of these namespaces (default: all)", list)
    .option("--pods <names>", "only these pods (default: all)", list)
    .option(
      "--window <time>",
      "how far to look back, such as 90s, 5m or 1h (default: 5m)",
      seconds,
      DEFAULT_WINDOW_SECONDS,
    )
    .option("--ledger <address|file>", "ledger of `proxymeter loadgen`: where it is served, or its -o json")
    .option("--loadgen", "make the load with the options after `--`, and use its ledger; the window is its time")
    .option("--scale", "double the load, or ask you to, and check that the metered rate follows")
    .addOption(outputOption())
    .addHelpText("after", HELP)
    .action((operands: string[], flags: Flags) => run(operands, flags, control));
}

async function run(operands: string[], flags: Flags, control: Control): Promise<void> {
  const { context, kubeconfig, ledger, filename, vendors, prometheus: url, output } = flags;
  const load = loadOptions(operands, flags);
  const file = filename === undefined ? undefined : readVendorsFile(filename);
  const windowSeconds = flags.window ?? DEFAULT_WINDOW_SECONDS;
  const signal = AbortSignal.any([control.finish, control.abort]);
  const prometheus = await openPrometheus({
    url,
    cluster: () => openCluster({ ...(context && { context }), ...(kubeconfig && { kubeconfig }) }, control),
    signal,
  });
  const report = await validate({
    ...{ prometheus, file, ledger, load, signal, say },
    scope: { namespaces: flags.namespace ?? [], pods: flags.pods ?? [] },
    windowSeconds,
    vendors: vendors ?? file?.vendors.map(({ name }) => name) ?? [],
    isScaled: flags.scale ?? false,
    untilDoubled: (aborted) => untilDoubled(windowSeconds, aborted),
  }).catch((error) => {
    // Waiting ends with an error of its own when it is interrupted.
    signal.throwIfAborted();
    throw error;
  });
  print(report, output, reportText);
  if (report.state !== "PASS") throw unproven(report);
}

function loadOptions(operands: string[], { loadgen = false, ledger }: Flags): string[] | undefined {
  const mistakes = [
    ...(loadgen && operands.length === 0 ? ["--loadgen without options of loadgen after `--`"] : []),
    ...(!loadgen && operands.length > 0 ? [`"${operands[0]}" without --loadgen`] : []),
    ...(loadgen && ledger !== undefined ? ["--loadgen and --ledger together (expected one of them)"] : []),
  ];
  if (mistakes.length === 0) return loadgen ? operands : undefined;
  const message = `cannot use ${mistakes.join("; ")}`;
  throw new ProxymeterError("E_OPTIONS", message, "see `proxymeter validate --help`", { exitCode: 2 });
}

/** Asks in a terminal; elsewhere there is one window's time. */
async function untilDoubled(windowSeconds: number, signal: AbortSignal): Promise<void> {
  if (!process.stdin.isTTY) {
    say(`double the load now; in ${windowSeconds} s it is measured again`);
    return delay(windowSeconds * 1000, undefined, { signal });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    await terminal.question("double the load now, then press Enter ", { signal });
  } finally {
    terminal.close();
  }
}

function unproven({ state, checks }: Report): ProxymeterError {
  const named = (of: string) => checks.filter((check) => check.state === of).map(({ id }) => id);
  if (state === "FAIL") {
    const hint = "lines with ! say what was found; `proxymeter check` looks for the cause";
    return new ProxymeterError("E_VALIDATION_FAILED", `not valid: ${named("FAIL").join(", ")} failed`, hint);
  }
  return new ProxymeterError(
    "E_VALIDATION_INCOMPLETE",
    `nothing failed, but ${named("SKIP").join(", ")} could not be decided`,
    `lines with ! say why; ${documentation("validate.md")} says what the books can be held against, and how to give it`,
    { exitCode: INCOMPLETE },
  );
}

function list(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.every((name) => name !== "")) return names;
  throw new InvalidArgumentError("expected names with commas between.");
}

function seconds(text: string): number {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)([smhd])?$/.exec(text) ?? [];
  const value = Number(amount) * (UNIT_SECONDS[unit] ?? Number.NaN);
  if (value >= LEAST_WINDOW_SECONDS && value <= MOST_WINDOW_SECONDS) return value;
  throw new InvalidArgumentError("expected 1s to 30d, such as 90s, 5m or 1h.");
}
