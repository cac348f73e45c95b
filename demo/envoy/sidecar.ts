// SPDX-License-Identifier: Apache-2.0
/**
 * Starts the Envoy of one pod with a listener for each of its links, and waits until the filter in it meters.
 */
import { INFO } from "../../filter/core/contract.ts";
import type { Pod } from "../pod.ts";
import { poll } from "../poll.ts";
import { type Watch, watchChild } from "../process/watch.ts";
import type { Link } from "../topology.ts";
import { clusterName } from "../vendors.ts";
import { type Route, sidecarBootstrap } from "./bootstrap.ts";
import { type Envoy, startEnvoy } from "./envoy.ts";
import { type LedgerSettings, PROMPT_LOGS } from "./ledger.ts";
import type { Plugin } from "./plugin.ts";

const FILTER_DEADLINE_MS = 10_000;

export interface SidecarParts extends Watch {
  pod: Pod;
  /** Of this pod and others. */
  links: readonly Link[];
  plugin: Plugin;
  /** Folder that exists; a folder of the Envoy's own is made in it. */
  folder: string;
  /** Worker threads. */
  concurrency: number;
  /** Undefined for none. */
  ledger: LedgerSettings | undefined;
}

/** @throws DemoFailure as startEnvoy does; E_TIMEOUT when the filter never reports */
export async function startSidecar(parts: SidecarParts): Promise<Envoy> {
  const { pod, links, plugin, folder, concurrency, ledger, signal, teardown } = parts;
  const routes = links.filter((link) => link.pod === pod).map(routeOf);
  const envoy = await startEnvoy({
    name: pod.name,
    bootstrap: sidecarBootstrap({ pod, routes, plugin, ...(ledger && { ledger }) }),
    ...(ledger && { flags: PROMPT_LOGS }),
    folder,
    concurrency,
    signal,
    onChild: (child) => teardown.add(() => child.stop()),
  });
  watchChild(`Envoy "${pod.name}"`, envoy.child, parts);
  await waitForFilter(envoy, signal);
  return envoy;
}

function routeOf({ vendor, port }: Link): Route {
  const chain = vendor.protocol === "headers" ? "http" : "tcp";
  return { cluster: clusterName(vendor), upstream: { host: "127.0.0.1", port }, chain };
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
