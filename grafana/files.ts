// SPDX-License-Identifier: Apache-2.0
/**
 * The checked-in dashboards for those who install them: what they are called, and their JSON. Nothing is generated here.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DASHBOARDS } from "./dashboards/catalogue.ts";
import { GrafanaFailure } from "./failure.ts";

const FOLDER = join(import.meta.dirname, "dashboards", "json");

export interface DashboardFile {
  uid: string;
  title: string;
  /** `proxymeter-overview.json`: the name outside of this project. */
  fileName: string;
  text: string;
}

export function checkedInDashboards(): DashboardFile[] {
  return Object.values(DASHBOARDS).map(({ uid, title, file }) => ({
    uid,
    title,
    fileName: `${uid}.json`,
    text: readFileSync(join(FOLDER, file), "utf8"),
  }));
}

/**
 * Writes them into a folder, which is made where it is missing; other files there stay.
 *
 * @returns paths of the files
 * @throws  GrafanaFailure E_DASHBOARDS_WRITE
 */
export function writeDashboards(folder: string): string[] {
  return checkedInDashboards().map(({ fileName, text }) => {
    const path = join(folder, fileName);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path, text);
    } catch (cause) {
      const found = (cause as NodeJS.ErrnoException).code ?? String(cause);
      const message = `cannot write "${path}": ${found} (expected a folder that may be written)`;
      throw new GrafanaFailure("E_DASHBOARDS_WRITE", message, "give another folder with --to", { cause });
    }
    return path;
  });
}
