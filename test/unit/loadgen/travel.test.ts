// SPDX-License-Identifier: Apache-2.0
/**
 * Every way of travelling, on the whole path client -> relay -> gateway -> internet -> site: all requests succeed, and
 * what the relay writes down is what the client's sockets wrote and read, destination by destination.
 */
import { describe, expect, it, vi } from "vitest";
import { MANNERS, type Protocol } from "../../../loadgen/client/manners.ts";
import { startFaultGateway } from "../../../loadgen/gateway/fault.ts";
import type { Gateway } from "../../../loadgen/gateway/gateway.ts";
import { startHttpGateway } from "../../../loadgen/gateway/http.ts";
import { startSocksGateway } from "../../../loadgen/gateway/socks.ts";
import type { DestinationCounts } from "../../../loadgen/ledger.ts";
import type { DestinationTotals } from "../../../loadgen/relay/books.ts";
import { startRelay } from "../../../loadgen/relay/relay.ts";
import { type LoadVendor, startLoad } from "../../../loadgen/run.ts";
import type { WorkloadOptions } from "../../../loadgen/workload.ts";
import { closeLater, startWorld, type World } from "./rig.ts";

interface Way {
  name: string;
  protocol: Protocol;
  gateway: (world: World) => Promise<Gateway>;
  /** Username and password in front of the proxy's address. */
  login?: string;
  workload?: Partial<WorkloadOptions>;
  more?: Partial<LoadVendor>;
  requestsPerConnection?: number;
}

const CREDENTIALS = { username: "customer", password: "secret" };
const LOGIN = "customer-zone-residential:secret@";
const http = ({ internet }: World) => startHttpGateway({ internetPort: internet.port });
const guardedHttp = ({ internet }: World) => startHttpGateway({ internetPort: internet.port, ...CREDENTIALS });
const socks = ({ internet }: World) => startSocksGateway({ internetPort: internet.port });
const guardedSocks = ({ internet }: World) => startSocksGateway({ internetPort: internet.port, ...CREDENTIALS });
const challenge = ({ internet }: World) => startFaultGateway({ fault: "challenge", internetPort: internet.port });
const site = async ({ sitePort }: World): Promise<Gateway> => ({
  host: "127.0.0.1",
  port: sitePort,
  close: async () => {},
});

const WAYS: Way[] = [
  { name: "CONNECT, HTTP/1.1 inside TLS", protocol: "connect", gateway: http, workload: { http2Share: 0 } },
  { name: "CONNECT, HTTP/2 inside TLS", protocol: "connect", gateway: http, workload: { http2Share: 1 } },
  { name: "CONNECT with credentials", protocol: "connect", gateway: guardedHttp, login: LOGIN },
  {
    name: "CONNECT with credentials once asked for them, on the same connection",
    protocol: "connect",
    gateway: challenge,
    login: LOGIN,
    more: { awaitChallenge: true },
  },
  { name: "absolute-form, one after the other", protocol: "absolute", gateway: http, workload: { pipelinedShare: 0 } },
  { name: "absolute-form, pipelined", protocol: "absolute", gateway: http, workload: { pipelinedShare: 1 } },
  { name: "absolute-form with credentials", protocol: "absolute", gateway: guardedHttp, login: LOGIN },
  { name: "SOCKS5", protocol: "socks5", gateway: socks },
  { name: "SOCKS5 with credentials", protocol: "socks5", gateway: guardedSocks, login: LOGIN },
  { name: "SOCKS4a", protocol: "socks4", gateway: socks },
  {
    name: "plain HTTP with headers",
    protocol: "headers",
    gateway: site,
    more: { headers: { "x-proxy-vendor": "acme" } },
  },
];

const byHost = (a: { host: string }, b: { host: string }) => (a.host < b.host ? -1 : 1);

/** What the relay's rows must be, from the client's view: a tunnel is one request to the gateway, or two if challenged. */
function expected(rows: DestinationCounts[], { protocol, more }: Way): DestinationTotals[] {
  const perConnection = more?.awaitChallenge ? 2 : 1;
  return rows.sort(byHost).map(({ host, connections, requests, sentBytes, receivedBytes }) => ({
    host,
    requests: MANNERS[protocol].isTunnel ? connections * perConnection : requests,
    sentBytes,
    receivedBytes,
  }));
}

describe("every way of travelling", () => {
  it.each(WAYS)("carries all requests and is counted to the byte: $name", async (way) => {
    const world = await startWorld();
    const upstream = await closeLater(way.gateway(world));
    const relay = await closeLater(startRelay({ pod: "crawler-0", vendor: "acme", upstream }));
    const vendor: LoadVendor = {
      vendor: "acme",
      weight: 1,
      proxyUrl: `http://${way.login ?? ""}127.0.0.1:${relay.port}`,
      protocol: way.protocol,
      ...way.more,
    };
    const { hosts, authority } = world;
    const result = await startLoad({
      pods: [{ pod: "crawler-0", vendors: [vendor] }],
      hosts,
      ca: authority.pem,
      seed: 7,
      ratePerSecond: 400,
      durationMs: 120,
      workload: { requestsPerConnection: 3, meanThinkMs: 5, ...way.workload },
    }).done;
    await vi.waitFor(() => expect(relay.snapshot().openConnections).toBe(0));
    const relayed = relay.snapshot();
    const [client] = result.vendors;

    expect(client?.reasons).toEqual({});
    expect(client?.ok).toBe(client?.requests);
    expect(client?.ok).toBeGreaterThan(5);
    expect(relayed.resets).toBe(0);
    expect(relayed.connections).toBe(client?.connections);
    expect(relayed.destinations).toEqual(expected(result.destinations, way));
    for (const key of ["requests", "sentBytes", "receivedBytes"] as const) {
      expect(relayed.destinations.reduce((sum, row) => sum + row[key], 0)).toBe(relayed[key]);
    }
  });
});
