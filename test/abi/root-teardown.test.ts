// SPDX-License-Identifier: Apache-2.0
/**
 * What a plugin's root goes through in a real Envoy while its connections live: its listener is removed, the proxy is ended.
 * The connections go on as long as Envoy lets them, what they carry is counted, nothing traps or crashes.
 */
import { isDeepStrictEqual } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ScriptedGateway, startScriptedGateway } from "../envoy/driver/scripted-gateway.ts";
import { listener, tcpProxy, wasmFilter } from "./envoy/config.ts";
import { type Line, openLine, volumeOf } from "./envoy/line.ts";
import { type Reconfigurable, startReconfigurable } from "./envoy/reconfigurable.ts";
import { CLUSTER, countedBytes, SUBJECTS, type Subject } from "./envoy/subjects.ts";

const LISTENER = "gateway";
const VMS = "wasm.envoy.wasm.runtime.v8.active";
const DRAIN_SECONDS = 2;

let gateway: ScriptedGateway;
let envoy: Reconfigurable;

beforeEach(async () => {
  gateway = await startScriptedGateway();
  envoy = await startReconfigurable([{ name: CLUSTER, port: gateway.port }], DRAIN_SECONDS);
});

afterEach(async () => {
  await envoy?.stop();
  await gateway?.close();
});

async function addListener({ plugin }: Subject): Promise<void> {
  await envoy.pushListeners([listener(LISTENER, [wasmFilter("meter", plugin(0)), tcpProxy(CLUSTER)])]);
}

async function openLines(count: number): Promise<Line[]> {
  const port = await envoy.port(LISTENER);
  const lines: Line[] = [];
  for (let index = 0; index < count; index += 1) lines.push(await openLine(port, gateway));
  for (const line of lines) await line.exchange(50, 500);
  return lines;
}

async function expectCounted(subject: Subject, lines: readonly Line[]): Promise<void> {
  const want = volumeOf(lines);
  await envoy.appears(`${want.join(" and ")} bytes`, (samples) =>
    isDeepStrictEqual(countedBytes(subject, samples), want),
  );
  expect(envoy.log.broken()).toEqual([]);
}

describe.each(SUBJECTS)("$title", (subject) => {
  it("counts on the connections of a listener that is gone until Envoy cuts them, and then lets its root go", async () => {
    await addListener(subject);
    const lines = await openLines(5);
    await envoy.pushListeners([]);
    for (const line of lines) await line.exchange(70, 700);
    await expectCounted(subject, lines);
    for (const line of lines) await line.client.ended();
    await envoy.reaches(VMS, 0);
    expect(envoy.log.broken()).toEqual([]);
  });

  it("meters again on a listener that comes back while connections of the old one live", async () => {
    await addListener(subject);
    const before = await openLines(2);
    await envoy.pushListeners([]);
    await addListener(subject);
    const after = await openLines(2);
    for (const line of before) await line.exchange(1, 2);
    await expectCounted(subject, [...before, ...after]);
    for (const line of [...before, ...after]) await line.close();
    await expectCounted(subject, [...before, ...after]);
  });

  it("does not keep Envoy from ending while connections live", async () => {
    await addListener(subject);
    await openLines(5);
    expect(await envoy.stop()).toBe("exit code 0");
    expect(envoy.log.broken()).toEqual([]);
    expect(envoy.log.mentions("Caught ", "Segmentation", "assert failure")).toEqual([]);
  });
});
