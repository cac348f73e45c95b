// SPDX-License-Identifier: Apache-2.0
/**
 * One Envoy with the filter as a pod has it, and its lanes: for each vendor a listener, a recording relay and a gateway.
 * A test that has a lane for itself reads the vendor's counters as its own books. Says nothing on the lanes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { INFO } from "../../../filter/core/contract.ts";
import { sidecarBootstrap } from "../../../demo/envoy/bootstrap.ts";
import { type Envoy, startEnvoy } from "../../../demo/envoy/envoy.ts";
import { PROMPT_LOGS } from "../../../demo/envoy/ledger.ts";
import type { Plugin } from "../../../demo/envoy/plugin.ts";
import { findFilter } from "../../../demo/paths.ts";
import { poll } from "../../../demo/poll.ts";
import { Teardown } from "../../../demo/teardown.ts";
import { type Relay, startRelay } from "../../../loadgen/relay/relay.ts";
import { EnvoyLog } from "./envoy-log.ts";
import { parseExposition, type Sample } from "./exposition.ts";
import { type ScriptedGateway, startScriptedGateway } from "./scripted-gateway.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Which Envoy: `envoy`, or the oldest one that is supported. */
    envoyTool?: "envoy" | "envoy-oldest";
  }
}

const POD = { name: "crawler-0", namespace: "crawl", labels: { app: "crawler", job: "prices" } };
const READY_DEADLINE_MS = 20_000;

export interface LaneOptions {
  vendor: string;
  /** A gateway that runs already; without one the lane gets one that the test scripts. */
  gateway?: { port: number };
  /** Leaves out the relay: Envoy connects to the gateway itself. */
  isDirect?: boolean;
}

export interface Lane {
  vendor: string;
  /** Envoy's listener: where a client connects. */
  port: number;
  relay: Relay;
  gateway: ScriptedGateway;
}

export interface SidecarOptions {
  lanes: readonly LaneOptions[];
  /** Worker threads; 2 as in Istio unless told. */
  concurrency?: number;
  /** Further members of the plugin's configuration. */
  settings?: object;
  /** Arguments that say what Envoy logs. */
  logging?: readonly string[];
  /** Stat tags of the bootstrap; those of the filter unless told. */
  extraStatTags?: readonly string[];
  /** Seconds between the interim lines of a ledger; none is kept unless told. */
  ledgerSeconds?: number;
}

export interface Sidecar {
  lane(vendor: string): Lane;
  log: EnvoyLog;
  /** The one that runs now. */
  readonly envoy: Envoy;
  concurrency: number;
  /** File of the ledger, where one is kept. */
  ledger: string;
  samples(): Promise<Sample[]>;
  /** Kills Envoy as the system does it when memory is short. */
  crash(): Promise<void>;
  /** Starts a new Envoy on the same lanes, after a crash; its listeners have other ports. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts all of it; what cannot be started leaves nothing running. */
export async function startSidecar(options: SidecarOptions): Promise<Sidecar> {
  const teardown = new Teardown();
  try {
    return await start(options, teardown);
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function start(options: SidecarOptions, teardown: Teardown): Promise<Sidecar> {
  const log = new EnvoyLog();
  const { concurrency = 2 } = options;
  const ledger = join(makeFolder(teardown), "ledger.jsonl");
  const lanes = await Promise.all(options.lanes.map((lane) => startLane(lane, teardown)));
  let envoy = await launch(options, { lanes, log, teardown, ledger });
  const samples = async () => parseExposition(await envoy.ask("/stats/prometheus?filter=proxymeter"));
  await whenMetering(samples, log);
  const lane = (vendor: string): Lane => {
    const found = lanes.find((each) => each.vendor === vendor);
    if (!found) throw new Error(`no lane "${vendor}" (expected one of ${options.lanes.map((each) => each.vendor)})`);
    return { ...found, port: envoy.ports.get(clusterOf(vendor)) ?? 0 };
  };
  const crash = async () => {
    process.kill(envoy.child.pid, "SIGKILL");
    await envoy.child.ended;
  };
  const restart = async () => {
    envoy = await launch(options, { lanes, log, teardown, ledger });
    await whenMetering(samples, log);
  };
  return {
    lane,
    log,
    concurrency,
    ledger,
    samples,
    crash,
    restart,
    stop: () => teardown.run(),
    get envoy() {
      return envoy;
    },
  };
}

interface Parts {
  lanes: readonly { vendor: string; upstreamPort: number }[];
  log: EnvoyLog;
  teardown: Teardown;
  ledger: string;
}

function makeFolder(teardown: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-test-"));
  teardown.add(() => rmSync(folder, { recursive: true }));
  return folder;
}

function launch(options: SidecarOptions, { lanes, log, teardown, ledger }: Parts): Promise<Envoy> {
  const routes = lanes.map(({ vendor, upstreamPort }) => ({
    cluster: clusterOf(vendor),
    upstream: { host: "127.0.0.1", port: upstreamPort },
  }));
  const { ledgerSeconds } = options;
  return startEnvoy({
    name: POD.name,
    bootstrap: sidecarBootstrap({
      pod: POD,
      routes,
      plugin: plugin(options),
      ...(options.extraStatTags && { extraStatTags: options.extraStatTags }),
      ...(ledgerSeconds && { ledger: { file: ledger, intervalSeconds: ledgerSeconds } }),
    }),
    folder: makeFolder(teardown),
    concurrency: options.concurrency ?? 2,
    tool: inject("envoyTool") ?? "envoy",
    ...(options.logging && { logging: options.logging }),
    ...(ledgerSeconds && { flags: PROMPT_LOGS }),
    onLine: log.add,
    signal: AbortSignal.timeout(READY_DEADLINE_MS),
    onChild: (child) => teardown.add(() => child.stop()),
  });
}

// With FAIL_OPEN an Envoy without a working filter looks well and meters nothing.
function whenMetering(samples: () => Promise<Sample[]>, log: EnvoyLog): Promise<true> {
  const check = async () => ((await samples()).some(({ name }) => name === INFO) ? true : undefined);
  return poll(check, {
    what: `the filter to report "${INFO}"`,
    deadlineMs: READY_DEADLINE_MS,
    signal: new AbortController().signal,
    detail: () => log.tail(),
    hint: "build the filter with `npm run build:filter`",
  });
}

async function startLane({ vendor, gateway: given, isDirect = false }: LaneOptions, teardown: Teardown) {
  const gateway = await startScriptedGateway();
  teardown.add(() => gateway.close());
  const port = given?.port ?? gateway.port;
  const relay = await startRelay({ pod: POD.name, vendor, upstream: { host: "127.0.0.1", port } });
  teardown.add(() => relay.close());
  return { vendor, gateway, relay, upstreamPort: isDirect ? port : relay.port };
}

function plugin({ lanes, settings, ledgerSeconds }: SidecarOptions): Plugin {
  const configuration = {
    release: "0.1.0",
    vendors: lanes.map(({ vendor }) => ({
      name: vendor,
      gateways: [{ host: hostOf(vendor), port: 8080 }],
      username: { separator: "-", pool: "zone", country: "country" },
    })),
    limits: { series: 20_000 },
    ...(ledgerSeconds && { ledger: true }),
    ...settings,
  };
  return { module: findFilter(), configuration: JSON.stringify(configuration) };
}

function hostOf(vendor: string): string {
  return `gw.${vendor}.example`;
}

function clusterOf(vendor: string): string {
  return `outbound|8080||${hostOf(vendor)}`;
}
