// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about a crawler that asks for 50,000 hosts through a real Envoy, with the filter's default limits: series and
 * memory stay bounded, the vendor's totals exact, and the destinations add up to them.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as contract from "../../filter/core/contract.ts";
import type { Gateway } from "../../loadgen/gateway/gateway.ts";
import { startRawGateway } from "../../loadgen/gateway/raw.ts";
import { awaitBooks, whenQuiet } from "../envoy/driver/agreement.ts";
import { imbalances } from "../envoy/driver/books.ts";
import { heartbeats } from "../envoy/driver/heartbeat.ts";
import { connectPeer } from "../envoy/driver/peer.ts";
import { type Sidecar, startSidecar } from "../envoy/driver/sidecar.ts";
import { bytes, head } from "../envoy/ways/way.ts";

const VENDOR = "acme";
const FORWARDED = 40_000;
const TUNNELLED = 10_000;
const HOSTS = FORWARDED + TUNNELLED;
const CONNECTIONS = 40;
const PIPELINED = 20;
/** Defaults of the configuration: destinations by name, slots for those that turn out big, `other` and `unknown`. */
const MOST_DESTINATIONS = 25 + 4 + 2;
const MOST_SERIES = 600;
const MEMORY_BYTES = 2 << 20;
const GROWTH_KIB = 16_384;

const OK = Buffer.concat([head("HTTP/1.1 200 OK", "Content-Length: 5"), bytes("hello")]);
const ESTABLISHED = head("HTTP/1.1 200 Connection Established");

let gateway: Gateway;
let sidecar: Sidecar;

describe.each([1, 2])("50,000 hosts at concurrency %i", (concurrency) => {
  let residentBefore: number;

  beforeAll(async () => {
    gateway = await startRawGateway(async (client, opening) => {
      for (;;) {
        const request = await opening.takeThrough("\r\n\r\n");
        if (request.toString("latin1", 0, 7) === "CONNECT") break;
        client.write(OK);
      }
      client.end(ESTABLISHED);
      client.resume();
    });
    sidecar = await startSidecar({ lanes: [{ vendor: VENDOR, gateway }], concurrency, settings: { limits: {} } });
    // A fifth of the hosts is enough to fill every table.
    await forward(0, FORWARDED / 5);
    residentBefore = residentKib();
    await forward(FORWARDED / 5, FORWARDED);
    await tunnel(FORWARDED, HOSTS);
  });
  afterAll(async () => {
    await sidecar?.stop();
    await gateway?.close();
  });

  it("are 50,000 requests of the vendor, exact to the byte, and its destinations add up to them", async () => {
    const { sentBytes, receivedBytes, requests } = await whenQuiet(sidecar.lane(VENDOR));
    expect(requests).toBe(HOSTS);
    const isExact = ([sent, received]: readonly number[]) => sent === sentBytes && received === receivedBytes;
    const books = await awaitBooks(sidecar, VENDOR, (each) => isExact(each.bytes) && each.active === 0);
    expect(books.bytes).toEqual([sentBytes, receivedBytes]);
    expect(books.requests).toBe(HOSTS);
    expect(imbalances(books)).toEqual([]);
  });

  it("have no more destinations and series than the limits allow, the rest is other", async () => {
    await heartbeats(sidecar, 1);
    const samples = await sidecar.samples();
    const hosts = new Set(samples.map(({ labels }) => labels[contract.LABEL_DESTINATION]).filter((host) => host));
    expect(hosts.size).toBeGreaterThan(25);
    expect(hosts.size).toBeLessThanOrEqual(MOST_DESTINATIONS);
    expect(hosts).toContain(contract.VALUE_OTHER);
    const value = (metric: string) =>
      Math.max(...samples.filter(({ name }) => name === metric).map((each) => each.value));
    expect(value(contract.SERIES)).toBeLessThanOrEqual(MOST_SERIES);
    expect(value(contract.DESTINATIONS_OVERFLOW)).toBeGreaterThan(HOSTS / 2);
  });

  it("leave the filter's memory and Envoy's bounded", async () => {
    const samples = await sidecar.samples();
    const memory = samples.filter(({ name }) => name === contract.MEMORY_BYTES).map(({ value }) => value);
    expect(Math.max(...memory)).toBeLessThan(MEMORY_BYTES);
    expect(residentKib() - residentBefore).toBeLessThan(GROWTH_KIB);
  });

  it("make nothing trap", () => {
    expect(sidecar.log.broken()).toEqual([]);
  });
});

/** Asks hosts `from` to `to` in absolute form, pipelined, on several connections at once. */
async function forward(from: number, to: number): Promise<void> {
  const share = (to - from) / CONNECTIONS;
  const walk = async (_: unknown, index: number) => {
    const client = await connectPeer("client", sidecar.lane(VENDOR).port);
    const first = from + index * share;
    for (let at = first; at < first + share; at += PIPELINED) {
      const asked = Array.from({ length: Math.min(PIPELINED, first + share - at) }, (_each, offset) =>
        request(at + offset),
      );
      await client.send(Buffer.concat(asked));
      await client.take(asked.length * OK.length);
    }
    client.end();
    await client.closed();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, walk));
}

/** Asks hosts `from` to `to` with CONNECT, on a connection each. */
async function tunnel(from: number, to: number): Promise<void> {
  let next = from;
  const walk = async () => {
    for (let index = next++; index < to; index = next++) {
      const client = await connectPeer("client", sidecar.lane(VENDOR).port);
      await client.send(head(`CONNECT ${hostName(index)}:443 HTTP/1.1`));
      await client.closed();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, walk));
}

function request(index: number): Buffer {
  return head(`GET http://${hostName(index)}/ HTTP/1.1`, "Accept: */*");
}

function hostName(index: number): string {
  return `host-${index}.site-${index % 7}.example`;
}

/** Resident memory of Envoy's process. */
function residentKib(): number {
  const status = readFileSync(`/proc/${sidecar.envoy.child.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}
