// SPDX-License-Identifier: Apache-2.0
/**
 * `proxymeter observe` as a process: out of files and standard input, and out of sidecars' logs against a server that answers as
 * the API server does for lists and logs.
 */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommanderError } from "commander";
import { execa } from "execa";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { parseAllDocuments } from "yaml";
import { observeCommand } from "../../../../installer/commands/observe.ts";
import { describeError } from "../../../../installer/errors.ts";
import { listen } from "../../../../loadgen/listener.ts";
import { sidecarLine } from "../../bill/ledger/lines.ts";

const MAIN = join(import.meta.dirname, "../../../../installer/main.ts");
const TIMEOUT = { timeout: 30_000 };
const folder = mkdtempSync(join(tmpdir(), "proxymeter-observe-"));
afterAll(() => rmSync(folder, { recursive: true }));

function observe(args: readonly string[], input = "") {
  return execa(process.execPath, [MAIN, "observe", ...args], { reject: false, input, timeout: 25_000 });
}

function written(name: string, ...lines: string[]): string {
  const file = join(folder, name);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  return file;
}

const reset = sidecarLine({ connection: "2", pod: "crawler-1" }, { outcome: "reset", proxy_vendor: "globex" });

describe("observe of files", TIMEOUT, () => {
  it("shows the wanted lines as a table", async () => {
    const file = written("a.jsonl", sidecarLine(), "INFO noise", reset);
    const { stdout, exitCode } = await observe(["--file", file, "--outcome", "reset"]);
    const [heading, ...rows] = stdout.split("\n");
    expect(heading).toMatch(/^END +POD +VENDOR\/POOL/);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatch(
      /crawl\/crawler-1 +globex\/residential +connect +shop-01\.example:443 .* reset +1000 +20000/,
    );
    expect(exitCode).toBe(0);
  });

  it("prints JSON lines that it reads again, one for each connection that was open or has ended", async () => {
    const open = sidecarLine({ type: "TcpPeriodic", connection: "3" });
    const file = written("b.jsonl", open, sidecarLine({ type: "TcpPeriodic" }), sidecarLine());
    const first = await observe(["--file", file, "-o", "json"]);
    const second = await observe(["--file", "-", "-o", "json"], first.stdout);
    expect(first.stdout.split("\n").map((line) => JSON.parse(line).isInterim)).toEqual([false, true]);
    expect(second.stdout).toBe(first.stdout);
  });

  it("prints a YAML document for each line, of the namespaces that are named only", async () => {
    const other = sidecarLine({ connection: "4", namespace: "office" });
    const file = written("yaml.jsonl", sidecarLine(), other);
    const { stdout } = await observe(["--file", file, "-n", "office,shop", "-o", "yaml"]);
    const documents = parseAllDocuments(stdout).map((document) => document.toJS() as { namespace: string });
    expect(documents.map(({ namespace }) => namespace)).toEqual(["office"]);
  });

  it("follows a file until it is interrupted, and then ends well", async () => {
    const file = written("c.jsonl", sidecarLine());
    const child = observe(["--file", file, "--follow", "-o", "json"]);
    const seen: string[] = [];
    for await (const line of child.iterable()) {
      seen.push(JSON.parse(line).vendor);
      if (seen.length === 1) appendFileSync(file, `${sidecarLine({ type: "TcpPeriodic" })}\n${reset}\n`);
      if (seen.length === 2) child.kill("SIGINT");
    }
    expect(seen).toEqual(["acme", "globex"]);
    expect((await child).exitCode).toBe(0);
  });

  it("says where there is no ledger", async () => {
    const { exitCode, stderr } = await observe(["--file", "-"], "no ledger\n");
    expect(stderr).toContain("cannot find a ledger line in - (1 lines read)");
    expect(exitCode).toBe(1);
  });

  it.each([
    [["--file", "/nowhere/ledger.jsonl"], 1, "cannot read the ledger /nowhere/ledger.jsonl: ENOENT"],
    [["--file", "-", "--outcome", "bad"], 2, 'found "bad" (expected one of client_abort, ok,'],
    [["--since", "soon"], 2, 'found "soon" (expected a time'],
    [["--kubeconfig", "/nowhere/config"], 2, 'cannot read the kubeconfig "/nowhere/config"'],
  ])("with %j ends with status %i and says why", async (args, status, text) => {
    const found = await mistake(args);
    expect(found.text).toContain(text);
    expect(found.exitCode).toBe(status);
  });
});

