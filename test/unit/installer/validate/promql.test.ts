// SPDX-License-Identifier: Apache-2.0
/**
 * The expressions that validate asks, evaluated by Prometheus' own engine on series that are written down here.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findTool } from "../../../../demo/paths.ts";
import * as contract from "../../../../filter/core/contract.ts";
import { past, resets, young } from "../../../../installer/validate/promql.ts";

const ALL = { namespaces: [], pods: [] };
const TIMEOUT_MS = 20_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "promql-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs promtool's unit test of one expression at five minutes; "" where it has exactly these samples. */
async function difference(series: Record<string, string>, expr: string, samples: Record<string, number>) {
  const expected = Object.entries(samples).map(([labels, value]) => ({ labels, value }));
  const test = {
    interval: "1m",
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [{ expr, eval_time: "5m", exp_samples: expected }],
  };
  const file = join(folder, "test.yaml");
  writeFileSync(file, JSON.stringify({ rule_files: [], tests: [test] }));
  const { exitCode, all } = await execa(findTool("promtool"), ["test", "rules", file], { reject: false, all: true });
  return exitCode === 0 ? "" : all;
}

describe("pods whose counters began anew", () => {
  const sample = (metric: string, pod: string) => `${metric}{namespace="crawl",pod="${pod}",proxy_vendor="acme"}`;
  const series = {
    [sample(contract.VENDOR_REQUESTS, "whole")]: "1 2 3 0 1 2",
    [sample(contract.VENDOR_SENT_BYTES, "whole")]: "1 2 3 4 5 6",
    [sample(contract.VENDOR_RECEIVED_BYTES, "whole")]: "1 2 3 4 5 6",
    [sample(contract.VENDOR_SENT_BYTES, "lacking")]: "5 6 0 1 2 3",
    [sample(contract.VENDOR_REQUESTS, "steady")]: "1 2 3 4 5 6",
  };

  it(
    "are found by whichever family shows it, also where a pod lacks the others",
    async () => {
      const found = await difference(series, resets(ALL, 240), {
        '{namespace="crawl",pod="whole"}': 1,
        '{namespace="crawl",pod="lacking"}': 1,
      });
      expect(found).toBe("");
    },
    TIMEOUT_MS,
  );

  it(
    "are none where nothing did",
    async () => {
      expect(await difference(series, resets({ namespaces: ["crawl"], pods: ["steady"] }, 240), {})).toBe("");
    },
    TIMEOUT_MS,
  );
});

/** What Prometheus has of one pod's target: whether it answers, its ticks, and a vendor's bytes. A sample a minute. */
function target(pod: string, { up, beats, bytes }: { up: string; beats: string; bytes: string }, job = "proxymeter") {
  const labels = `namespace="crawl",pod="${pod}",job="${job}",instance="${pod}:15090"`;
  return {
    [`up{${labels}}`]: up,
    [`${contract.HEARTBEAT_SECONDS}{${labels}}`]: beats,
    [`${contract.VENDOR_SENT_BYTES}{${labels},proxy_vendor="acme"}`]: bytes,
  };
}

const PODS = {
  ...target("steady", { up: "1x5", beats: "9000+60x5", bytes: "700+10x5" }),
  ...target("old", { up: "_ _ 1x3", beats: "_ _ 9000+60x3", bytes: "_ _ 700+10x3" }),
  ...target("workers", { up: "_ _ 1x3", beats: "_ _ 200+240x3", bytes: "_ _ 700+10x3" }),
  ...target("new", { up: "_ _ 1x3", beats: "_ _ 60+60x3", bytes: "_ _ 700+10x3" }),
  ...target("first-traffic", { up: "1x5", beats: "9000+60x5", bytes: "_ _ 700+10x3" }),
  ...target("missed-scrape", { up: "1 _ 1x3", beats: "9000 _ 9120+60x3", bytes: "_ _ 700+10x3" }),
  ...target("late-traffic", { up: "_ _ 1x3", beats: "_ _ 9000+60x3", bytes: "_ _ _ 700+10x2" }),
  ...target("slow-start", { up: "_ _ 0 1x2", beats: "_ _ _ 9000+60x2", bytes: "_ _ _ 700+10x2" }),
  ...target("gone", { up: "_ _ 1 _ _ _", beats: "_ _ 9000 _ _ _", bytes: "_ _ 700 _ _ _" }),
};

describe("what had been counted before Prometheus saw it", () => {
  const question = { scope: ALL, seconds: 240 };
  const of = (pod: string) => `{namespace="crawl",pod="${pod}",proxy_vendor="acme"}`;

  it(
    "is the first value of pods that are older than the window, where their target had not been scraped before",
    async () => {
      const labels = ["namespace", "pod", contract.LABEL_VENDOR];
      const expression = past(contract.VENDOR_SENT_BYTES, labels, question);
      const wanted = { [of("old")]: 700, [of("slow-start")]: 700, [of("gone")]: 700 };
      expect(await difference(PODS, expression, wanted)).toBe("");
    },
    TIMEOUT_MS,
  );

  it(
    "is nothing of pods whose filter began within the window, however many workers they have",
    async () => {
      const pod = (name: string) => `{namespace="crawl",pod="${name}"}`;
      const found = await difference(PODS, young(ALL, 240), { [pod("workers")]: 230, [pod("new")]: 240 });
      expect(found).toBe("");
    },
    TIMEOUT_MS,
  );
});
