// SPDX-License-Identifier: Apache-2.0
/**
 * History that was not scraped but written: samples as OpenMetrics text, made into blocks by promtool for a Prometheus that does not
 * run yet. Such history has no staleness markers; everything else is as scrapes leave it.
 */
import { execFile } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { promisify } from "node:util";
import { findTool } from "../../../demo/paths.ts";

const run = promisify(execFile);

export type Labels = Readonly<Record<string, string>>;

/** Samples of one series: time in seconds of the epoch, and value. */
export interface WrittenSeries {
  metric: string;
  labels: Labels;
  samples: readonly (readonly [time: number, value: number])[];
}

/**
 * Writes the blocks where startPrometheus of the demo keeps the data of its first attempt in this folder.
 *
 * @param longestBlock  as promtool takes durations; few long blocks are written faster
 */
export async function writeBlocks(
  folder: string,
  series: readonly WrittenSeries[],
  longestBlock = "2h",
): Promise<void> {
  const text = join(folder, "history.om");
  const data = join(folder, "prometheus-1", "data");
  mkdirSync(data, { recursive: true });
  await writeOpenMetrics(text, series);
  const options = [`--max-block-duration=${longestBlock}`, "--quiet"];
  await run(findTool("promtool"), ["tsdb", "create-blocks-from", "openmetrics", ...options, text, data]);
}

async function writeOpenMetrics(file: string, series: readonly WrittenSeries[]): Promise<void> {
  const out = createWriteStream(file);
  for (const [metric, members] of Map.groupBy(series, (one) => one.metric)) {
    const family = metric.replace(/_total$/, "");
    out.write(`# TYPE ${family} ${family === metric ? "unknown" : "counter"}\n`);
    for (const { labels, samples } of members) {
      const named = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      const head = `${metric}{${named.join(",")}}`;
      out.write(samples.map(([time, value]) => `${head} ${value} ${time}\n`).join(""));
    }
  }
  out.end("# EOF\n");
  await finished(out);
}
