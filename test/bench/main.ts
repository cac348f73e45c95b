// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run bench`: runs the measures and holds their figures against the bars. The table goes to stdout, progress to stderr.
 * Exit status 1 when a bar is missed or a measure fails, 2 for a mistake in the arguments.
 */
import { writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { Command, Option } from "commander";
import { untilAborted } from "../../demo/poll.ts";
import { MEASURES } from "./measures/measures.ts";
import { buildModules } from "./modules.ts";
import { Progress } from "./progress.ts";
import { Rig } from "./rig.ts";
import { tableText } from "./table.ts";
import { judge, type Row } from "./verdict.ts";

const DEADLINE_MS = 40 * 60_000;

interface Options {
  json?: string;
  only?: string[];
  quick: boolean;
}

const command = new Command("bench")
  .description("measures what metering costs and holds it against the project's bars")
  .option("--json <file>", "write the figures to a file")
  .addOption(new Option("--only <name...>", "run these measures only").choices(MEASURES.map(({ name }) => name)))
  .option("--quick", "a smoke run of two minutes, whose figures mean little", false);

async function main(options: Options): Promise<number> {
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.once(name, () => interrupted.abort(new Error(`interrupted by ${name}`)));
  const signal = AbortSignal.any([interrupted.signal, AbortSignal.timeout(DEADLINE_MS)]);
  const progress = new Progress(process.stderr);
  progress.say("compiling the peers");
  const rig = new Rig(await buildModules(), options.quick, signal, (line) => progress.say(line));
  const rows: Row[] = [];
  let failed = 0;
  try {
    for (const { name, run } of MEASURES) {
      if (options.only && !options.only.includes(name)) continue;
      try {
        rows.push(...(await untilAborted(signal, run(rig))).map(judge));
      } catch (error) {
        if (signal.aborted) throw error;
        failed += 1;
        progress.keep(`${name}: FAILED, ${error instanceof Error ? error.message : error}`);
      }
    }
  } finally {
    progress.end();
    await rig.end();
  }
  print(rows, options);
  return failed > 0 || rows.some(({ verdict }) => verdict === "missed") ? 1 : 0;
}

function print(rows: readonly Row[], { json, quick }: Options): void {
  process.stdout.write(`${tableText(rows)}\n`);
  const machine = { processors: cpus().length, model: cpus()[0]?.model ?? "", system: release() };
  if (json) writeFileSync(json, `${JSON.stringify({ quick, machine, rows }, null, 2)}\n`);
}

async function start(): Promise<number> {
  try {
    command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2)).parse();
    return await main(command.opts<Options>());
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

process.exit(await start());