/** What a call that fails at once says, without a process of its own. */
async function mistake(args: readonly string[]): Promise<{ text: string; exitCode: number }> {
  const { signal } = new AbortController();
  const command = observeCommand({ finish: signal, abort: signal });
  const quiet = command.exitOverride().configureOutput({ writeErr: () => {} });
  const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await quiet.parseAsync(args, { from: "user" });
    return { text: "", exitCode: 0 };
  } catch (error) {
    // Commander's own mistakes end with status 2 in main.ts.
    return error instanceof CommanderError ? { text: error.message, exitCode: 2 } : describeError(error);
  } finally {
    written.mockRestore();
  }
}

describe("observe of sidecars' logs", TIMEOUT, () => {
  const stop: (() => void)[] = [];
  afterEach(() => {
    for (const end of stop.splice(0)) end();
  });
  const pod = (name: string) => ({
    metadata: { name, namespace: "crawl" },
    spec: { containers: [{ name: "istio-proxy" }] },
    status: { phase: "Running", podIP: "10.0.0.1" },
  });
  const resources = [
    { name: "pods", kind: "Pod", namespaced: true },
    { name: "namespaces", kind: "Namespace", namespaced: false },
  ];

  /** A server with these pods, by what it answers to a request for a log. */
  async function serving(pods: () => string[], log: (pod: string, query: URLSearchParams, to: ServerResponse) => void) {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://server");
      const asked = /\/pods\/([^/]+)\/log$/.exec(url.pathname)?.[1];
      if (asked !== undefined) return log(asked, url.searchParams, response);
      const answer = url.pathname.endsWith("/pods")
        ? { items: pods().map(pod) }
        : url.pathname.endsWith("/namespaces")
          ? { items: [{ metadata: { name: "crawl" } }] }
          : { resources };
      response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
    });
    const { port } = await listen(server);
    stop.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const config = {
      ...{ apiVersion: "v1", kind: "Config", "current-context": "c", users: [{ name: "u", user: {} }] },
      clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    };
    return written("kubeconfig.json", JSON.stringify(config));
  }

  const at = (second: number, connection: string, podName: string) =>
    `2026-09-21T14:13:${20 + second}.5Z ${sidecarLine({ connection, pod: podName })}\n`;

  it("reads what each sidecar has", async () => {
    const kubeconfig = await serving(
      () => ["crawler-0", "crawler-1"],
      (name, query, response) => {
        expect([query.get("container"), query.get("follow"), query.get("sinceSeconds")]).toEqual([
          "istio-proxy",
          "false",
          "3600",
        ]);
        response.end(`2026-09-21T14:13:20Z [info] something\n${at(1, "1", name)}`);
      },
    );
    const { stdout } = await observe(["--kubeconfig", kubeconfig, "--since", "1h", "-o", "json"]);
    expect(stdout.split("\n").map((line) => JSON.parse(line).pod)).toEqual(["crawler-0", "crawler-1"]);
  });

  it("follows them over the end of a stream without a line twice, and takes up pods that start later", async () => {
    let pods = ["crawler-0"];
    let asked = 0;
    const kubeconfig = await serving(
      () => pods,
      (name, query, response) => {
        if (name === "crawler-1") return void response.write(at(9, "9", name));
        asked++;
        if (asked === 1) return void response.end(at(1, "1", name) + at(2, "2", name));
        expect(query.get("sinceTime")).toBe("2026-09-21T14:13:22Z");
        pods = ["crawler-0", "crawler-1"];
        response.write(at(2, "2", name) + at(3, "3", name));
      },
    );
    const child = observe(["--kubeconfig", kubeconfig, "--follow", "-o", "json"]);
    const seen: string[] = [];
    for await (const line of child.iterable()) {
      seen.push(JSON.parse(line).connection.split("/").at(-1));
      if (seen.length === 4) child.kill("SIGINT");
    }
    expect(seen).toEqual(["1", "2", "3", "9"]);
    expect((await child).exitCode).toBe(0);
  });

  it("says which right is missing", async () => {
    const kubeconfig = await serving(
      () => ["crawler-0"],
      (_name, _query, response) => void response.writeHead(403).end('{"message":"pods/log is forbidden"}'),
    );
    const { exitCode, stderr } = await observe(["--kubeconfig", kubeconfig, "--follow"]);
    expect(stderr).toMatch(/403 to GET the log of crawl\/crawler-0.*\nhint: .*pods\/log/);
    expect(exitCode).toBe(1);
  });
});
