// SPDX-License-Identifier: Apache-2.0
/**
 * Configuration pushed again and again to a real Envoy while connections run: no trap, no connection cut, no byte uncounted.
 * By extension discovery the filter alone is replaced, by listener discovery the listener with everything in it.
 */
import { isDeepStrictEqual } from "node:util";
import { copyFileSync, appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ScriptedGateway, startScriptedGateway } from "../envoy/driver/scripted-gateway.ts";
import { discoveredFilter, listener, tcpProxy, type WasmPlugin, wasmFilter } from "./envoy/config.ts";
import { type Line, openLine, volumeOf } from "./envoy/line.ts";
import { type Reconfigurable, startReconfigurable } from "./envoy/reconfigurable.ts";
import { CLUSTER, countedBytes, SUBJECTS, type Subject } from "./envoy/subjects.ts";

const ROUNDS = 12;
const LISTENER = "gateway";
const VMS = "wasm.envoy.wasm.runtime.v8.active";

let gateway: ScriptedGateway;
let envoy: Reconfigurable;
/** Folder of a test's own. */
let builds: string;

beforeEach(async () => {
  builds = mkdtempSync(join(tmpdir(), "proxymeter-builds-"));
  gateway = await startScriptedGateway();
  envoy = await startReconfigurable([{ name: CLUSTER, port: gateway.port }]);
});

afterEach(async () => {
  await envoy?.stop();
  await gateway?.close();
  rmSync(builds, { recursive: true });
});

/** Each round: push, then talk on every connection there is and on a new one. */
async function pushAndTalk(push: (round: number) => Promise<void>): Promise<Line[]> {
  const lines: Line[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await push(round);
    lines.push(await openLine(await envoy.port(LISTENER), gateway));
    for (const line of lines) await line.exchange(100 + round, 1000 + round);
  }
  return lines;
}

async function expectAllCounted(subject: Subject, lines: readonly Line[]): Promise<void> {
  const want = volumeOf(lines);
  const what = `${subject.metrics.join(" and ")} to be ${want.join(" and ")}`;
  const samples = await envoy.appears(what, (found) => isDeepStrictEqual(countedBytes(subject, found), want));
  expect(countedBytes(subject, samples)).toEqual(want);
  expect(envoy.log.broken()).toEqual([]);
}

describe.each(SUBJECTS)("$title", (subject) => {
  it("goes on through configurations pushed by extension discovery, and so do its connections", async () => {
    envoy.writeFilter("meter", subject.plugin(0));
    const filters = [discoveredFilter("meter", "network", envoy.filterFile("meter")), tcpProxy(CLUSTER)];
    await envoy.pushListeners([listener(LISTENER, filters)]);
    const lines = await pushAndTalk((round) => envoy.pushFilter("meter", subject.plugin(round + 1)));
    await expectAllCounted(subject, lines);
    for (const line of lines) await line.close();
    await expectAllCounted(subject, lines);
  });

  it("goes on through listeners pushed anew, while the old ones drain", async () => {
    const push = (round: number) =>
      envoy.pushListeners([listener(LISTENER, [wasmFilter("meter", subject.plugin(round)), tcpProxy(CLUSTER)])]);
    const lines = await pushAndTalk(push);
    for (const line of lines) await line.close();
    await expectAllCounted(subject, lines);
  });

  it("goes on through other builds of its module, each in a VM of its own that ends with its last connection", async () => {
    envoy.writeFilter("meter", subject.plugin(0));
    const filters = [discoveredFilter("meter", "network", envoy.filterFile("meter")), tcpProxy(CLUSTER)];
    await envoy.pushListeners([listener(LISTENER, filters)]);
    const vms = await envoy.stat(VMS);
    const push = (round: number) => envoy.pushFilter("meter", otherBuild(subject.plugin(round), round));
    const lines = await pushAndTalk(push);
    await expectAllCounted(subject, lines);
    for (const line of lines) await line.close();
    await envoy.reaches(VMS, vms);
    await expectAllCounted(subject, lines);
  });
});

/** The same code under another hash: a custom section with a number in it, which runs nothing. */
function otherBuild(plugin: WasmPlugin, build: number): WasmPlugin {
  const module = join(builds, `build-${build}.wasm`);
  copyFileSync(plugin.module, module);
  const name = Buffer.from("build");
  appendFileSync(module, Buffer.from([0, 2 + name.length, name.length, ...name, build]));
  return { ...plugin, module };
}
