// SPDX-License-Identifier: Apache-2.0
/**
 * The dashboards that the page draws: Grafana's JSON files of a folder, as they are.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ViewFailure } from "./failure.ts";

export interface DashboardFile {
  uid: string;
  title: string;
  /** The file's text. */
  json: string;
}

const FIRST = "overview";

/**
 * Those of a folder, in the order of their file names, an overview first.
 *
 * @throws ViewFailure E_DASHBOARDS when there is none, or a file is none
 */
export function readDashboards(folder: string): DashboardFile[] {
  const names = listJson(folder);
  if (names.length === 0) throw failure(`cannot find dashboards: no .json file in "${folder}"`);
  return names.map((name) => readDashboard(join(folder, name)));
}

function listJson(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  } catch (cause) {
    throw failure(`cannot read the dashboards: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
}

function rank(name: string): number {
  return name.startsWith(FIRST) ? 0 : 1;
}

function readDashboard(file: string): DashboardFile {
  const json = readFileSync(file, "utf8");
  try {
    const { uid, title } = JSON.parse(json) as { uid?: unknown; title?: unknown };
    if (typeof uid === "string" && typeof title === "string") return { uid, title, json };
  } catch (cause) {
    throw failure(`cannot read the dashboard "${file}": ${cause instanceof Error ? cause.message : cause}`, cause);
  }
  throw failure(`cannot use "${file}" as a dashboard: it has no uid or no title (expected Grafana's JSON)`);
}

function failure(message: string, cause?: unknown): ViewFailure {
  return new ViewFailure("E_DASHBOARDS", message, "give a folder with dashboards in Grafana's JSON", {
    exitCode: 2,
    cause,
  });
}
