// SPDX-License-Identifier: Apache-2.0
/**
 * The `reconcile` subcommand: its options and help, what it reads, and what it ends with. The comparison is made in bill/reconcile.
 */
import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { billOf } from "../../bill/bill.ts";
import { type Columns, type ReadOptions, type Step, UNITS, type Unit } from "../../bill/reconcile/model.ts";
import { readExport } from "../../bill/reconcile/read.ts";
import { coveredBy, type Reconciliation, reconcile } from "../../bill/reconcile/reconcile.ts";
import { reconciliationText } from "../../bill/reconcile/text.ts";
import type { Period } from "../../bill/time/period.ts";
import type { Usage } from "../../bill/usage/model.ts";
import { documentation } from "../documentation.ts";
import { ProxymeterError } from "../errors.ts";
import type { Vendor } from "../vendors/model.ts";
import { readVendorsFile } from "../vendors/read.ts";
import { type Control, type Output, outputOption } from "./options.ts";
import { print } from "./output.ts";
import { periodOf, type SourceFlags, sourceOptions, usageOf } from "./usage-source.ts";

interface Flags extends SourceFlags {
  vendor: string;
  usage: string;
  prices: string;
  from?: string;
  to?: string;
  columns?: Columns;
  path?: string;
  unit?: Unit;
  step?: Step;
  lag: number;
  output: Output;
}

const STEPS = ["5min", "hour", "day", "month"] as const;
const LAG_UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const EXIT = { green: 0, amber: 3, red: 4 } as const;

const HELP = `
Reads the JSON of public usage APIs (Bright Data, Webshare, Oxylabs, Evomi, Zyte; docs/bill.md lists the requests) and any CSV or JSON
rows with --columns. Without --from and --to the period is what the export covers. Differences are explained line by line; what is left
is judged: green up to 2 % of what is reported, amber up to 5 %, red beyond.

Exit status: 0 for green, 3 for amber, 4 for red, 1 when it could not be done, 2 for a mistake in the options or files.

Examples:
  proxymeter reconcile --vendor acme --usage october.json --prices vendors.yaml --ledger ledger-*.jsonl
  proxymeter reconcile --vendor acme --usage usage.csv --columns time=Date,bytes=Up+Down --unit GB --prices vendors.yaml
  proxymeter reconcile --vendor globex --usage total.json --from 2026-10 --to 2026-11 --prices vendors.yaml --lag 15m -o json`;

/** The subcommand, for a program that calls it `proxymeter reconcile`. */
export function reconcileCommand(control: Control): Command {
  const command = new Command("reconcile")
    .description("hold a vendor's usage export against what was observed, and explain the difference")
    .requiredOption("--vendor <name>", "the vendor, as vendors.yaml names it")
    .requiredOption("--usage <file>", "the vendor's usage export, JSON or CSV; - for standard input")
    .requiredOption("--prices <file>", "vendors.yaml with prices and billing profiles")
    .option("--from <time>", "beginning: a month, a day, or a time (default: the export's)")
    .option("--to <time>", "end, itself not included (default: the export's)")
    .option(
      "--columns <names>",
      "columns of rows: time=NAME,bytes=NAME+NAME[,end=NAME][,requests=NAME][,cost=NAME]",
      columns,
    )
    .option("--path <members>", "where the list of rows is in JSON, such as data.list")
    .addOption(new Option("--unit <unit>", "unit of the bytes (default: B, or the API's)").choices(UNITS))
    .addOption(new Option("--step <length>", "length of the export's windows (default: as found)").choices(STEPS))
    .option("--lag <time>", "how late the vendor's figures may be, such as 15m or 1h", lag, 0);
  for (const option of sourceOptions()) command.addOption(option);
  return command
    .addOption(outputOption())
    .addHelpText("after", HELP)
    .action((flags: Flags) => run(flags, control));
}

