// SPDX-License-Identifier: Apache-2.0
/**
 * What a trap costs in a real Envoy with FAIL_OPEN, measured with a filter that traps on purpose: the reason why ours must not.
 * FAIL_OPEN helps new connections alone; they pass, and nobody meters them.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ScriptedGateway, startScriptedGateway } from "../envoy/driver/scripted-gateway.ts";
import { listener, tcpProxy, wasmFilter } from "./envoy/config.ts";
import { type Line, openLine } from "./envoy/line.ts";
import { type Reconfigurable, startReconfigurable } from "./envoy/reconfigurable.ts";
import { CLUSTER, sumOf } from "./envoy/subjects.ts";
import { sampleFilter } from "./files.ts";

const LISTENER = "gateway";
const COUNTER = "sample_trap_sent_bytes_total";

let gateway: ScriptedGateway;
let envoy: Reconfigurable;
let trapping: Line;
let bystander: Line;

beforeAll(async () => {
  gateway = await startScriptedGateway();
  envoy = await startReconfigurable([{ name: CLUSTER, port: gateway.port }]);
  const plugin = { kind: "network", module: sampleFilter("trap"), rootId: "sample_trap", configuration: "" } as const;
  await envoy.pushListeners([listener(LISTENER, [wasmFilter("trap", plugin), tcpProxy(CLUSTER)])]);
  const port = await envoy.port(LISTENER);
  trapping = await openLine(port, gateway);
  bystander = await openLine(port, gateway);
  await trapping.exchange(10, 10);
  await bystander.exchange(10, 10);
  await envoy.appears("20 bytes", (samples) => sumOf(samples, COUNTER) === 20);
  await trapping.client.send(Buffer.from("TRAP"));
});

afterAll(async () => {
  await envoy?.stop();
  await gateway?.close();
});

describe("a trap in one connection", () => {
  it("closes that connection", async () => {
    await trapping.client.ended();
    await trapping.gateway.ended();
    expect(envoy.log.broken().join("\n")).toContain("proxy_on_downstream_data");
  });

  it("closes every other open connection of the worker at its next event", async () => {
    expect(bystander.client.isClosed).toBe(false);
    await bystander.client.send(Buffer.alloc(10));
    await bystander.client.ended();
    await bystander.gateway.ended();
    expect(bystander.gateway.receivedBytes).toBe(10);
  });

  it("lets new connections through, unmetered for good", async () => {
    const late = await openLine(await envoy.port(LISTENER), gateway);
    await late.exchange(1000, 1000);
    await late.close();
    expect(sumOf(await envoy.samples(), COUNTER)).toBe(20);
  });
});
