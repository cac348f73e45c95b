// SPDX-License-Identifier: Apache-2.0
/**
 * The `bill` subcommand: its options and help, and in which format its result goes to stdout. The bill is made in bill/.
 */
import { Command, InvalidArgumentError, Option } from "commander";
import { stringify } from "yaml";
import { type Bill, billOf } from "../../bill/bill.ts";
import { billCsv } from "../../bill/output/csv.ts";
import { billHtml } from "../../bill/output/html.ts";
import { billTable } from "../../bill/output/table.ts";
import { ProxymeterError } from "../errors.ts";
import type { Vendor } from "../vendors/model.ts";
import { readVendorsFile } from "../vendors/read.ts";
import type { Control } from "./options.ts";
import { periodOf, type SourceFlags, sourceOptions, usageOf, zoneOf } from "./usage-source.ts";

const OUTPUTS = ["table", "csv", "json", "yaml", "html"] as const;

interface Flags extends SourceFlags {
  from: string;
  to?: string;
  prices: string;
  vendors?: string[];
  output: (typeof OUTPUTS)[number];
}

const FORMATS: Readonly<Record<Flags["output"], (bill: Bill) => string>> = {
  table: (bill) => `${billTable(bill)}\n`,
  csv: billCsv,
  json: (bill) => `${JSON.stringify(bill, null, 2)}\n`,
  // What JSON makes of it, so that both are one document.
  yaml: (bill) => stringify(JSON.parse(JSON.stringify(bill))),
  html: billHtml,
};

const HELP = `
A day or month without a time is its first moment, so --from 2026-10 --to 2026-11 is the whole of October. From the ledger figures are
exact; Prometheus cannot see what a pod sends after its last scrape, and the bill says how much that is. docs/bill.md explains every
figure.

Exit status: 0 when the bill was made, 1 when it could not be, 2 for a mistake in the options or in vendors.yaml.

Examples:
  proxymeter bill --from 2026-10 --to 2026-11 --prices vendors.yaml
  proxymeter bill --from 2026-10-01 --prices vendors.yaml --prometheus http://127.0.0.1:9090 -o csv > october.csv
  proxymeter bill --from 2026-10 --to 2026-11 --prices vendors.yaml --ledger ledger-*.jsonl.gz -o html > october.html`;

/** The subcommand, for a program that calls it `proxymeter bill`. */
export function billCommand(control: Control): Command {
  const command = new Command("bill")
    .description("what the vendors will charge: by pool, country, namespace, workload and destination")
    .requiredOption("--from <time>", "beginning: a month, a day, or a time")
    .option("--to <time>", "end, itself not included (default: now)")
    .requiredOption("--prices <file>", "vendors.yaml with prices and billing profiles")
    .option("--vendors <names>", "only these vendors, with commas between", list);
  for (const option of sourceOptions()) command.addOption(option);
  return command
    .addOption(new Option("-o, --output <format>", "format of what goes to stdout").choices(OUTPUTS).default("table"))
    .addHelpText("after", HELP)
    .action((flags: Flags) => run(flags, control));
}

async function run(flags: Flags, control: Control): Promise<void> {
  const vendors = readVendorsFile(flags.prices).vendors;
  const wanted = flags.vendors === undefined ? undefined : new Set(flags.vendors);
  checkNames(vendors, wanted, flags);
  const period = periodOf(flags.from, flags.to, zoneOf(vendors, flags));
  const usage = await usageOf({ period, vendors }, flags, control);
  const kept = usage.vendors.filter(({ vendor }) => wanted === undefined || wanted.has(vendor.name));
  process.stdout.write(FORMATS[flags.output](billOf({ ...usage, vendors: kept })));
}

function checkNames(vendors: readonly Vendor[], wanted: ReadonlySet<string> | undefined, { prices }: Flags): void {
  const names = vendors.map(({ name }) => name);
  const missing = [...(wanted ?? [])].filter((name) => !names.includes(name));
  if (missing.length === 0) return;
  const message = `cannot bill ${missing.join(", ")}: ${prices} has ${names.join(", ") || "no vendors"} (expected names of these)`;
  throw new ProxymeterError("E_OPTIONS", message, "see --vendors", { exitCode: 2 });
}

function list(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.every((name) => name !== "")) return names;
  throw new InvalidArgumentError("expected names with commas between.");
}
