// SPDX-License-Identifier: Apache-2.0
/**
 * The `loadgen` subcommand from the outside: options, output, exit, and the ledger it serves.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { request } from "undici";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { loadgenCommand } from "../../../loadgen/cli.ts";
import { startHttpGateway } from "../../../loadgen/gateway/http.ts";
import { readOptions } from "../../../loadgen/options.ts";
import { closeLater, startWorld } from "./rig.ts";

/** Runs the command in this process and catches what it prints. */
function run(args: string[], finish = new AbortController(), abort = new AbortController()) {
  const out = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    const spy = vi.spyOn(process[name], "write").mockImplementation((text) => {
      out[name] += String(text);
      return true;
    });
    onTestFinished(() => spy.mockRestore());
  }
  const command = loadgenCommand({ finish: finish.signal, abort: abort.signal }).exitOverride();
  const done = new Command("proxymeter")
    .exitOverride()
    .addCommand(command)
    .parseAsync(["loadgen", ...args], {
      from: "user",
    });
  return { out, done };
}

/** A proxy, a site behind it, and the arguments that lead there. */
async function startTarget() {
  const { authority, internet } = await startWorld();
  const gateway = await closeLater(startHttpGateway({ internetPort: internet.port }));
  const file = join(tmpdir(), `loadgen-ca-${gateway.port}.pem`);
  writeFileSync(file, authority.pem);
  onTestFinished(() => rmSync(file));
  const proxy = ["--proxy", `acme=http://127.0.0.1:${gateway.port}`];
  return { proxy, args: [...proxy, "--url", "https://shop-01.example/", "--ca", file] };
}

describe("loadgen", () => {
  it("prints the whole result as one line of JSON on stdout", async () => {
    const { args } = await startTarget();
    const { out, done } = run([...args, "--rate", "100", "--duration", "200ms", "-o", "json"]);
    await done;
    const result = JSON.parse(out.stdout);
    expect(result.ok).toBeGreaterThan(5);
    expect(result.failed).toBe(0);
    expect(result.vendors[0].vendor).toBe("acme");
    expect(result.latencyMs.count).toBe(result.ok);
    expect(out.stderr).toBe("");
  });

  it("prints a table by default, with a row for each proxy", async () => {
    const { args } = await startTarget();
    const { out, done } = run([...args, "--connections", "5", "--think", "1ms", "--duration", "200ms"]);
    await done;
    expect(out.stdout).toMatch(/vendor.*requests.*p99 ms/);
    expect(out.stdout).toMatch(/│ acme +│/);
  });

  it("serves the ledger while it runs, and ends early when it is asked to finish", async () => {
    const { args } = await startTarget();
    const finish = new AbortController();
    const { out, done } = run([...args, "--rate", "100", "--duration", "1h", "--ledger-port", "0"], finish);
    await vi.waitFor(() => expect(out.stderr).toMatch(/ledger: http/));
    const base = /http:\/\/[\d.:]+/.exec(out.stderr)?.[0];
    const read = async (path: string) => (await request(base + path)).body.text();
    const counter =
      /loadgen_ok_requests_total\{pod="loadgen",proxy_vendor="acme",destination_host="shop-01.example"\} \d/;
    await vi.waitFor(async () => expect(await read("/metrics")).toMatch(counter));
    expect(JSON.parse(await read("/ledger")).ok).toBeGreaterThan(0);
    finish.abort();
    await done;
    expect(out.stdout).toContain("acme");
    await expect(read("/ledger")).rejects.toThrow(/ECONNREFUSED|closed/);
  });

  it("fails with the reasons and a hint when nothing succeeds", async () => {
    const { proxy } = await startTarget();
    const { done } = run([...proxy, "--url", "https://shop-01.example/", "--duration", "200ms"]);
    await expect(done).rejects.toMatchObject({ code: "E_NOTHING_SUCCEEDED", exitCode: 1, hint: /--ca/ });
  });

  it("gives units, defaults and examples in its help", async () => {
    const { out, done } = run(["--help"]);
    await expect(done).rejects.toMatchObject({ code: "commander.helpDisplayed" });
    expect(out.stdout).toMatch(/requests a second.*default: 100/s);
    expect(out.stdout).toContain("Examples:");
  });
});

describe("readOptions", () => {
  const PROXY = "http://user:secret@127.0.0.1:8080";
  const good = { proxy: [PROXY], url: ["https://a.example/"] };

  it("names every mistake at once and no password", () => {
    const raw = { proxy: ["ftp://user:secret@x"], rate: "fast", connections: "0", weights: "1,2", header: ["x"] };
    expect(() => readOptions(raw)).toThrow(
      expect.objectContaining({
        code: "E_OPTIONS",
        exitCode: 2,
        message: expect.stringMatching(/--rate.*--connections.*--weights.*--proxy.*--url/s),
      }),
    );
    expect(() => readOptions(raw)).not.toThrow(/secret/);
  });

  it("takes the way of travelling from the proxy's address", () => {
    const proxy = ["http://127.0.0.1:1", "socks5://127.0.0.1:2", "socks4://127.0.0.1:3"];
    const [pod] = readOptions({ ...good, proxy }).load.pods;
    expect(pod?.vendors.map(({ protocol }) => protocol)).toEqual(["connect", "socks5", "socks4"]);
    expect(pod?.vendors.map(({ weight }) => weight)).toEqual([40, 35, 25]);
  });

  it("forwards plain addresses only", () => {
    expect(() => readOptions({ ...good, forward: true })).toThrow(/--url "https:\/\/a.example\/"/);
    const { load } = readOptions({ ...good, url: ["http://a.example/"], forward: true });
    expect(load.pods[0]?.vendors[0]?.protocol).toBe("absolute");
  });

  it("reads times with their units", () => {
    const { load } = readOptions({ ...good, duration: "1.5m", timeout: "300ms", think: "2" });
    expect(load).toMatchObject({ durationMs: 90_000, timeoutMs: 300, workload: { meanThinkMs: 2_000 } });
  });

  it("says which file of trusted roots cannot be read", () => {
    const file = join(tmpdir(), "no-such-root.pem");
    expect(() => readFileSync(file)).toThrow();
    expect(() => readOptions({ ...good, ca: file })).toThrow(/--ca .*no-such-root.pem/);
  });
});
