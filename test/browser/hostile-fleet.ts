// SPDX-License-Identifier: Apache-2.0
/**
 * A pod whose crawler asked for hosts with hostile names: its metrics as text, scraped by a real Prometheus with our rules.
 * The filter would never let such names through; whoever else writes into a Prometheus may.
 */
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RULES } from "../../demo/paths.ts";
import { prometheusConfig } from "../../demo/prometheus/config.ts";
import { type Prometheus, startPrometheus } from "../../demo/prometheus/prometheus.ts";
import { writeRules } from "../../demo/prometheus/rules.ts";
import type { Teardown } from "../../demo/teardown.ts";
import * as contract from "../../filter/core/contract.ts";
import { listen } from "../../loadgen/listener.ts";

export const HOSTILE = [
  "<img src=x onerror=window.hacked=1>",
  '"><script>window.hacked=1</script>',
  "<svg/onload=window.hacked=1>",
  "javascript:window.hacked=1",
  "{hacked|window.hacked=1}",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the dashboards, as a host might be called
  "${vendor} $__all [[vendor]]",
  "\u202emoc.elpmaxe",
  "</table></main><h1>owned</h1>",
] as const;
/** What a name looks like that means no harm. */
export const HARMLESS = "shop-01.example";
const VENDOR = "acme";
const POD = { name: "crawler-0", namespace: "crawl", labels: {} };

/** Prometheus that scrapes the pod; ended by the teardown. */
export async function startHostileFleet(teardown: Teardown): Promise<Prometheus> {
  const startedAt = Date.now();
  const server = http.createServer((_, response) => {
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end(exposition(Math.floor((Date.now() - startedAt) / 1000)));
  });
  const { port, close } = await listen(server);
  teardown.add(close);
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-hostile-"));
  teardown.add(() => rmSync(folder, { recursive: true, force: true }));
  const targets = [{ address: `127.0.0.1:${port}`, pod: POD }];
  return startPrometheus({
    config: prometheusConfig(targets, writeRules(RULES, folder)),
    folder,
    port: 0,
    signal: new AbortController().signal,
    onChild: (child) => teardown.add(() => child.stop()),
  });
}

/** Counters after so many seconds: each host as busy as the others. */
function exposition(seconds: number): string {
  const hosts = [HARMLESS, ...HOSTILE];
  const of = { [contract.LABEL_VENDOR]: VENDOR };
  const rows: [string, Record<string, string>, number][] = [
    [contract.INFO, { [contract.LABEL_RELEASE]: "0.1.0", [contract.LABEL_ENCODING]: contract.ENCODING_FULL }, 1],
    [contract.HEARTBEAT_SECONDS, {}, seconds],
    [contract.VENDOR_REQUESTS, of, seconds * hosts.length],
    [contract.VENDOR_SENT_BYTES, of, seconds * hosts.length * 100],
    [contract.VENDOR_RECEIVED_BYTES, of, seconds * hosts.length * 1000],
    ...hosts.flatMap((host): typeof rows => {
      const split = {
        ...of,
        [contract.LABEL_POOL]: "residential",
        [contract.LABEL_DESTINATION]: host,
        [contract.LABEL_PROTOCOL]: contract.PROTOCOL_CONNECT,
      };
      const ended = { [contract.LABEL_RESPONSE_CODE]: "200", [contract.LABEL_OUTCOME]: contract.OUTCOME_OK };
      return [
        [contract.REQUESTS, { ...split, ...ended }, seconds],
        [contract.SENT_BYTES, split, seconds * 100],
        [contract.RECEIVED_BYTES, split, seconds * 1000],
      ];
    }),
  ];
  return rows.map(([name, labels, value]) => `${name}{${labelText(labels)}} ${value}\n`).join("");
}

function labelText(labels: Record<string, string>): string {
  const escaped = (value: string) => value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",");
}
