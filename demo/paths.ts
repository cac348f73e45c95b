// SPDX-License-Identifier: Apache-2.0
/**
 * Where the local rig finds what it runs and shows: the tools that set-up linked, the compiled filter, dashboards and rules.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DemoFailure } from "./failure.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const TOOLS = join(ROOT, ".tools", "bin");
export const FILTER = join(ROOT, "build", "filter.wasm");
/** Grafana's JSON, and Prometheus' rule files. */
export const DASHBOARDS = join(ROOT, "grafana", "dashboards", "json");
export const RULES = join(ROOT, "grafana", "rules");
const HINT = "run `node setup/setup.mjs` in the project folder";

/**
 * Path of a tool: `envoy`, `envoy-oldest`, `prometheus`, `promtool`.
 *
 * @throws DemoFailure E_TOOL_MISSING
 */
export function findTool(name: string, folder = TOOLS): string {
  const file = join(folder, name);
  if (!existsSync(file)) {
    throw new DemoFailure(
      "E_TOOL_MISSING",
      `cannot find ${name}: no file "${file}" (expected what set-up puts there)`,
      HINT,
    );
  }
  return file;
}

/**
 * Path of the compiled filter.
 *
 * @throws DemoFailure E_FILTER_MISSING
 */
export function findFilter(file = FILTER): string {
  if (!existsSync(file)) {
    throw new DemoFailure("E_FILTER_MISSING", `cannot find the compiled filter: no file "${file}"`, HINT);
  }
  return file;
}
