// SPDX-License-Identifier: Apache-2.0
/**
 * Brings the dashboards into a Grafana by its HTTP API: makes the folder where it is missing, then creates, updates or
 * leaves each dashboard. A second run changes nothing. How requests travel, and with which rights, is the caller's.
 *
 * @see https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/
 */
import { isDeepStrictEqual } from "node:util";
import { GrafanaFailure } from "./failure.ts";
import type { DashboardFile } from "./files.ts";

export interface Answer {
  status: number;
  /** Parsed where it is JSON, else undefined. */
  body: unknown;
}

/** One request to Grafana; `path` begins with `/api/`. */
export type Send = (method: "GET" | "POST", path: string, body?: object) => Promise<Answer>;

export interface Folder {
  uid: string;
  title: string;
}

export interface Pushed {
  uid: string;
  title: string;
  result: "created" | "updated" | "unchanged";
  /** Path of the dashboard on that Grafana, such as `/d/proxymeter-overview/proxymeter-overview`. */
  path: string;
}

/** Until there, Grafana numbers and counts what is saved: no part of what was written. */
const OF_THE_SERVER = ["id", "version"];
const OK = 200;

/**
 * @param folder  undefined for the top level
 * @throws        GrafanaFailure E_GRAFANA_RIGHTS, E_GRAFANA_PROVISIONED, E_GRAFANA
 */
export async function pushDashboards(
  files: readonly DashboardFile[],
  folder: Folder | undefined,
  send: Send,
): Promise<Pushed[]> {
  if (folder !== undefined) await ensureFolder(folder, send);
  const pushed: Pushed[] = [];
  for (const file of files) pushed.push(await pushOne(file, folder, send));
  return pushed;
}

async function ensureFolder({ uid, title }: Folder, send: Send): Promise<void> {
  const found = await send("GET", `/api/folders/${uid}`);
  if (found.status === OK) return;
  if (found.status !== 404) throw refused(`look for folder "${title}"`, found);
  const made = await send("POST", "/api/folders", { uid, title });
  if (made.status !== OK) throw refused(`make folder "${title}"`, made);
}

async function pushOne({ uid, title, text }: DashboardFile, folder: Folder | undefined, send: Send): Promise<Pushed> {
  const wanted = JSON.parse(text) as Record<string, unknown>;
  const before = await send("GET", `/api/dashboards/uid/${uid}`);
  if (before.status !== OK && before.status !== 404) throw refused(`look for dashboard "${title}"`, before);
  const { dashboard, meta } = (before.body ?? {}) as {
    dashboard?: Record<string, unknown>;
    meta?: { url?: string; folderUid?: string };
  };
  const isInPlace = (meta?.folderUid ?? "") === (folder?.uid ?? "");
  if (before.status === OK && isInPlace && isDeepStrictEqual(written(dashboard ?? {}), written(wanted))) {
    return { uid, title, result: "unchanged", path: meta?.url ?? `/d/${uid}` };
  }
  const saved = await send("POST", "/api/dashboards/db", {
    dashboard: { ...wanted, id: null },
    ...(folder && { folderUid: folder.uid }),
    overwrite: true,
    message: "proxymeter dashboards push",
  });
  if (saved.status !== OK) throw refused(`save dashboard "${title}"`, saved);
  const path = (saved.body as { url?: string } | undefined)?.url ?? `/d/${uid}`;
  return { uid, title, result: before.status === OK ? "updated" : "created", path };
}

function written(dashboard: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(dashboard).filter(([name]) => !OF_THE_SERVER.includes(name)));
}

/** What each refusal means for who pushes. */
function refused(what: string, { status, body }: Answer): GrafanaFailure {
  const said = (body as { message?: string } | undefined)?.message;
  const message = `cannot ${what}: Grafana answered ${status}${said ? `, "${said}"` : ""} (expected 200)`;
  if (status === 401 || status === 403) {
    const hint = "use the token of a service account with the role Editor, or dashboards:write and folders:create";
    return new GrafanaFailure("E_GRAFANA_RIGHTS", message, hint);
  }
  if (/provision/i.test(said ?? "")) {
    const hint = "it is loaded from files or a ConfigMap: change it there, or remove it there before you push";
    return new GrafanaFailure("E_GRAFANA_PROVISIONED", message, hint);
  }
  const hint =
    status === 409 || status === 412
      ? "something else has that name: give another --folder, or remove it in Grafana"
      : "check that --grafana is the address of Grafana itself, with its path prefix if it has one";
  return new GrafanaFailure("E_GRAFANA", message, hint);
}
