// SPDX-License-Identifier: Apache-2.0
/**
 * One run from start to end: rig, load, settling, report, teardown. Leaves nothing running, whatever happens on the way.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type Load, startLoad } from "../loadgen/run.ts";
import type { DemoFailure } from "./failure.ts";
import type { DemoOptions } from "./options.ts";
import { crawlerPods } from "./pod.ts";
import { untilAborted } from "./poll.ts";
import { METERED_SERIES } from "./report/metered.ts";
import type { Evidence } from "./report/report.ts";
import { type Rig, startRig } from "./rig.ts";
import { settle } from "./settle.ts";
import { Teardown } from "./teardown.ts";
import type { Viewer } from "./view.ts";
import { HOSTS, VENDORS } from "./vendors.ts";

const VIEW_INTERVAL_MS = 1000;
// Longer than a crawler would wait: on a busy machine slow answers are no failures.
const VISIT_TIMEOUT_MS = 30_000;

export interface Control {
  /** Ends the load; the run then settles and reports. */
  finish: AbortSignal;
  /** Ends everything at once, without a report. */
  abort: AbortSignal;
}

/**
 * Runs the demo and returns what its report is built from.
 *
 * @throws DemoFailure when a part can't be started or ends on its own; the reason of `control.abort`
 */
export async function runDemo(options: DemoOptions, control: Control, viewer: Viewer): Promise<Evidence> {
  const teardown = new Teardown();
  const broken = new AbortController();
  const signal = AbortSignal.any([control.abort, broken.signal]);
  const onBroken = (failure: DemoFailure) => broken.abort(failure);
  try {
    // Before there is any load there is nothing to finish: an interrupt then ends the run.
    const starting = AbortSignal.any([signal, control.finish]);
    const rig = await untilAborted(
      starting,
      startDemoRig(options, { teardown, signal, onBroken, onStage: viewer.stage }),
    );
    const durationSeconds = await makeLoad(rig, options, { finish: control.finish, signal, teardown, viewer });
    viewer.stage("waiting for the last connections to close and the last scrape");
    return await untilAborted(signal, takeEvidence(rig, options.pods, durationSeconds, signal));
  } finally {
    viewer.stage("ending all parts");
    await teardown.run();
  }
}

function startDemoRig(
  { pods, concurrency, prometheusPort }: DemoOptions,
  rest: Pick<Parameters<typeof startRig>[0], "teardown" | "signal" | "onBroken" | "onStage">,
): Promise<Rig> {
  return startRig({ pods: crawlerPods(pods), vendors: VENDORS, hosts: HOSTS, concurrency, prometheusPort, ...rest });
}

interface LoadControl {
  finish: AbortSignal;
  signal: AbortSignal;
  teardown: Teardown;
  viewer: Viewer;
}

/** Makes load until the time is over or it is told to finish; answers how long that was, in seconds. */
async function makeLoad(rig: Rig, options: DemoOptions, control: LoadControl): Promise<number> {
  const { finish, signal, teardown, viewer } = control;
  const load = startDemoLoad(rig, options);
  teardown.add(() => void load.stop());
  const { durationMs } = options;
  viewer.stage(`making load ${durationMs === undefined ? "until Ctrl-C" : `for ${durationMs / 1000} s`}`);
  const ticker = setInterval(() => viewer.tick({ durationMs, load: load.snapshot() }), VIEW_INTERVAL_MS);
  const start = performance.now();
  try {
    await untilAborted(signal, Promise.race([load.done, timeOver(durationMs, finish)]));
    const seconds = (performance.now() - start) / 1000;
    viewer.loaded(await untilAborted(signal, load.stop()));
    return seconds;
  } finally {
    clearInterval(ticker);
  }
}

function startDemoLoad(rig: Rig, { ratePerSecond, seed }: DemoOptions): Load {
  const names = [...new Set(rig.entrances.map(({ pod }) => pod.name))];
  const pods = names.map((name) => ({
    pod: name,
    vendors: rig.entrances
      .filter(({ pod }) => pod.name === name)
      .map(({ vendor, proxyUrl }) => ({
        vendor: vendor.name,
        weight: vendor.weight,
        proxyUrl,
        protocol: "connect" as const,
      })),
  }));
  return startLoad({ pods, ratePerSecond, hosts: [...HOSTS], ca: rig.ca, seed, timeoutMs: VISIT_TIMEOUT_MS });
}

/** Resolves after the time, if there is one, or when the signal fires. */
async function timeOver(durationMs: number | undefined, finish: AbortSignal): Promise<void> {
  if (finish.aborted) return;
  const finished = new Promise<void>((resolve) => finish.addEventListener("abort", () => resolve(), { once: true }));
  await (durationMs === undefined ? finished : Promise.race([finished, delay(durationMs)]));
}

async function takeEvidence(
  rig: Rig,
  podCount: number,
  durationSeconds: number,
  signal: AbortSignal,
): Promise<Evidence> {
  const { query } = rig.prometheus;
  const settled = await settle({ records: () => rig.records(), query, podCount, signal });
  const samples = await query(METERED_SERIES);
  return { samples, records: rig.records(), settled, durationSeconds };
}
