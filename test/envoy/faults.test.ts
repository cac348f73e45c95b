// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about what goes wrong at vendors and sites, through a real Envoy: the outcome has one name, one request and
 * exactly its bytes. The named faults of loadgen's gateway are met by a client that only reads and writes.
 */
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Gateway } from "../../loadgen/gateway/gateway.ts";
import { FAULT_NAMES, type Fault as GatewayFault, startFaultGateway } from "../../loadgen/gateway/fault.ts";
import { listen } from "../../loadgen/listener.ts";
import { expectBooks, expectRelayBooks } from "./driver/agreement.ts";
import { type Ends, openEnds, speak } from "./driver/conversation.ts";
import { connectPeer } from "./driver/peer.ts";
import { type LaneOptions, type Sidecar, startSidecar } from "./driver/sidecar.ts";
import { FAULTS, type Fault } from "./ways/faults.ts";
import { head, volume } from "./ways/way.ts";

const NOBODY = 9;
const DOWN = "down";
const gateways: Gateway[] = [];
let sidecar: Sidecar;

beforeAll(async () => {
  const lanes: LaneOptions[] = FAULTS.map((_, index) => ({ vendor: `acme-${index}` }));
  for (const fault of FAULT_NAMES) {
    const gateway = await startFaultGateway({ fault, internetPort: NOBODY, delayMs: 100 });
    gateways.push(gateway);
    lanes.push({ vendor: `globex-${fault}`, gateway });
  }
  lanes.push({ vendor: DOWN, gateway: { port: await closedPort() }, isDirect: true });
  sidecar = await startSidecar({ lanes });
});
afterAll(async () => {
  await sidecar?.stop();
  for (const gateway of gateways) await gateway.close();
});

describe("one request with its outcome", () => {
  it.each(FAULTS.map((fault, index) => ({ ...fault, vendor: `acme-${index}` })))("$name: $row", async (fault) => {
    const ends = await openEnds(sidecar.lane(fault.vendor));
    await speak(ends, fault.turns);
    await finish(ends, fault.end);
    const said = volume(fault.turns);
    const outcome = fault.row.split(" ").at(-1) ?? "";
    await expectRelayBooks(sidecar, sidecar.lane(fault.vendor), fault);
    await expectBooks(sidecar, fault.vendor, {
      bytes: said,
      requests: 1,
      active: 0,
      exchanges: { [fault.row]: 1 },
      failed: { [outcome]: said },
    });
  });
});

async function finish({ client, gateway }: Ends, end: Fault["end"]): Promise<void> {
  const [first, second] = end.startsWith("client") ? [client, gateway] : [gateway, client];
  if (end.endsWith("resets")) {
    first.reset();
    return second.closed();
  }
  first.end();
  await second.closed();
  await first.closed();
}

/** What a client gets that sends CONNECT and a little more, and waits for the end. */
const MET: Record<GatewayFault, string> = {
  "407": "407 vendor_auth",
  challenge: "407 vendor_auth",
  "429": "429 rate_limited",
  "502": "502 vendor_error",
  "refused-with-body": "403 vendor_error",
  slow: "0 reset",
  reset: "0 reset",
  "reset-in-tunnel": "200 ok",
  "half-close": "200 ok",
  silent: "0 client_abort",
  garbage: "0 vendor_error",
};

describe("loadgen's fault gateway", () => {
  it.each(Object.entries(MET))("%s: %s", async (fault, row) => {
    const lane = sidecar.lane(`globex-${fault}`);
    const client = await connectPeer("client", lane.port);
    await client.send(head("CONNECT shop-01.example:443 HTTP/1.1", "Host: shop-01.example:443"));
    if (row === "200 ok") {
      await client.take(1);
      await client.send(Buffer.from("hello"));
    }
    if (fault === "silent" || fault === "challenge") client.end();
    await client.closed();
    await expectRelayBooks(sidecar, lane);
    await expectBooks(sidecar, lane.vendor, {
      exchanges: { [`none connect 1.1 shop-01.example ${row}`]: 1 },
      active: 0,
    });
  });
});

describe("a vendor that is down", () => {
  it("is one request of which nothing arrived, with outcome vendor_unreachable", async () => {
    const client = await connectPeer("client", sidecar.lane(DOWN).port);
    await client.send(Buffer.from("CONNECT shop-01.example:443 HTTP/1.1\r\n\r\n"));
    await client.closed();
    await expectBooks(sidecar, DOWN, {
      requests: 1,
      bytes: [0, 0],
      exchanges: { "none tcp none unknown 0 vendor_unreachable": 1 },
      destinations: {},
      failed: {},
      active: 0,
    });
  });
});

describe("after all of it", () => {
  it("Envoy has logged nothing that tells of a broken filter", () => {
    expect(sidecar.log.broken()).toEqual([]);
  });
});

/** A port that nobody listens on: it was free a moment ago. */
async function closedPort(): Promise<number> {
  const { port, close } = await listen(createServer());
  await close();
  return port;
}
