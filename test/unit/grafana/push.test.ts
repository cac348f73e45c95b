// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about pushing dashboards, against a small HTTP server that behaves as Grafana's API is documented to. No suite runs a
 * real Grafana.
 */
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dashboardsCommand } from "../../../installer/commands/dashboards.ts";
import { checkedInDashboards } from "../../../grafana/files.ts";
import { runCommand } from "../../in-process.ts";

const TOKEN = "glsa_secret-token";
const FOLDER = { uid: "folder-proxymeter", title: "Proxymeter" };

interface Stored {
  dashboard: Record<string, unknown>;
  folderUid: string;
}

/** What a Grafana keeps, and what it was asked. */
interface StandIn {
  url: string;
  server: Server;
  folders: Map<string, string>;
  dashboards: Map<string, Stored>;
  requests: string[];
  /** Answers this instead, to paths that it matches. */
  refusal?: { path: RegExp; status: number; body: object };
}

let grafana: StandIn;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "proxymeter-push-"));
  const server = createServer(async (incoming, response) => {
    const { status, body } = await answer(incoming);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/grafana`;
  grafana = { url, server, folders: new Map(), dashboards: new Map(), requests: [] };
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  grafana.server.closeAllConnections();
  grafana.server.close();
  await once(grafana.server, "close");
});

async function answer(incoming: IncomingMessage): Promise<{ status: number; body: object }> {
  const { method = "", url = "", headers } = incoming;
  const path = url.replace(/^\/grafana/, "");
  const sent = await text(incoming);
  grafana.requests.push(`${method} ${path}`);
  const { refusal } = grafana;
  if (refusal?.path.test(path)) return refusal;
  if (headers.authorization !== `Bearer ${TOKEN}`) return { status: 401, body: { message: "Unauthorized" } };
  if (path === "/api/folders" && method === "POST") {
    const { uid, title } = JSON.parse(sent);
    grafana.folders.set(uid, title);
    return { status: 200, body: { uid, title } };
  }
  const uid = path.split("/").at(-1) ?? "";
  if (path.startsWith("/api/folders/"))
    return grafana.folders.has(uid) ? { status: 200, body: { uid } } : absent("folder");
  if (path.startsWith("/api/dashboards/uid/")) return kept(uid);
  return path === "/api/dashboards/db" && method === "POST" ? save(JSON.parse(sent)) : absent("page");
}

function kept(uid: string) {
  const stored = grafana.dashboards.get(uid);
  if (stored === undefined) return absent("dashboard");
  const { dashboard, folderUid } = stored;
  return { status: 200, body: { dashboard, meta: { url: `/d/${uid}/${uid}`, folderUid } } };
}

function save({ dashboard, folderUid = "", overwrite }: Stored & { overwrite?: boolean }) {
  const uid = String(dashboard.uid);
  const before = grafana.dashboards.get(uid);
  if (before && !overwrite) return { status: 412, body: { status: "version-mismatch" } };
  const version = Number(before?.dashboard.version ?? 0) + 1;
  grafana.dashboards.set(uid, { dashboard: { ...dashboard, id: grafana.dashboards.size + 1, version }, folderUid });
  return { status: 200, body: { status: "success", uid, url: `/d/${uid}/${uid}`, version } };
}

function absent(what: string) {
  return { status: 404, body: { message: `${what} not found` } };
}

async function run(args: string[], env: Record<string, string> = { GRAFANA_TOKEN: TOKEN }) {
  vi.stubEnv("GRAFANA_TOKEN", undefined);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  try {
    return await runCommand(dashboardsCommand, ["dashboards", ...args]);
  } finally {
    vi.unstubAllEnvs();
  }
}

const push = (...args: string[]) => run(["push", "--grafana", grafana.url, ...args]);
const results = (stdout: string) => JSON.parse(stdout).map(({ result }: { result: string }) => result);

describe("dashboards push", () => {
  it("makes the folder and all dashboards, then changes nothing, then mends the one that was changed", async () => {
    const first = await push("-o", "json");
    expect([first.exitCode, first.stderr]).toEqual([0, ""]);
    expect(results(first.stdout)).toEqual(Array(5).fill("created"));
    expect([...grafana.folders]).toEqual([[FOLDER.uid, FOLDER.title]]);
    for (const { uid, text: wanted } of checkedInDashboards()) {
      const { dashboard, folderUid } = grafana.dashboards.get(uid) ?? { dashboard: {}, folderUid: "" };
      expect(dashboard).toMatchObject(JSON.parse(wanted));
      expect(folderUid).toBe(FOLDER.uid);
    }
    grafana.requests = [];
    expect(results((await push("-o", "json")).stdout)).toEqual(Array(5).fill("unchanged"));
    expect(grafana.requests.filter((line) => line.startsWith("POST"))).toEqual([]);
    const changed = grafana.dashboards.get("proxymeter-vendors") as Stored;
    changed.dashboard.title = "Mine";
    const third = await push("-o", "json");
    expect(results(third.stdout)).toEqual(["unchanged", "updated", "unchanged", "unchanged", "unchanged"]);
    expect(changed.dashboard.version).toBe(1);
    expect(grafana.dashboards.get("proxymeter-vendors")?.dashboard).toMatchObject({
      title: "Proxymeter / Vendors",
      version: 2,
    });
  });

  it("takes the token from a file, moves dashboards to another folder, and prints where they are", async () => {
    await push();
    const file = join(folder, "token");
    writeFileSync(file, `${TOKEN}\n`);
    const moved = await run(["push", "--grafana", `${grafana.url}/`, "--token-file", file, "--folder", ""], {});
    expect(moved.exitCode).toBe(0);
    expect(moved.stdout).toContain(
      `updated   Proxymeter / Overview  ${new URL(grafana.url).origin}/d/proxymeter-overview`,
    );
    expect([...grafana.dashboards.values()].map(({ folderUid }) => folderUid)).toEqual(Array(5).fill(""));
  });

  it.each([
    [{ status: 401, body: { message: "Invalid API key" } }, "401", "service account"],
    [{ status: 403, body: { message: "Access denied" } }, "403", "Editor"],
    [{ status: 400, body: { message: "Cannot save provisioned dashboard" } }, "provisioned", "ConfigMap"],
    [{ status: 412, body: { message: "name-exists" } }, "412", "--folder"],
    [{ status: 502, body: {} }, "502", "address of Grafana"],
  ])("says what Grafana refused and what to do (%o)", async (refusal, found, hint) => {
    grafana.refusal = { path: /dashboards\/db$/, ...refusal };
    const { exitCode, stdout, stderr } = await push();
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^cannot save dashboard "Proxymeter \/ Overview": Grafana answered /);
    expect(stderr).toContain(found);
    expect(stderr.split("hint: ")[1]).toContain(hint);
    expect(stderr).not.toContain(TOKEN);
  });

  it.each([
    [["--grafana", "grafana.example"], "expected http:// or https://"],
    [["--grafana", "http://admin:secret@grafana.example"], "found credentials in the address"],
    [["--grafana", "http://grafana.example", "--token-file", "/nowhere"], "ENOENT"],
    [[], "--grafana"],
  ])("takes %o for a mistake of the user's", async (args, found) => {
    const { exitCode, stderr } = await run(["push", ...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(found);
    expect(stderr).not.toContain("secret@");
  });

  it("says that nobody answers", async () => {
    const { exitCode, stderr } = await run(["push", "--grafana", "http://127.0.0.1:1"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("cannot reach Grafana at http://127.0.0.1:1: ECONNREFUSED");
  });
});

describe("dashboards write", () => {
  it("writes the checked-in JSON under the UIDs, into a folder that it makes", async () => {
    const target = join(folder, "deep", "er");
    expect(await run(["write", "--to", target])).toMatchObject({
      exitCode: 0,
      stdout: checkedInDashboards()
        .map(({ fileName }) => `${join(target, fileName)}\n`)
        .join(""),
      stderr: `5 dashboards written to ${target}\n`,
    });
    expect(readdirSync(target).sort()).toEqual(
      checkedInDashboards()
        .map(({ uid }) => `${uid}.json`)
        .sort(),
    );
    for (const { fileName, text: wanted } of checkedInDashboards()) {
      expect(readFileSync(join(target, fileName), "utf8")).toBe(wanted);
    }
  });

  it("says why it can't", async () => {
    writeFileSync(join(folder, "file"), "");
    const { exitCode, stderr } = await run(["write", "--to", join(folder, "file")]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/cannot write ".*proxymeter-overview\.json": EEXIST[\s\S]*hint: give another folder/);
  });
});
