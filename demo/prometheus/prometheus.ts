// SPDX-License-Identifier: Apache-2.0
/**
 * Runs one Prometheus on a loopback port, with its data in a folder of the caller's.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "undici";
import { stringify } from "yaml";
import { DemoFailure } from "../failure.ts";
import { findTool } from "../paths.ts";
import { poll } from "../poll.ts";
import { type Child, startChild } from "../process/child.ts";
import { freePort } from "../process/port.ts";
import { instantVector, type Query } from "./query.ts";

const START_DEADLINE_MS = 20_000;
// Whoever else has the port may accept connections and never answer.
const ANSWER_DEADLINE_MS = 1000;
const PORT_ATTEMPTS = 5;
const LOG_HINT = "the lines above are the last that Prometheus logged";

export interface PrometheusOptions {
  config: object;
  /** Folder that exists; a folder of Prometheus's own is made in it. */
  folder: string;
  /** 0 for any free one. */
  port: number;
  signal: AbortSignal;
  /** Told of each process as soon as it runs, before it is ready. */
  onChild: (child: Child) => void;
}

export interface Prometheus {
  /** `http://127.0.0.1:PORT` */
  url: string;
  child: Child;
  query: Query;
}

/**
 * Starts Prometheus and waits until it answers.
 *
 * @throws DemoFailure E_TOOL_MISSING; E_PORT_IN_USE; E_PROMETHEUS_START with its last log lines
 */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port === 0 ? await freePort() : options.port;
    const started = await tryPort(options, port, join(options.folder, `prometheus-${attempt}`));
    if (started !== undefined) return started;
    if (options.port !== 0 || attempt === PORT_ATTEMPTS) throw portFailure(port);
  }
}

/** Undefined if somebody else has the port. */
async function tryPort(options: PrometheusOptions, port: number, folder: string): Promise<Prometheus | undefined> {
  const data = join(folder, "data");
  mkdirSync(data, { recursive: true });
  const configFile = join(folder, "prometheus.yml");
  writeFileSync(configFile, stringify(options.config));
  const child = startChild({
    command: findTool("prometheus"),
    args: [
      ...[`--config.file=${configFile}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`],
      "--log.level=warn",
    ],
  });
  options.onChild(child);
  const url = `http://127.0.0.1:${port}`;
  const check = async () => {
    if (child.hasEnded()) return endedEarly(child);
    return (await answersWith(url, data)) ? true : undefined;
  };
  const ready = await poll(check, {
    what: "Prometheus to become ready",
    deadlineMs: START_DEADLINE_MS,
    signal: options.signal,
    detail: () => child.log.text(),
    hint: LOG_HINT,
  });
  return ready ? { url, child, query: (expression) => instantVector(url, expression) } : undefined;
}

async function endedEarly(child: Child): Promise<false> {
  const found = await child.ended;
  if (child.log.includes("address already in use")) return false;
  throw new DemoFailure(
    "E_PROMETHEUS_START",
    `cannot start Prometheus: it ended with ${found} (expected it to run)${child.log.text()}`,
    LOG_HINT,
  );
}

// Whoever has the port might be a Prometheus too: ours is the one that stores its data in our folder.
async function answersWith(url: string, data: string): Promise<boolean> {
  try {
    const ready = await request(`${url}/-/ready`, { signal: AbortSignal.timeout(ANSWER_DEADLINE_MS) });
    await ready.body.dump();
    if (ready.statusCode !== 200) return false;
    const flags = await request(`${url}/api/v1/status/flags`, { signal: AbortSignal.timeout(ANSWER_DEADLINE_MS) });
    const answer = (await flags.body.json()) as { data: Record<string, string> };
    return answer.data["storage.tsdb.path"] === data;
  } catch {
    return false;
  }
}

function portFailure(port: number): DemoFailure {
  return new DemoFailure(
    "E_PORT_IN_USE",
    `cannot start Prometheus on 127.0.0.1:${port}: the port is in use (expected a free one)`,
    "choose another port with --prometheus-port, or leave the option out to get a free one",
  );
}
