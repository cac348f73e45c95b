// SPDX-License-Identifier: Apache-2.0
/**
 * Runs one Envoy: writes its bootstrap, starts it, reads back the ports it got, asks its admin interface, stops it.
 * What the bootstrap says is not known here.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "undici";
import { DemoFailure } from "../failure.ts";
import { findTool } from "../paths.ts";
import { poll } from "../poll.ts";
import { type Child, startChild } from "../process/child.ts";

const START_DEADLINE_MS = 20_000;
const ANSWER_DEADLINE_MS = 5000;
const LOGGING = ["--log-level", "warning", "--component-log-level", "wasm:info"];
const LOG_HINT = "the lines above are the last that Envoy logged";

export interface EnvoyOptions {
  /** For messages, and the name of its folder. */
  name: string;
  bootstrap: object;
  /** Folder that exists; a folder of the Envoy's own is made in it. */
  folder: string;
  /** Worker threads. */
  concurrency: number;
  /** Name of the tool in `.tools/bin`. */
  tool?: string;
  /** Arguments that say what Envoy logs. */
  logging?: readonly string[];
  /** Further arguments. */
  flags?: readonly string[];
  /** Told every line that Envoy logs. */
  onLine?: (line: string) => void;
  signal: AbortSignal;
  /** Told of the process as soon as it runs, before it is ready. */
  onChild: (child: Child) => void;
}

export interface Envoy {
  name: string;
  child: Child;
  /** `127.0.0.1:PORT` */
  admin: string;
  /** Port of each listener, by its name. */
  ports: ReadonlyMap<string, number>;
  /** Body of a GET on the admin interface. */
  ask(path: string): Promise<string>;
}

/**
 * Starts an Envoy and waits until it listens everywhere.
 *
 * @throws DemoFailure E_TOOL_MISSING; E_ENVOY_START with its last log lines when it ends or does not become ready
 */
export async function startEnvoy(options: EnvoyOptions): Promise<Envoy> {
  const folder = join(options.folder, options.name);
  mkdirSync(folder);
  const configFile = join(folder, "bootstrap.json");
  const addressFile = join(folder, "admin-address");
  writeFileSync(configFile, JSON.stringify(options.bootstrap, null, 2));
  const child = startChild({
    command: findTool(options.tool ?? "envoy"),
    args: [
      ...[
        "--config-path",
        configFile,
        "--admin-address-path",
        addressFile,
        "--concurrency",
        String(options.concurrency),
      ],
      "--disable-hot-restart",
      ...(options.logging ?? LOGGING),
      ...(options.flags ?? []),
    ],
    ...(options.onLine && { onLine: options.onLine }),
  });
  options.onChild(child);
  const admin = await whenReady(options, child, () => readAddress(addressFile));
  const ask = (path: string) => get(`http://${admin}${path}`);
  await whenReady(options, child, async () => ((await status(`http://${admin}/ready`)) === 200 ? true : undefined));
  const ports = listenerPorts(await ask("/listeners?format=json"));
  return { name: options.name, child, admin, ports, ask };
}

function whenReady<T>(
  options: EnvoyOptions,
  child: Child,
  read: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const check = async () => {
    if (child.hasEnded()) throw startFailure(options.name, await child.ended, child);
    return read();
  };
  return poll(check, {
    what: `Envoy "${options.name}" to become ready`,
    deadlineMs: START_DEADLINE_MS,
    signal: options.signal,
    detail: () => child.log.text(),
    hint: LOG_HINT,
  });
}

function startFailure(name: string, found: string, child: Child): DemoFailure {
  return new DemoFailure(
    "E_ENVOY_START",
    `cannot start Envoy "${name}": it ended with ${found} (expected it to run)${child.log.text()}`,
    LOG_HINT,
  );
}

// Envoy creates the file before it writes the address into it.
function readAddress(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const address = readFileSync(file, "utf8").trim();
  return /:\d+$/.test(address) ? address : undefined;
}

/** Listener name to port, from the answer to `/listeners?format=json`. */
export function listenerPorts(json: string): Map<string, number> {
  interface Status {
    name: string;
    local_address: { socket_address: { port_value: number } };
  }
  const { listener_statuses: statuses } = JSON.parse(json) as { listener_statuses?: Status[] };
  return new Map((statuses ?? []).map(({ name, local_address: address }) => [name, address.socket_address.port_value]));
}

async function status(url: string): Promise<number | undefined> {
  try {
    const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(ANSWER_DEADLINE_MS) });
    await body.dump();
    return statusCode;
  } catch {
    return undefined;
  }
}

async function get(url: string): Promise<string> {
  const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(ANSWER_DEADLINE_MS) });
  const text = await body.text();
  if (statusCode !== 200) {
    throw new DemoFailure(
      "E_ENVOY_ADMIN",
      `cannot read ${url}: status ${statusCode} (expected 200)`,
      text.slice(0, 200),
    );
  }
  return text;
}
