// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about a demo in which something goes wrong: it says what, exits with the right status and leaves nothing behind.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import binaryen from "binaryen";
import { describe, expect, it, onTestFinished } from "vitest";
import { startDemo, untilGone } from "./driver/demo-process.ts";
import { childPids, isRunning } from "./driver/processes.ts";

const ROOT = join(import.meta.dirname, "../..");
/** A module that Envoy takes for a Proxy-Wasm plugin, and that never does anything. */
const SILENT = `(module (memory (export "memory") 1) (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 0)))`;

interface ProjectParts {
  tools: readonly string[];
  filter?: Uint8Array;
}

/** A copy of the project that has only these tools, and another filter where one is given; returns its command line. */
function copyProject({ tools, filter }: ProjectParts): string {
  const copy = mkdtempSync(join(tmpdir(), "proxymeter-test-"));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  for (const part of ["demo", "installer", "loadgen", "filter/core", "grafana", "view", "package.json"]) {
    cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  mkdirSync(join(copy, ".tools", "bin"), { recursive: true });
  for (const tool of tools) symlinkSync(join(ROOT, ".tools/bin", tool), join(copy, ".tools/bin", tool));
  if (filter === undefined) return symlinkBuild(copy);
  mkdirSync(join(copy, "build"));
  writeFileSync(join(copy, "build", "filter.wasm"), filter);
  return join(copy, "installer/main.ts");
}

function symlinkBuild(copy: string): string {
  symlinkSync(join(ROOT, "build"), join(copy, "build"));
  return join(copy, "installer/main.ts");
}

describe("a demo that is ended from outside", () => {
  it.each(["SIGTERM", "SIGKILL"] as const)("leaves no process behind after %s", async (name) => {
    const demo = startDemo(["--duration", "60s", "--pods", "1"]);
    await demo.says("making load");
    const parts = childPids(demo.pid);
    expect(parts).toHaveLength(2);
    demo.child.kill(name);
    await demo.ended;
    await untilGone(parts, isRunning);
  });
});

describe("a demo that loses a part", () => {
  it.each([
    [0, 'Envoy "crawler-0"'],
    [1, "Prometheus"],
  ])("says which one, ends the others and exits with 1 (part %i)", async (index, name) => {
    const demo = startDemo(["--duration", "60s", "--pods", "1"]);
    await demo.says("making load");
    process.kill(childPids(demo.pid)[index] ?? 0, "SIGKILL");
    const { code, stderr } = await demo.ended;
    expect(stderr).toContain(`${name} ended during the run with signal SIGKILL (expected it to run to the end)`);
    expect(stderr).toMatch(/\nhint: everything else has been ended/);
    expect(code).toBe(1);
    expect(demo.leftovers()).toEqual([]);
  });
});

describe("a demo that can't start", () => {
  it.each([
    ["envoy", ["prometheus"]],
    ["prometheus", ["envoy"]],
  ])("says that %s is missing, and what puts it there", async (missing, tools) => {
    const demo = startDemo(["--duration", "5s", "--pods", "1"], { main: copyProject({ tools }) });
    const { code, stderr } = await demo.ended;
    expect(stderr).toMatch(new RegExp(`cannot find ${missing}: no file .*\\nhint: run \`node setup/setup.mjs\``));
    expect(code).toBe(1);
    expect(demo.leftovers()).toEqual([]);
  });

  it("says that the filter never reported itself, with what Envoy logged", async () => {
    const filter = binaryen.parseText(SILENT).emitBinary();
    const main = copyProject({ tools: ["envoy", "prometheus"], filter });
    const demo = startDemo(["--duration", "5s", "--pods", "1"], { main });
    const { code, stderr } = await demo.ended;
    expect(stderr).toContain('waited in vain for the filter in Envoy "crawler-0" to report "proxymeter_info"');
    expect(stderr).toMatch(/\nhint: .*rebuild the filter with `npm run build:filter`/);
    expect(code).toBe(1);
    expect(demo.leftovers()).toEqual([]);
  });

  it("says what Envoy has against a filter that is no module", async () => {
    const main = copyProject({ tools: ["envoy", "prometheus"], filter: Buffer.from("no module") });
    const demo = startDemo(["--duration", "5s", "--pods", "1"], { main });
    const { code, stderr } = await demo.ended;
    expect(stderr).toMatch(/cannot start Envoy "crawler-0": it ended with exit code 1[\s\S]*Failed to load Wasm code/);
    expect(code).toBe(1);
    expect(demo.leftovers()).toEqual([]);
  });

  it("says that the port it was told to use is in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const demo = startDemo(["--prometheus-port", String(port), "--pods", "1"]);
    const { code, stderr } = await demo.ended;
    expect(stderr).toContain(`127.0.0.1:${port}: the port is in use (expected a free one)`);
    expect(code).toBe(1);
    expect(demo.leftovers()).toEqual([]);
  });

  it("exits with 2 and names the mistakes in its options", async () => {
    const { code, stderr } = await startDemo(["--pods", "none", "--duration", "soon"]).ended;
    expect(stderr).toMatch(/--pods "none".*\n.*--duration "soon"|--duration "soon".*\n.*--pods "none"/);
    expect(code).toBe(2);
  });
});
