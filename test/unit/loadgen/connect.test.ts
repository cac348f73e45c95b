// SPDX-License-Identifier: Apache-2.0
/**
 * How tunnels fail: each misbehaviour of a gateway, a bad certificate and bad credentials become a reason in the ledger,
 * no error escapes, and the relay's books still hold every byte. Tunnels that succeed are in travel.test.ts.
 */
import { describe, expect, it, vi } from "vitest";
import { FAULT_NAMES, type Fault, startFaultGateway } from "../../../loadgen/gateway/fault.ts";
import type { Gateway } from "../../../loadgen/gateway/gateway.ts";
import { startHttpGateway } from "../../../loadgen/gateway/http.ts";
import { startSocksGateway } from "../../../loadgen/gateway/socks.ts";
import { startRelay } from "../../../loadgen/relay/relay.ts";
import { type LoadOptions, type LoadVendor, startLoad } from "../../../loadgen/run.ts";
import { closeLater, startWorld } from "./rig.ts";

interface Ask {
  gateway: Gateway;
  login?: string;
  protocol?: LoadVendor["protocol"];
  load: Pick<LoadOptions, "hosts" | "ca"> & Partial<LoadOptions>;
}

/** Runs a short load through a relay and waits until everything is closed. */
async function ask({ gateway, login = "", protocol = "connect", load }: Ask) {
  const relay = await closeLater(startRelay({ pod: "crawler-0", vendor: "acme", upstream: gateway }));
  const proxyUrl = `http://${login}127.0.0.1:${relay.port}`;
  const pods = [{ pod: "crawler-0", vendors: [{ vendor: "acme", weight: 1, proxyUrl, protocol }] }];
  const result = await startLoad({ pods, ratePerSecond: 100, durationMs: 100, seed: 3, ...load }).done;
  await vi.waitFor(() => expect(relay.snapshot().openConnections).toBe(0));
  const [client] = result.vendors;
  if (!client) throw new Error("got no vendor, want one");
  expect(client.requests).toBeGreaterThan(2);
  return { client, relay: relay.snapshot() };
}

const REASONS: Record<Exclude<Fault, "challenge" | "slow">, string> = {
  "407": "proxy_407",
  "429": "proxy_429",
  "502": "proxy_502",
  "refused-with-body": "proxy_403",
  reset: "reset",
  "reset-in-tunnel": "reset",
  "half-close": "closed",
  silent: "timeout",
  garbage: "garbage",
};

describe("a gateway that misbehaves", () => {
  it.each(Object.entries(REASONS))("is named in the ledger: %s gives %s", async (fault, reason) => {
    const { authority, hosts, internet } = await startWorld();
    const gateway = await closeLater(startFaultGateway({ fault: fault as Fault, internetPort: internet.port }));
    const { client, relay } = await ask({ gateway, load: { hosts, ca: authority.pem, timeoutMs: 200 } });
    expect(client.reasons).toEqual({ [reason]: client.requests });
    expect(relay.requests).toBe(client.requests);
    expect(relay.destinations.reduce((sum, row) => sum + row.receivedBytes, 0)).toBe(relay.receivedBytes);
    expect(relay.resets).toBe(reason === "reset" ? relay.connections : 0);
  });

  it("is only late when it is slow", async () => {
    const { authority, hosts, internet } = await startWorld();
    const gateway = await closeLater(startFaultGateway({ fault: "slow", internetPort: internet.port, delayMs: 150 }));
    const { client } = await ask({ gateway, load: { hosts, ca: authority.pem } });
    expect(client.ok).toBe(client.requests);
    expect(client.latencyMs.p50).toBeGreaterThan(150);
  });

  it("has a test for each fault", () => {
    expect(FAULT_NAMES.toSorted()).toEqual([...Object.keys(REASONS), "slow", "challenge"].toSorted());
  });
});

describe("a tunnel that cannot be used", () => {
  it("is refused when the site's certificate comes from another authority", async () => {
    const { hosts, internet } = await startWorld();
    const { authority } = await startWorld();
    const gateway = await closeLater(startHttpGateway({ internetPort: internet.port }));
    const { client } = await ask({ gateway, load: { hosts, ca: authority.pem } });
    expect(client.reasons).toEqual({ tls: client.requests });
  });

  it("is taken with any certificate when verification is switched off", async () => {
    const { hosts, internet } = await startWorld();
    const { authority } = await startWorld();
    const gateway = await closeLater(startHttpGateway({ internetPort: internet.port }));
    const { client } = await ask({ gateway, load: { hosts, ca: authority.pem, verify: false } });
    expect(client.ok).toBe(client.requests);
  });

  it("is refused by an HTTP gateway when the password is wrong", async () => {
    const { authority, hosts, internet } = await startWorld();
    const options = { internetPort: internet.port, username: "customer", password: "secret" };
    const gateway = await closeLater(startHttpGateway(options));
    const { client } = await ask({ gateway, login: "customer:wrong@", load: { hosts, ca: authority.pem } });
    expect(client.reasons).toEqual({ proxy_407: client.requests });
  });

  it("is refused by a SOCKS gateway when the password is wrong", async () => {
    const { authority, hosts, internet } = await startWorld();
    const options = { internetPort: internet.port, username: "customer", password: "secret" };
    const gateway = await closeLater(startSocksGateway(options));
    const load = { hosts, ca: authority.pem };
    const { client, relay } = await ask({ gateway, login: "customer:wrong@", protocol: "socks5", load });
    expect(client.reasons).toEqual({ socks_auth: client.requests });
    expect(relay.requests).toBe(client.requests);
    expect(relay.destinations.map((row) => row.host)).toEqual([""]);
  });

  it("is refused by a SOCKS gateway when nobody knows the site", async () => {
    const { authority, internet } = await startWorld();
    const gateway = await closeLater(startSocksGateway({ internetPort: internet.port }));
    const load = { hosts: ["nowhere.example"], ca: authority.pem };
    const { client } = await ask({ gateway, protocol: "socks5", load });
    expect(client.reasons).toEqual({ socks_rejected: client.requests });
  });

  it("is refused at once where nobody listens", async () => {
    const { authority, hosts } = await startWorld();
    const gateway = await startHttpGateway({ internetPort: 0 });
    await gateway.close();
    const vendor: LoadVendor = {
      vendor: "acme",
      weight: 1,
      proxyUrl: `http://127.0.0.1:${gateway.port}`,
      protocol: "connect",
    };
    const pods = [{ pod: "crawler-0", vendors: [vendor] }];
    const { vendors } = await startLoad({ pods, hosts, ca: authority.pem, seed: 1, durationMs: 100 }).done;
    expect(vendors[0]?.reasons).toEqual({ refused: vendors[0]?.requests });
  });
});