async function run(flags: Flags, control: Control): Promise<void> {
  const vendor = vendorOf(flags);
  const zone = flags.zone ?? vendor.billing.zone;
  checkInputs(flags);
  const asked = flags.from === undefined ? undefined : periodOf(flags.from, flags.to, zone);
  const reported = readExport(readText(flags.usage), readOptions(flags, zone, asked));
  const period = asked ?? coveredBy(reported);
  const usageIn = (some: Period) => usageOf({ period: some, vendors: [vendor] }, flags, control);
  const usage = await usageIn(period);
  const [headBytes, tailBytes] = await Promise.all(
    [period.from, period.to].map((end) => bytesBefore(end, flags.lag, usageIn, vendor)),
  );
  const expectedCost = billOf(usage).vendors.find((bill) => bill.vendor === vendor.name)?.total.cost;
  const result = reconcile({
    ...{ reported, usage, period, vendor: foundIn(usage, vendor) },
    lag: { milliseconds: flags.lag, headBytes: headBytes ?? 0, tailBytes: tailBytes ?? 0 },
    ...(expectedCost !== undefined && { expectedCost }),
  });
  print(result, flags.output, (one) => reconciliationText(one));
  if (result.verdict !== "green") throw unexplained(result);
}

function vendorOf({ vendor: name, prices }: Flags): Vendor {
  const { vendors } = readVendorsFile(prices);
  const found = vendors.find((vendor) => vendor.name === name);
  if (found) return found;
  const names = vendors.map((vendor) => vendor.name).join(", ") || "no vendors";
  const message = `cannot reconcile ${name}: ${prices} has ${names} (expected one of these)`;
  throw new ProxymeterError("E_OPTIONS", message, "see --vendor", { exitCode: 2 });
}

function checkInputs({ usage, ledger = [], lag: late, from, to }: Flags): void {
  const inputs = [usage, ...ledger].filter((name) => name === "-").length;
  const mistakes = [
    ...(inputs > 1 ? ["standard input for two files"] : []),
    ...(late > 0 && ledger.includes("-") ? ["--lag with the ledger from standard input (it is read three times)"] : []),
    ...(to !== undefined && from === undefined ? ["--to without --from"] : []),
  ];
  if (mistakes.length === 0) return;
  const message = `cannot use ${mistakes.join("; ")}`;
  throw new ProxymeterError("E_OPTIONS", message, "see `proxymeter reconcile --help`", { exitCode: 2 });
}

function readText(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (cause) {
    const message = `cannot read ${file}: ${(cause as Error).message} (expected the vendor's usage export)`;
    throw new ProxymeterError("E_USAGE", message, "give the file by --usage", { exitCode: 2, cause });
  }
}

function readOptions({ columns: names, path, unit, step }: Flags, zone: string, period?: Period): ReadOptions {
  return {
    zone,
    ...(names && { columns: names }),
    ...(path !== undefined && { path }),
    ...(unit && { unit }),
    ...(step && { step }),
    ...(period && { period }),
  };
}

function foundIn(usage: Usage, { name }: Vendor) {
  const found = usage.vendors.find(({ vendor }) => vendor.name === name);
  if (found) return found;
  throw new ProxymeterError("E_USAGE", `cannot reconcile ${name}: nothing was observed of it`, "check --from and --to");
}

/** Billable bytes that flowed so shortly before a moment that the vendor may not have them yet. */
async function bytesBefore(
  end: number,
  milliseconds: number,
  usageIn: (period: Period) => Promise<Usage>,
  vendor: Vendor,
): Promise<number> {
  if (milliseconds === 0) return 0;
  return foundIn(await usageIn({ from: end - milliseconds, to: end }), vendor).total.billableBytes;
}

function unexplained({ verdict, unexplainedBytes, vendor }: Reconciliation): ProxymeterError {
  const message = `${unexplainedBytes} bytes between ${vendor}'s report and what was observed are unexplained (${verdict})`;
  const hint = `${documentation("bill.md")} lists what each kind of difference comes from`;
  return new ProxymeterError("E_UNEXPLAINED", message, hint, { exitCode: EXIT[verdict] });
}

function columns(text: string): Columns {
  const pairs = text.split(",").map((pair) =>
    pair
      .split(/=(.*)/s)
      .slice(0, 2)
      .map((part) => part.trim()),
  );
  const named = Object.fromEntries(pairs) as Record<string, string | undefined>;
  const { time, bytes, end, requests, cost, ...unknown } = named;
  if (!time || !bytes || Object.keys(unknown).length > 0) {
    throw new InvalidArgumentError("expected time=NAME,bytes=NAME, and end, requests or cost.");
  }
  return { time, bytes: bytes.split("+"), ...(end && { end }), ...(requests && { requests }), ...(cost && { cost }) };
}

function lag(text: string): number {
  const [, amount, unit = ""] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (LAG_UNITS_MS[unit] ?? Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  throw new InvalidArgumentError("expected a time such as 15m or 1h.");
}
