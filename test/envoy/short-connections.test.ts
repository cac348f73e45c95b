// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about ten thousand short connections through a real Envoy, fifty at a time: each is one connection and one
 * request, every byte of them is counted, and nothing of them stays behind.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MEMORY_BYTES } from "../../filter/core/contract.ts";
import type { Gateway } from "../../loadgen/gateway/gateway.ts";
import { startRawGateway } from "../../loadgen/gateway/raw.ts";
import { expectBooks, expectRelayBooks } from "./driver/agreement.ts";
import { heartbeats } from "./driver/heartbeat.ts";
import { connectPeer } from "./driver/peer.ts";
import { type Sidecar, startSidecar } from "./driver/sidecar.ts";
import { bytes, head } from "./ways/way.ts";

const VENDOR = "acme";
const CONNECTIONS = 10_000;
const AT_ONCE = 50;
const DEADLINE_MS = 180_000;
const REQUEST = head("CONNECT shop-01.example:443 HTTP/1.1", "Host: shop-01.example:443");
const ANSWER = Buffer.concat([head("HTTP/1.1 200 Connection Established"), bytes("x".repeat(200))]);

let gateway: Gateway;
let sidecar: Sidecar;

beforeAll(async () => {
  gateway = await startRawGateway(async (client, opening) => {
    await opening.takeThrough("\r\n\r\n");
    // Every other connection is ended by the vendor.
    if (client.remotePort !== undefined && client.remotePort % 2 === 0) client.end(ANSWER);
    else client.write(ANSWER);
    client.resume().once("end", () => client.end());
  });
  sidecar = await startSidecar({ lanes: [{ vendor: VENDOR, gateway }] });
});
afterAll(async () => {
  await sidecar?.stop();
  await gateway?.close();
});

describe("ten thousand short connections", () => {
  it("are ten thousand connections and requests, exact to the byte", { timeout: DEADLINE_MS }, async () => {
    await visit(CONNECTIONS);
    await expectRelayBooks(sidecar, sidecar.lane(VENDOR));
    await expectBooks(sidecar, VENDOR, {
      requests: CONNECTIONS,
      connections: { connect: CONNECTIONS },
      active: 0,
      bytes: [CONNECTIONS * REQUEST.length, CONNECTIONS * ANSWER.length],
      exchanges: { "none connect 1.1 shop-01.example 200 ok": CONNECTIONS },
      failed: {},
    });
  });

  it("leave a filter with less than a megabyte of memory", async () => {
    await heartbeats(sidecar, 1);
    expect(await memory()).toBeLessThan(1 << 20);
  });

  it("make nothing trap", () => {
    expect(sidecar.log.broken()).toEqual([]);
  });
});

/** So many connections in all, each opened when an earlier one has closed. */
async function visit(count: number): Promise<void> {
  let left = count;
  const walk = async () => {
    while (left > 0) {
      left -= 1;
      await connectOnce();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, walk));
}

async function connectOnce(): Promise<void> {
  const client = await connectPeer("client", sidecar.lane(VENDOR).port);
  await client.send(REQUEST);
  await client.take(ANSWER.length);
  client.end();
  await client.closed();
}

async function memory(): Promise<number> {
  const samples = await sidecar.samples();
  return samples.filter(({ name }) => name === MEMORY_BYTES).reduce((sum, { value }) => sum + value, 0);
}
