// SPDX-License-Identifier: Apache-2.0
/**
 * A real Prometheus over the simulated fleet, with the scrape and the rules of an installation. Starts, asks, ends it.
 */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "undici";
import { stringify } from "yaml";
import { findTool } from "../../demo/paths.ts";
import { poll } from "../../demo/poll.ts";
import { type Child, startChild } from "../../demo/process/child.ts";
import { freePort } from "../../demo/process/port.ts";
import { metricRelabelRules } from "../../filter/core/relabel.ts";
import { JOB } from "../../grafana/recorded.ts";

const RULES = join(import.meta.dirname, "../../grafana/rules");
const READY_MS = 60_000;
export const QUERY_TIMEOUT_MS = 30_000;

export interface Store {
  child: Child;
  url: string;
  /** Seconds that an answer took, and how many series it had; throws what Prometheus says of a bad query. */
  ask(path: string, parameters: Record<string, string>, patienceMs?: number): Promise<Answer>;
  /** The value of an expression, undefined where it has none. */
  value(expression: string): Promise<number | undefined>;
}

export interface Answer {
  seconds: number;
  series: number;
  data: { result: { metric: Record<string, string>; value?: [number, string] }[] };
}

export interface StoreOptions {
  folder: string;
  targetsFile: string;
  intervalSeconds: number;
  hasRules: boolean;
  signal: AbortSignal;
}

/** The rule files that an installation has, thresholds of vendors.yaml apart. */
export function ruleFiles(): string[] {
  return readdirSync(RULES)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => join(RULES, name));
}

function configOf({ targetsFile, intervalSeconds, hasRules }: StoreOptions, port: number): object {
  const interval = `${intervalSeconds}s`;
  return {
    global: { scrape_interval: interval, scrape_timeout: "10s", evaluation_interval: "15s" },
    rule_files: hasRules ? ruleFiles() : [],
    scrape_configs: [
      {
        job_name: JOB,
        metrics_path: "/stats/prometheus",
        params: { filter: ["proxymeter_"] },
        sample_limit: 4000,
        file_sd_configs: [{ files: [targetsFile], refresh_interval: "5s" }],
        // The port is one for all, and only the pod tells them apart.
        relabel_configs: [{ source_labels: ["pod"], target_label: "instance" }],
        metric_relabel_configs: [
          { source_labels: ["__name__"], regex: "proxymeter_.+", action: "keep" },
          ...metricRelabelRules(),
        ],
      },
      { job_name: "prometheus", static_configs: [{ targets: [`127.0.0.1:${port}`] }] },
    ],
  };
}

export async function startStore(options: StoreOptions): Promise<Store> {
  const port = await freePort();
  const data = join(options.folder, "data");
  mkdirSync(data, { recursive: true });
  const config = join(options.folder, "prometheus.yml");
  writeFileSync(config, stringify(configOf(options, port)));
  const child = startChild({
    command: findTool("prometheus"),
    args: [
      ...[`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`],
      ...["--web.enable-admin-api", `--query.timeout=${QUERY_TIMEOUT_MS / 1000}s`, "--log.level=warn"],
    ],
  });
  const url = `http://127.0.0.1:${port}`;
  const ready = () => isReady(url);
  const hint = "the lines above are the last that Prometheus logged";
  await poll(ready, {
    what: "Prometheus to become ready",
    deadlineMs: READY_MS,
    signal: options.signal,
    detail: () => child.log.text(),
    hint,
  });
  const ask = asker(url);
  const value = async (query: string) => {
    const { data } = await ask("query", { query });
    const text = data.result[0]?.value?.[1];
    return text === undefined ? undefined : Number(text);
  };
  return { child, url, ask, value };
}

async function isReady(url: string): Promise<true | undefined> {
  try {
    const { statusCode, body } = await request(`${url}/-/ready`);
    await body.dump();
    return statusCode === 200 || undefined;
  } catch {
    return undefined;
  }
}

function asker(url: string): Store["ask"] {
  return async (path, parameters, patienceMs = 2 * QUERY_TIMEOUT_MS) => {
    const began = performance.now();
    const { body } = await request(`${url}/api/v1/${path}`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(parameters).toString(),
      headersTimeout: patienceMs,
      bodyTimeout: patienceMs,
    });
    const answer = (await body.json()) as { status: string; error?: string; data: Answer["data"] };
    const seconds = (performance.now() - began) / 1000;
    if (answer.status !== "success") throw new Error(answer.error ?? "no answer");
    return { seconds, series: answer.data.result?.length ?? 0, data: answer.data };
  };
}
