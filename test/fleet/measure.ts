// SPDX-License-Identifier: Apache-2.0
/**
 * One size of fleet from its start to its figures. What the figures must be, and how they read, is `report.ts`.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { poll } from "../../demo/poll.ts";
import { startChild } from "../../demo/process/child.ts";
import { type AllQueries, askDashboards } from "./dashboards.ts";
import { failedAt, type Load, machineOf } from "./limits.ts";
import { type RuleFigures, ruleFigures } from "./rule-groups.ts";
import { type Store, startStore } from "./store.ts";

export interface Settings {
  pods: number;
  /** Seconds between scrapes. */
  intervalSeconds: number;
  /** Pods replaced in an hour, over pods. */
  churn: number;
  minutes: number;
  /** Most queries that are asked without recorded series. */
  raw: number;
  signal: AbortSignal;
  say: (line: string) => void;
}

export interface Figures extends RuleFigures, AllQueries, Load {
  pods: number;
  intervalSeconds: number;
  minutes: number;
  /** Pods whose last scrape came. */
  scraped: number;
  samplesPerSecond: number;
  activeSeries: number;
  seriesPerPod: number;
  bytesPerSample: number;
  gigabytesADayPerThousandPods: number;
  /** Cores of the simulated fleet. */
  simulatorCores: number;
  slowestScrapeSeconds: number;
}

const TARGETS_DEADLINE_MS = 240_000;
/** It writes everything that is in memory to disk. */
const SNAPSHOT_DEADLINE_MS = 600_000;
const DAY_S = 86_400;

/** @throws Error that names the limiting part where a size is not carried; the reason of the signal */
export async function measure(settings: Settings): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-fleet-"));
  const targetsFile = join(folder, "targets.json");
  const ends: (() => Promise<void>)[] = [];
  try {
    const fleet = await startFleet(settings, targetsFile, ends);
    const store = await startStore({ ...settings, folder, targetsFile, hasRules: true });
    ends.unshift(() => store.child.stop());
    let ending: string | undefined;
    void store.child.ended.then((how) => {
      ending = how;
    });
    try {
      await whenScraped(store, settings);
      await settled(settings);
      return await figuresOf(store, settings, fleet, folder);
    } catch (error) {
      if (settings.signal.aborted) throw error;
      await Promise.race([store.child.ended, pause(1_000)]);
      const said = error instanceof Error ? error.message : String(error);
      throw new Error(`${said}; ${failedAt(store.child.pid, ending, machineOf())}`, { cause: error });
    }
  } finally {
    for (const end of ends) await end();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Fleet {
  pid: number;
  samples: number;
  /** Of `performance.now()`. */
  startedAt: number;
}

async function startFleet(
  { pods, churn, signal }: Settings,
  file: string,
  ends: (() => Promise<void>)[],
): Promise<Fleet> {
  let announced: { samples: number } | undefined;
  const startedAt = performance.now();
  const child = startChild({
    command: process.execPath,
    args: [join(import.meta.dirname, "simulator.ts"), String(pods), String(Math.round(pods * churn)), file],
    onLine: (line) => {
      announced ??= JSON.parse(line) as { samples: number };
    },
  });
  ends.push(() => child.stop());
  const { samples } = await poll(() => announced, {
    what: "the simulated fleet",
    deadlineMs: 60_000,
    signal,
    detail: () => child.log.text(),
    hint: "the lines above are the last that it wrote",
  });
  return { pid: child.pid, samples, startedAt };
}

async function whenScraped(store: Store, { pods, signal, say }: Settings): Promise<void> {
  say(`${pods} pods: waiting until all are scraped`);
  await poll(async () => ((await store.value('count(up{job="proxymeter"} == 1)')) ?? 0) >= pods * 0.99 || undefined, {
    what: `${pods} pods to be scraped`,
    deadlineMs: TARGETS_DEADLINE_MS,
    everyMs: 2_000,
    signal,
    hint: "this machine may not carry so many; try --pods with fewer",
  });
}

async function settled({ pods, minutes, signal, say }: Settings): Promise<void> {
  for (let left = minutes; left > 0; left -= 1) {
    say(`${pods} pods: collecting for ${left} more min`);
    await pause(Math.min(1, left) * 60_000, undefined, { signal });
  }
}

async function figuresOf(store: Store, settings: Settings, fleet: Fleet, folder: string): Promise<Figures> {
  const { pods, intervalSeconds, minutes, say } = settings;
  const read = async (query: string) => (await store.value(query)) ?? Number.NaN;
  const window = `${Math.max(1, Math.floor(minutes) - 1)}m`;
  const self = 'job="prometheus"';
  const samplesPerSecond = await read(`rate(prometheus_tsdb_head_samples_appended_total{${self}}[${window}])`);
  const cores = await read(`rate(process_cpu_seconds_total{${self}}[${window}])`);
  const figures = {
    pods,
    intervalSeconds,
    minutes,
    scraped: await read('count(up{job="proxymeter"} == 1)'),
    samplesPerSecond,
    activeSeries: await read(`prometheus_tsdb_head_series{${self}}`),
    seriesPerPod: fleet.samples / pods,
    machine: machineOf(),
    residentBytes: await read(`max_over_time(process_resident_memory_bytes{${self}}[${window}])`),
    cores,
    simulatorCores: secondsOf(fleet.pid) / ((performance.now() - fleet.startedAt) / 1000),
    ...(await ruleFigures(store, window)),
    slowestScrapeSeconds: await read(`max(max_over_time(scrape_duration_seconds{job="proxymeter"}[${window}]))`),
  };
  const asked = await askDashboards(store, { raw: settings.raw, say: (line) => say(`${pods} pods: ${line}`) });
  say(`${pods} pods: weighing the samples`);
  const bytesPerSample = await chunkBytes(store, folder);
  const perDay = (samplesPerSecond * DAY_S * bytesPerSample) / (pods / 1000) / 1e9;
  return { ...figures, bytesPerSample, gigabytesADayPerThousandPods: perDay, ...asked };
}

/** Processor seconds that a process has used, of Linux; 100 ticks a second. */
function secondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Bytes of chunks for each sample, in a snapshot of what was collected. */
async function chunkBytes(store: Store, folder: string): Promise<number> {
  const { data } = await store.ask("admin/tsdb/snapshot", {}, SNAPSHOT_DEADLINE_MS);
  const snapshot = join(folder, "data", "snapshots", (data as unknown as { name: string }).name);
  let bytes = 0;
  let samples = 0;
  for (const block of readdirSync(snapshot)) {
    const meta = JSON.parse(readFileSync(join(snapshot, block, "meta.json"), "utf8")) as {
      stats: { numSamples: number };
    };
    samples += meta.stats.numSamples;
    for (const file of readdirSync(join(snapshot, block, "chunks")))
      bytes += statSync(join(snapshot, block, "chunks", file)).size;
  }
  rmSync(snapshot, { recursive: true });
  return bytes / samples;
}
