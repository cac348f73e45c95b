// SPDX-License-Identifier: Apache-2.0
/**
 * One run with traffic: rig, load, settling, evidence for the report. The rig's start and end are in lifetime.ts.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type Control, type Lease, type RigSettings, withRig } from "./lifetime.ts";
import type { DemoOptions } from "./options.ts";
import { startPage } from "./page.ts";
import { crawlerPods, type Pod } from "./pod.ts";
import { untilAborted, whenAborted } from "./poll.ts";
import { processUse } from "./process/use.ts";
import { ledgerRecord, type WireRecord } from "./report/actual.ts";
import { bytesInFlight } from "./report/bounds.ts";
import { METERED_SERIES } from "./report/metered.ts";
import type { Evidence } from "./report/report.ts";
import type { Activity, Rig } from "./rig.ts";
import { settle } from "./settle.ts";
import { startTraffic, type Traffic, type TrafficSnapshot } from "./traffic/traffic.ts";
import { WAYS } from "./traffic/ways.ts";
import { HOSTS, VENDORS } from "./vendors.ts";
import type { Viewer } from "./view/viewer.ts";

const VIEW_INTERVAL_MS = 1000;
// With resets nothing is bigger, so that what a reset may lose is small beside what a vendor carries.
const MAX_BODY_WITH_RESETS = 65_536;

/** What the load was and what came of it. */
interface Loaded {
  ledger: TrafficSnapshot;
  seconds: number;
  /** When the last connection of the load closed, in milliseconds of the epoch. */
  endedAt: number;
}

/**
 * Runs the demo and returns what its report is built from.
 *
 * @throws DemoFailure when a part can't be started or ends on its own; the reason of `control.abort`
 */
export function runDemo(options: DemoOptions, control: Control, viewer: Viewer): Promise<Evidence> {
  return withRig(settingsOf(options), { control, onStage: viewer.stage }, async (lease) => {
    viewer.stage(`the page is at ${await startPage(lease.rig, lease.teardown)}`);
    return loadAndSettle(lease, options, { finish: control.finish, viewer });
  });
}

/** The rig of a run. */
export function settingsOf(options: DemoOptions): RigSettings {
  const { pods, concurrency, prometheusPort, resetShare, seed, ledger } = options;
  return {
    ...{ pods: crawlerPods(pods), vendors: VENDORS, hosts: HOSTS, concurrency, prometheusPort, resetShare, seed },
    ...(ledger !== undefined && { ledger }),
  };
}

/** What is done with the rig: load, then evidence once everything is settled. */
export async function loadAndSettle(lease: Lease, options: DemoOptions, control: LoadControl): Promise<Evidence> {
  const loaded = await makeLoad(lease, options, control);
  control.viewer.stage("waiting for the last connections to close and the last scrape");
  return takeEvidence(lease, {
    pods: crawlerPods(options.pods),
    loaded,
    bytesPerReset: options.resetShare > 0 ? bytesInFlight(MAX_BODY_WITH_RESETS) : 0,
  });
}

interface LoadControl {
  finish: AbortSignal;
  viewer: Viewer;
}

/** Makes load until the time is over or it is told to finish. */
async function makeLoad(lease: Lease, options: DemoOptions, { finish, viewer }: LoadControl): Promise<Loaded> {
  const { rig, signal, teardown } = lease;
  const { durationMs, ratePerSecond, seed, resetShare } = options;
  const maxBody = resetShare > 0 ? { maxBodyBytes: MAX_BODY_WITH_RESETS } : {};
  const traffic = startTraffic({ ...rig, ways: WAYS, hosts: HOSTS, ratePerSecond, seed, ...maxBody });
  teardown.add(() => void traffic.stop());
  viewer.stage(`making load ${durationMs === undefined ? "until Ctrl-C" : `for ${durationMs / 1000} s`}`);
  const ticker = setInterval(() => viewer.tick(scene(rig, traffic, durationMs)), VIEW_INTERVAL_MS);
  const start = performance.now();
  try {
    await untilAborted(signal, timeOver(durationMs, finish));
    const seconds = (performance.now() - start) / 1000;
    viewer.stage("letting open requests finish");
    const ledger = await untilAborted(signal, traffic.stop());
    viewer.loaded(ledger);
    return { ledger, seconds, endedAt: Date.now() };
  } finally {
    clearInterval(ticker);
  }
}

function scene({ envoys, prometheus }: Rig, traffic: Traffic, durationMs: number | undefined) {
  return {
    durationMs,
    traffic: () => traffic.snapshot(),
    samples: () => prometheus.query(METERED_SERIES),
    processes: () => envoys.flatMap(({ name, child }) => processUse(name, child.pid) ?? []),
  };
}

/** Resolves after the time, if there is one, or when the signal fires. */
async function timeOver(durationMs: number | undefined, finish: AbortSignal): Promise<void> {
  const finished = whenAborted(finish);
  await (durationMs === undefined ? finished : Promise.race([finished, delay(durationMs)]));
}

interface Run {
  pods: readonly Pod[];
  loaded: Loaded;
  bytesPerReset: number;
}

async function takeEvidence({ rig, signal }: Lease, { pods, loaded, bytesPerReset }: Run): Promise<Evidence> {
  const { query } = rig.prometheus;
  // The relays do not see the connections that have no gateway; the load generator has seen the last of them close.
  const activity = (): Activity => {
    const { openConnections, lastCloseAt } = rig.activity();
    return { openConnections, lastCloseAt: Math.max(lastCloseAt, loaded.endedAt) };
  };
  const settled = await settle({ activity, query, podCount: pods.length, signal });
  const samples = await query(METERED_SERIES);
  const records = [...rig.relayRecords(), ...headerRecords(pods, loaded.ledger)];
  return { samples, records, settled, durationSeconds: loaded.seconds, bytesPerReset, isOwnLoad: true };
}

function headerRecords(pods: readonly Pod[], { destinations }: TrafficSnapshot): WireRecord[] {
  const vendors = VENDORS.filter(({ protocol }) => protocol === "headers");
  return pods.flatMap((pod) => vendors.map(({ name }) => ledgerRecord(pod, name, destinations)));
}
