// SPDX-License-Identifier: Apache-2.0
/**
 * The whole local rig: the topology, one Envoy with the filter for each pod, and a Prometheus that scrapes them.
 * Starts and watches; makes no load and judges nothing. What it started is ended by the caller's teardown.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Envoy } from "./envoy/envoy.ts";
import { makePlugin } from "./envoy/plugin.ts";
import { startSidecar } from "./envoy/sidecar.ts";
import type { OutsideOptions } from "./outside/outside.ts";
import { findFilter, RULES } from "./paths.ts";
import type { Pod } from "./pod.ts";
import { threadError, type Watch, watchChild } from "./process/watch.ts";
import { prometheusConfig } from "./prometheus/config.ts";
import { type Prometheus, startPrometheus } from "./prometheus/prometheus.ts";
import { writeRules } from "./prometheus/rules.ts";
import { relayRecord, type WireRecord } from "./report/actual.ts";
import { type Link, startTopology } from "./topology.ts";
import type { Entrance } from "./traffic/plan.ts";
import { clusterName } from "./vendors.ts";

/** Between interim lines: short, so that runs of seconds have some. */
const LEDGER_SECONDS = 5;

export interface RigOptions extends OutsideOptions, Watch {
  pods: readonly Pod[];
  /** Worker threads of each Envoy. */
  concurrency: number;
  /** 0 for any free one. */
  prometheusPort: number;
  /** File that all Envoys append their ledger to; none is kept where absent. */
  ledger?: string;
  /** Told what is being started. */
  onStage: (text: string) => void;
}

/** What goes on at the relays. */
export interface Activity {
  openConnections: number;
  /** When a connection last closed, in milliseconds of the epoch; 0 before the first. */
  lastCloseAt: number;
}

export interface Rig {
  /** PEM of the root certificate of all sites. */
  ca: string;
  /** For files of this run; goes with it. */
  folder: string;
  envoys: Envoy[];
  prometheus: Prometheus;
  entrances: Entrance[];
  relayRecords(): WireRecord[];
  activity(): Activity;
}

/**
 * Starts everything and waits until it can be used.
 *
 * @throws DemoFailure of the part that can't be started
 */
export async function startRig(options: RigOptions): Promise<Rig> {
  const { pods, vendors, hosts, teardown, onStage } = options;
  const ledger =
    options.ledger === undefined ? undefined : { file: resolve(options.ledger), intervalSeconds: LEDGER_SECONDS };
  const plugin = makePlugin(findFilter(), vendors, { ledger: ledger !== undefined });
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-"));
  teardown.add(() => rmSync(folder, { recursive: true, force: true }));
  onStage(`starting ${hosts.length} sites and the gateways of ${vendors.length} vendors`);
  const { ca, links } = await startTopology({ ...options, onError: threadError("the sites and gateways", options) });
  onStage(`starting ${pods.length} ${pods.length === 1 ? "Envoy" : "Envoys"}`);
  const envoys = await Promise.all(pods.map((pod) => startSidecar({ ...options, pod, links, plugin, folder, ledger })));
  onStage("starting Prometheus");
  const prometheus = await startScraping(envoys, folder, options);
  return {
    ...{ ca, folder, envoys, prometheus },
    entrances: entrances(envoys, links),
    relayRecords: () => relayRecords(links),
    activity: () => activity(links),
  };
}

async function startScraping(envoys: readonly Envoy[], folder: string, options: RigOptions): Promise<Prometheus> {
  const targets = options.pods.map((pod, index) => ({ pod, address: envoys[index]?.admin ?? "" }));
  const prometheus = await startPrometheus({
    config: prometheusConfig(targets, writeRules(RULES, folder)),
    folder,
    port: options.prometheusPort,
    signal: options.signal,
    onChild: (child) => options.teardown.add(() => child.stop()),
  });
  watchChild("Prometheus", prometheus.child, options);
  return prometheus;
}

function entrances(envoys: readonly Envoy[], links: readonly Link[]): Entrance[] {
  return links.map(({ pod, vendor }) => {
    const envoy = envoys.find(({ name }) => name === pod.name);
    return { pod, vendor, port: envoy?.ports.get(clusterName(vendor)) ?? 0 };
  });
}

function relayRecords(links: readonly Link[]): WireRecord[] {
  return links.flatMap(({ pod, vendor, relay }) => (relay ? [relayRecord(pod, vendor.name, relay.snapshot())] : []));
}

function activity(links: readonly Link[]): Activity {
  const snapshots = links.flatMap(({ relay }) => (relay ? [relay.snapshot()] : []));
  return {
    openConnections: snapshots.reduce((sum, { openConnections }) => sum + openConnections, 0),
    lastCloseAt: Math.max(0, ...snapshots.map(({ lastCloseAt }) => lastCloseAt)),
  };
}
