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
import { resets } from "../../../../installer/validate/promql.ts";

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
