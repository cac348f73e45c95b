// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the demo as a user starts it: a process with a real Envoy for each pod, real proxies and a real Prometheus.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { poll } from "../../demo/poll.ts";
import type { Report } from "../../demo/report/report.ts";
import { childPids, isRunning } from "./driver/processes.ts";

const MAIN = fileURLToPath(new URL("../../installer/main.ts", import.meta.url));
const TIMEOUT_MS = 60_000;
const signal = new AbortController().signal;
let folder = "";
const started: Demo[] = [];

interface Demo {
  child: ChildProcess;
  output: { stdout: string; stderr: string };
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  pid: number;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "proxymeter-test-"));
});
afterEach(async () => {
  for (const demo of started.splice(0)) {
    demo.child.kill("SIGTERM");
    await demo.ended;
  }
});
afterAll(() => rm(folder, { recursive: true }));

function startDemo(...args: string[]): Demo {
  // Its own temporary folder, so that a test can see what a run leaves there.
  const child = spawn(process.execPath, [MAIN, "demo", ...args], { env: { ...process.env, TMPDIR: folder } });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => {
    output.stdout += text;
  });
  child.stderr.on("data", (text) => {
    output.stderr += text;
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...output }));
  const demo = { child, output, ended, pid: child.pid ?? 0 };
  started.push(demo);
  return demo;
}

function line(demo: Demo, text: string): Promise<true> {
  return poll(() => (demo.output.stderr.includes(text) ? true : undefined), {
    what: `"${text}" on stderr`,
    deadlineMs: 30_000,
    signal,
    detail: () => `, got ${demo.output.stderr}`,
    hint: "",
  });
}

describe("proxymeter demo", { timeout: TIMEOUT_MS }, () => {
  it("meters two pods and two vendors with a difference of 0 bytes and exits with 0", async () => {
    const file = join(folder, "report.json");
    const { code, stdout, stderr } = await startDemo("--duration", "4s", "--json", file).ended;
    const report = JSON.parse(await readFile(file, "utf8")) as Report;
    expect(
      report.checks.filter(({ pass }) => !pass),
      stderr,
    ).toEqual([]);
    expect(report).toMatchObject({ ok: true, settled: true });
    expect(report.vendors.map(({ vendor }) => vendor)).toEqual(["acme", "globex"]);
    expect(report.pods.map(({ pod, namespace }) => `${namespace}/${pod}`)).toEqual([
      ...["crawl/crawler-0", "crawl/crawler-0", "crawl/crawler-1", "crawl/crawler-1"],
    ]);
    for (const { requests, receivedBytes } of [...report.vendors, ...report.pods]) {
      expect(requests.actual).toBeGreaterThan(50);
      expect(receivedBytes.metered).toBe(receivedBytes.actual);
    }
    expect(report.durationSeconds).toBeGreaterThan(3.9);
    expect(stdout).toBe("");
    expect(code).toBe(0);
  });

  it("finishes with a report on Ctrl-C, and shows it as a table", async () => {
    const demo = startDemo("--pods", "1");
    await line(demo, "visits done");
    // As under npm, which passes on the signal that the terminal has sent to all already.
    demo.child.kill("SIGINT");
    demo.child.kill("SIGINT");
    const { code, stdout } = await demo.ended;
    expect(stdout).toMatch(/PASS {2}A.*\nPASS {2}B.*\nPASS {2}C.*\nPASS {2}D.*\nPASS {2}books/);
    expect(code).toBe(0);
  });

  it("ends at once, without a report, on a second Ctrl-C", async () => {
    const demo = startDemo("--duration", "60s", "--pods", "1");
    await line(demo, "making load");
    demo.child.kill("SIGINT");
    await line(demo, "waiting for the last connections");
    const repeat = setInterval(() => demo.child.kill("SIGINT"), 100);
    const { code, stdout } = await demo.ended;
    clearInterval(repeat);
    expect(stdout).toBe("");
    expect(code).toBe(130);
  });

  it.each(["SIGTERM", "SIGKILL"] as const)("leaves no process behind when it is ended by %s", async (name) => {
    const demo = startDemo("--duration", "60s", "--pods", "1");
    await line(demo, "making load");
    const parts = childPids(demo.pid);
    expect(parts).toHaveLength(2);
    demo.child.kill(name);
    await demo.ended;
    const gone = () => (parts.some(isRunning) ? undefined : true);
    await poll(gone, { what: "the parts to end", deadlineMs: 5000, signal, hint: "" });
  });

  it("says which part was killed, ends the others and exits with 1", async () => {
    const demo = startDemo("--duration", "60s", "--pods", "1");
    await line(demo, "making load");
    const parts = childPids(demo.pid);
    process.kill(parts[0] ?? 0, "SIGKILL");
    const { code, stderr } = await demo.ended;
    expect(stderr).toContain('Envoy "crawler-0" ended during the run with signal SIGKILL');
    expect(code).toBe(1);
    expect(parts.filter(isRunning)).toEqual([]);
  });

  it("says that the port it was told to use is in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const { code, stderr } = await startDemo("--prometheus-port", String(port), "--pods", "1").ended;
    server.close();
    expect(stderr).toContain(`127.0.0.1:${port}: the port is in use`);
    expect(code).toBe(1);
  });

  it("exits with 2 and names the mistakes in its options", async () => {
    const { code, stderr } = await startDemo("--pods", "none", "--duration", "soon").ended;
    expect(stderr).toMatch(/--pods "none".*\n.*--duration "soon"|--duration "soon".*\n.*--pods "none"/);
    expect(code).toBe(2);
  });
});
