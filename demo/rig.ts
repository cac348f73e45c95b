// SPDX-License-Identifier: Apache-2.0
/**
 * The whole local rig: the topology, one Envoy with the filter for each pod, and a Prometheus that scrapes them.
 * Starts and watches; makes no load and judges nothing. What it started is ended by the caller's teardown.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { INFO } from "../filter/core/contract.ts";
import { sidecarBootstrap } from "./envoy/bootstrap.ts";
import { type Envoy, startEnvoy } from "./envoy/envoy.ts";
import { networkPlugin, type Plugin } from "./envoy/plugin.ts";
import { DemoFailure } from "./failure.ts";
import { findFilter } from "./paths.ts";
import type { Pod } from "./pod.ts";
import { poll } from "./poll.ts";
import type { Child } from "./process/child.ts";
import { prometheusConfig } from "./prometheus/config.ts";
import { type Prometheus, startPrometheus } from "./prometheus/prometheus.ts";
import type { RelayRecord } from "./report/actual.ts";
import type { Teardown } from "./teardown.ts";
import { type Link, relayRecords, startTopology } from "./topology.ts";
import { clusterName, type Vendor } from "./vendors.ts";

const FILTER_DEADLINE_MS = 10_000;

export interface RigOptions {
  pods: readonly Pod[];
  vendors: readonly Vendor[];
  hosts: readonly string[];
  /** Worker threads of each Envoy. */
  concurrency: number;
  /** 0 for any free one. */
  prometheusPort: number;
  signal: AbortSignal;
  teardown: Teardown;
  /** Told what is being started. */
  onStage: (text: string) => void;
  /** Told when a part ends that should run. */
  onBroken: (failure: DemoFailure) => void;
}

/** A vendor as a client in a pod reaches it. */
export interface Entrance {
  pod: Pod;
  vendor: Vendor;
  /** `http://user:password@127.0.0.1:PORT`, a listener of the pod's Envoy. */
  proxyUrl: string;
}

export interface Rig {
  ca: string;
  envoys: Envoy[];
  prometheus: Prometheus;
  entrances: Entrance[];
  records(): RelayRecord[];
}

/**
 * Starts everything and waits until it can be used.
 *
 * @throws DemoFailure of the part that can't be started
 */
export async function startRig(options: RigOptions): Promise<Rig> {
  const { pods, vendors, hosts, teardown, onStage } = options;
  const plugin = networkPlugin(findFilter(), vendors);
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-"));
  teardown.add(() => rmSync(folder, { recursive: true, force: true }));
  onStage(`starting ${hosts.length} sites and ${vendors.length} vendor gateways`);
  const { ca, links } = await startTopology({ pods, vendors, hosts, teardown, onError: outsideError(options) });
  onStage(`starting ${pods.length} Envoys`);
  const envoys = await Promise.all(pods.map((pod) => startSidecar(pod, { links, plugin, folder, options })));
  onStage("starting Prometheus");
  const targets = pods.map((pod, index) => ({ pod, address: envoys[index]?.admin ?? "" }));
  const config = prometheusConfig(targets);
  const onChild = (child: Child) => teardown.add(() => child.stop());
  const prometheus = await startPrometheus({
    config,
    folder,
    port: options.prometheusPort,
    signal: options.signal,
    onChild,
  });
  watch("Prometheus", prometheus.child, options);
  return { ca, envoys, prometheus, entrances: entrances(envoys, links), records: () => relayRecords(links) };
}

interface SidecarParts {
  links: readonly Link[];
  plugin: Plugin;
  folder: string;
  options: RigOptions;
}

async function startSidecar(pod: Pod, { links, plugin, folder, options }: SidecarParts): Promise<Envoy> {
  const routes = links
    .filter((link) => link.pod === pod)
    .map(({ vendor, relay }) => ({ cluster: clusterName(vendor), upstream: { host: "127.0.0.1", port: relay.port } }));
  const envoy = await startEnvoy({
    name: pod.name,
    bootstrap: sidecarBootstrap({ pod, routes, plugin }),
    folder,
    concurrency: options.concurrency,
    signal: options.signal,
    onChild: (child) => options.teardown.add(() => child.stop()),
  });
  watch(`Envoy "${pod.name}"`, envoy.child, options);
  await waitForFilter(envoy, options.signal);
  return envoy;
}

// With FAIL_OPEN an Envoy without a working filter looks well and meters nothing.
function waitForFilter(envoy: Envoy, signal: AbortSignal): Promise<true> {
  const check = async () => ((await envoy.ask(`/stats/prometheus?filter=${INFO}`)).includes(INFO) ? true : undefined);
  return poll(check, {
    what: `the filter in Envoy "${envoy.name}" to report "${INFO}"`,
    deadlineMs: FILTER_DEADLINE_MS,
    signal,
    detail: () => envoy.child.log.text(),
    hint: "the lines above are the last that Envoy logged; rebuild the filter with `npm run build:filter`",
  });
}

function watch(name: string, child: Child, { signal, teardown, onBroken }: RigOptions): void {
  let expected = false;
  teardown.add(() => {
    expected = true;
  });
  void child.ended.then((found) => {
    if (expected || signal.aborted) return;
    const message = `${name} ended during the run with ${found} (expected it to run to the end)${child.log.text()}`;
    onBroken(new DemoFailure("E_PART_ENDED", message, "everything else has been ended; start again"));
  });
}

function outsideError({ onBroken }: RigOptions): (error: Error) => void {
  return (cause) => {
    const message = `the sites and gateways ended during the run: ${cause.message} (expected them to run to the end)`;
    onBroken(new DemoFailure("E_PART_ENDED", message, "everything else has been ended; start again", { cause }));
  };
}

function entrances(envoys: readonly Envoy[], links: readonly Link[]): Entrance[] {
  return links.map(({ pod, vendor }) => {
    const port = envoys.find(({ name }) => name === pod.name)?.ports.get(clusterName(vendor));
    const credentials = `${encodeURIComponent(vendor.username)}:${encodeURIComponent(vendor.password)}`;
    return { pod, vendor, proxyUrl: `http://${credentials}@127.0.0.1:${port}` };
  });
}
