// SPDX-License-Identifier: Apache-2.0
/**
 * A real Envoy whose listeners and filters are files that a test replaces while connections run, as a control plane would push them.
 * A file is replaced by a rename, so Envoy never reads half of it.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Envoy, listenerPorts, startEnvoy } from "../../../demo/envoy/envoy.ts";
import { poll } from "../../../demo/poll.ts";
import { Teardown } from "../../../demo/teardown.ts";
import { EnvoyLog } from "../../envoy/driver/envoy-log.ts";
import { parseExposition, type Sample } from "../../envoy/driver/exposition.ts";
import {
  filterResource,
  listenerResources,
  reconfigurableBootstrap,
  type Upstream,
  type WasmPlugin,
} from "./config.ts";

const DEADLINE_MS = 20_000;

export interface Reconfigurable {
  log: EnvoyLog;
  /** Where the configuration of a discovered filter is. */
  filterFile(name: string): string;
  /** Writes a discovered filter's configuration before any listener asks for it. */
  writeFilter(name: string, plugin: WasmPlugin): void;
  /** Replaces a discovered filter's configuration; resolves when Envoy has taken it. */
  pushFilter(name: string, plugin: WasmPlugin): Promise<void>;
  /** Replaces all listeners; resolves when Envoy has taken them. */
  pushListeners(listeners: readonly object[]): Promise<void>;
  /** Port of a listener as of now. */
  port(name: string): Promise<number>;
  samples(): Promise<Sample[]>;
  /** A stat of Envoy's own by its whole name; 0 where there is none. */
  stat(name: string): Promise<number>;
  /** Resolves when a stat has a value. */
  reaches(name: string, value: number): Promise<void>;
  /** The samples as soon as they are as wanted. */
  appears(what: string, holds: (samples: Sample[]) => boolean): Promise<Sample[]>;
  /** Ends Envoy; resolves to how it ended. */
  stop(): Promise<string>;
}

/** @param drainSeconds  how long connections of a listener that is gone may go on */
export async function startReconfigurable(upstreams: readonly Upstream[], drainSeconds = 600): Promise<Reconfigurable> {
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-abi-"));
  const teardown = new Teardown();
  teardown.add(() => rmSync(folder, { recursive: true }));
  const log = new EnvoyLog();
  const listeners = join(folder, "listeners.json");
  replace(listeners, listenerResources([]));
  const envoy = await startEnvoy({
    name: "envoy",
    bootstrap: reconfigurableBootstrap(upstreams, listeners),
    folder,
    concurrency: 1,
    logging: ["--log-level", "warning", "--component-log-level", "wasm:info", "--drain-time-s", String(drainSeconds)],
    onLine: log.add,
    signal: AbortSignal.timeout(DEADLINE_MS),
    onChild: (child) => teardown.add(() => child.stop()),
  }).catch(async (error) => {
    await teardown.run();
    throw error;
  });
  return verbs(envoy, { folder, listeners, log, teardown });
}

interface Parts {
  folder: string;
  listeners: string;
  log: EnvoyLog;
  teardown: Teardown;
}

function verbs(envoy: Envoy, { folder, listeners, log, teardown }: Parts): Reconfigurable {
  const filterFile = (name: string) => join(folder, `filter-${name}.json`);
  const samples = async () => parseExposition(await envoy.ask("/stats/prometheus?filter=proxymeter|sample"));
  const appears = <T>(what: string, read: () => Promise<T | undefined>) =>
    poll(read, {
      what,
      deadlineMs: DEADLINE_MS,
      signal: new AbortController().signal,
      detail: () => log.tail(),
      hint: "",
    });
  const stat = async (name: string) => {
    const line = (await envoy.ask("/stats")).split("\n").find((found) => found.startsWith(`${name}: `));
    return Number(line?.slice(name.length + 2) ?? 0);
  };
  /** Resolves when a counter is higher than it was before the change. */
  const change = async (counter: string, make: () => void) => {
    const before = await stat(counter);
    make();
    await appears(`Envoy to count ${counter}`, async () => ((await stat(counter)) > before ? true : undefined));
  };
  const ports = async () => listenerPorts(await envoy.ask("/listeners?format=json"));
  return {
    log,
    filterFile,
    samples,
    stat,
    async reaches(name, value) {
      await appears(`${name} to be ${value}`, async () => ((await stat(name)) === value ? true : undefined));
    },
    writeFilter: (name, plugin) => replace(filterFile(name), filterResource(name, plugin)),
    pushFilter: (name, plugin) =>
      change(`extension_config_discovery.${plugin.kind}_filter.${name}.config_reload`, () =>
        replace(filterFile(name), filterResource(name, plugin)),
      ),
    pushListeners: (all) =>
      change("listener_manager.lds.update_success", () => replace(listeners, listenerResources(all))),
    port: (name) => appears(`listener "${name}" to listen`, async () => (await ports()).get(name)),
    appears: (what, holds) =>
      appears(what, async () => {
        const found = await samples();
        return holds(found) ? found : undefined;
      }),
    async stop() {
      await teardown.run();
      return envoy.child.ended;
    },
  };
}

function replace(file: string, content: object): void {
  writeFileSync(`${file}.new`, JSON.stringify(content));
  renameSync(`${file}.new`, file);
}
