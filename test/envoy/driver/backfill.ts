// SPDX-License-Identifier: Apache-2.0
/**
 * A real Prometheus over history that was not scraped but written: samples as OpenMetrics text, made into blocks by promtool.
 * Such history has no staleness markers; everything else is as scrapes leave it.
 */
import { execFile } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { promisify } from "node:util";
import { TOOLS } from "../../../demo/paths.ts";
import { startPrometheus } from "../../../demo/prometheus/prometheus.ts";
import { Teardown } from "../../../demo/teardown.ts";

const run = promisify(execFile);

export type Labels = Readonly<Record<string, string>>;

/** Samples of one series: time in seconds of the epoch, and value. */
export interface WrittenSeries {
  metric: string;
  labels: Labels;
  samples: readonly (readonly [time: number, value: number])[];
}

export interface Backfilled {
  /** URL of Prometheus. */
  url: string;
  stop(): Promise<void>;
}

/** History must be younger than Prometheus' retention of 15 days. */
export async function startBackfilled(series: readonly WrittenSeries[]): Promise<Backfilled> {
  const teardown = new Teardown();
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-backfill-"));
  teardown.add(() => rmSync(folder, { recursive: true, force: true }));
  const text = join(folder, "history.om");
  // Where startPrometheus keeps the data of its first attempt.
  const data = join(folder, "prometheus-1", "data");
  mkdirSync(data, { recursive: true });
  try {
    await writeOpenMetrics(text, series);
    await run(join(TOOLS, "promtool"), ["tsdb", "create-blocks-from", "openmetrics", text, data], {
      maxBuffer: 64 * 1024 * 1024,
    });
    const { url } = await startPrometheus({
      config: { scrape_configs: [] },
      ...{ folder, port: 0, signal: new AbortController().signal },
      onChild: (child) => teardown.add(() => child.stop()),
    });
    return { url, stop: () => teardown.run() };
  } catch (error) {
    await teardown.run();
    throw error;
  }
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
