// SPDX-License-Identifier: Apache-2.0
/**
 * A real Prometheus over a history that was written as blocks, for as long as a test asks it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPrometheus } from "../../../demo/prometheus/prometheus.ts";
import { Teardown } from "../../../demo/teardown.ts";
import { type WrittenSeries, writeBlocks } from "./blocks.ts";

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
  try {
    await writeBlocks(folder, series);
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
