// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run bench:fleet`: real Prometheus with our scrape and rules over simulated fleets of several sizes. The table goes to
 * stdout, progress to stderr. Exit status 1 when a bar is missed or a size fails, 2 for a mistake in the arguments.
 */
import { writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { type Figures, measure } from "./measure.ts";
import { missedBars, tableText } from "./report.ts";

function numbers(text: string): number[] {
  const all = text.split(",").map(Number);
  if (all.every((value) => Number.isInteger(value) && value > 0 && value <= 20_000)) return all;
  throw new InvalidArgumentError("expected whole numbers up to 20000, such as 500,1000,2500");
}

function number(text: string): number {
  const value = Number(text);
  if (value >= 0 && value <= 3600) return value;
  throw new InvalidArgumentError("expected a number from 0 to 3600");
}

interface Options {
  pods: number[];
  minutes: number;
  interval: number;
  churn: number;
  raw: number;
  json?: string;
}

const command = new Command("bench:fleet")
  .description("measures a real Prometheus with our scrape, rules and dashboards over simulated fleets")
  .option("--pods <sizes>", "sizes, one after the other", numbers, [500, 1000, 2500])
  .option("--minutes <number>", "how long each is collected before it is measured", number, 6)
  .option("--interval <seconds>", "between scrapes", number, 15)
  .option("--churn <share>", "share of the pods that is replaced in an hour", number, 0.5)
  .option("--raw <number>", "most queries that are asked without recorded series, evenly chosen", number, 200)
  .option("--json <file>", "write the figures to a file, with a row for each query and rule group");

async function main(options: Options): Promise<number> {
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.once(name, () => interrupted.abort(new Error(`interrupted by ${name}`)));
  const say = (line: string) => void process.stderr.write(`bench:fleet: ${line}\n`);
  const all: Figures[] = [];
  const failures: string[] = [];
  for (const pods of options.pods) {
    const { minutes, interval: intervalSeconds, churn, raw } = options;
    try {
      all.push(await measure({ pods, minutes, intervalSeconds, churn, raw, signal: interrupted.signal, say }));
    } catch (error) {
      failures.push(`${pods} pods: ${error instanceof Error ? error.message : error}`);
      say(`FAILED: ${failures.at(-1)}`);
      if (interrupted.signal.aborted) break;
    }
  }
  process.stdout.write(`${tableText(all, failures)}\n`);
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ figures: all, failures }, null, 2)}\n`);
  return failures.length === 0 && all.every((figures) => missedBars(figures).length === 0) ? 0 : 1;
}

command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2)).parse();
process.exit(await main(command.opts<Options>()));
