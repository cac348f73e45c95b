// SPDX-License-Identifier: Apache-2.0
/**
 * The `demo` subcommand: its options and help, and where its results go. The run itself is in run.ts, the service in serve/.
 */
import { accessSync, constants, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Command } from "commander";
import { DemoFailure } from "./failure.ts";
import type { Control } from "./lifetime.ts";
import { type DemoOptions, type RawOptions, readOptions } from "./options.ts";
import { problems } from "./report/problems.ts";
import { buildReport, type Evidence, type Report } from "./report/report.ts";
import { reportText } from "./report/table.ts";
import { runDemo } from "./run.ts";
import { serveDemo } from "./serve/serve.ts";
import { lineViewer } from "./view/lines.ts";
import { liveViewer } from "./view/live.ts";

const SHOWN_PROBLEMS = 20;

/** The subcommand, for a program that calls it `proxymeter demo`. */
export function demoCommand(control: Control): Command {
  return new Command("demo")
    .description(
      "send crawler traffic through real Envoys and proxies on this machine, and compare what was metered with what was sent",
    )
    .option("--duration <time>", "how long to make load, such as 20s or 5m (default: until Ctrl-C)")
    .option("--pods <number>", "simulated crawler pods, each with an Envoy (default: 2, with --serve 1)")
    .option("--rate <number>", "requests a second for each pod (default: 100)")
    .option("--json <file>", "write the report to this file instead of showing a table")
    .option("--ledger <file>", "also append the ledger, a line for each connection, to this file")
    .option("--serve", "make no load: print where everything is as one line of JSON, for clients of your own")
    .option("--resets <share>", "share of the tunnels that the gateways reset on the way, 0 to 1 (default: 0)")
    .option("--seed <number>", "the same seed makes the same sequence of requests (default: 1)")
    .option("--concurrency <number>", "worker threads of each Envoy (default: 1)")
    .option("--prometheus-port <port>", "port of Prometheus on 127.0.0.1 (default: any free one)")
    .addHelpText("after", EXAMPLES)
    .action(async (raw: RawOptions) => {
      const options = readOptions(raw);
      await (options.isServed ? serve(options, control) : demo(options, control));
    });
}

const EXAMPLES = `
Exit status: 0 when every check passes, 1 when one fails or a part fails, 2 for a mistake in the options.

Examples:
  proxymeter demo
  proxymeter demo --duration 20s --json report.json
  proxymeter demo --duration 1m --pods 4 --rate 50
  proxymeter demo --serve`;

async function demo(options: DemoOptions, control: Control): Promise<void> {
  for (const file of [options.json, options.ledger]) if (file !== undefined) checkWritable(file);
  // A terminal without a size has nowhere to draw.
  const hasScreen = process.stderr.isTTY && process.stderr.rows > 0;
  const viewer = hasScreen ? liveViewer(process.stderr) : lineViewer(process.stderr);
  const evidence = await runDemo(options, control, viewer).finally(viewer.close);
  const report = buildReport(evidence);
  if (options.json === undefined) process.stdout.write(`${reportText(report)}\n`);
  else {
    writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    const passed = report.checks.filter(({ pass }) => pass).length;
    process.stderr.write(`demo: wrote ${options.json}: ${passed} of ${report.checks.length} checks pass\n`);
  }
  if (!report.ok) throw checkFailure(report, evidence);
}

async function serve(options: DemoOptions, control: Control): Promise<void> {
  const { stage: onStage } = lineViewer(process.stderr);
  await serveDemo(options, {
    ...control,
    onStage,
    onReady: (announcement) => {
      process.stdout.write(`${JSON.stringify(announcement)}\n`);
      onStage("serving until Ctrl-C");
    },
  });
}

// Asked before the run, because a report that can't be written is a pity after it.
function checkWritable(file: string): void {
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch (cause) {
    const message = `cannot write "${file}": ${cause instanceof Error ? cause.message : cause}`;
    throw new DemoFailure("E_REPORT_FILE", message, "name a file in a folder that exists", {
      exitCode: 2,
      cause,
    });
  }
}

function checkFailure(report: Report, evidence: Evidence): DemoFailure {
  const failed = report.checks.filter(({ pass }) => !pass).map(({ id }) => id);
  const lines = problems(report, evidence);
  const shown = lines.slice(0, SHOWN_PROBLEMS).map((line) => `\n  ${line}`);
  const more = lines.length > SHOWN_PROBLEMS ? `\n  and ${lines.length - SHOWN_PROBLEMS} more` : "";
  return new DemoFailure(
    "E_CHECKS_FAILED",
    `the run does not pass: failed checks: ${failed.join(", ") || "none"} (expected every check to pass on a settled run)${shown.join("")}${more}`,
    "metered is what Prometheus stored, expected is what crossed the sockets",
  );
}
