// SPDX-License-Identifier: Apache-2.0
/**
 * The ways of travelling other than CONNECT, after `proxymeter install`: absolute-form HTTP and SOCKS5 equal the relay,
 * a vendor's HTTP API by header is within the bound of docs/http-sizes.md on the crawler's socket.
 */
import http from "node:http";
import type net from "node:net";
import tls from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { LABEL_DESTINATION, LABEL_VENDOR, RECEIVED_BYTES, REQUESTS, SENT_BYTES } from "../../filter/core/contract.ts";
import type { Question, Trip } from "../../loadgen/client/connection.ts";
import { MANNERS } from "../../loadgen/client/manners.ts";
import { closed, openWire } from "../../loadgen/client/wire.ts";
import { startSocksGateway } from "../../loadgen/gateway/socks.ts";
import { listen } from "../../loadgen/listener.ts";
import { answer } from "../../loadgen/site/routes.ts";
import { actual, expectBalance, logOnFailure } from "./balance.ts";
import { type Cli, cli, expectSuccess, ISTIO, written, uninstallAll } from "./cli.ts";
import { matching, sum } from "./counters.ts";
import { gateway } from "./manifests.ts";
import { CRAWL } from "./objects.ts";
import { until } from "./poll.ts";
import { proxyOf, type Rig, startRig } from "./rig.ts";

const plane = inject("plane");
/** Bytes of one message by which the counted size may differ from the socket's: docs/http-sizes.md. */
const BOUND = 64;

const entry = (vendor: string, more: string) => {
  const { address, port } = gateway(vendor);
  return `  - name: ${vendor}
    gateways: [{host: gw.${vendor}.example, addresses: [${address}], ports: [${port}]${more}}]
`;
};
const VENDORS = `apiVersion: proxymeter.io/v1
vendors:
${entry("acme", "")}${entry("globex", ", protocol: socks5")}${entry("initech", ", mode: http")}`;

/** A vendor that is used as an HTTP API: no proxy, an ordinary server. */
async function startApi() {
  const listener = await listen(http.createServer(answer));
  return { host: "127.0.0.1" as const, ...listener };
}

const get = (authority: string, size: number, headers: Record<string, string> = {}): Question => ({
  authority,
  method: "GET",
  path: `/bytes?size=${size}`,
  headers,
  requestBytes: 0,
});
const post = (authority: string, size: number, headers: Record<string, string> = {}): Question => ({
  authority,
  method: "POST",
  path: "/upload",
  headers,
  requestBytes: size,
});

describe("after install, on the control plane", () => {
  let rig: Rig;
  let proxymeter: Cli;

  beforeAll(async () => {
    rig = await startRig(plane, { pod: "crawler-0", gateways: { globex: startSocksGateway, initech: startApi } });
    proxymeter = cli(plane.credentials);
    const image = rig.registry.publish(rig.filter).url;
    const args = ["-f", written(VENDORS), "--image", image, "--namespaces", CRAWL, ...ISTIO, "-y"];
    expectSuccess(await proxymeter("install", ...args));
  });
  afterAll(async () => {
    await uninstallAll(proxymeter, rig.kube);
    await rig.close();
  });
  beforeEach((context) => logOnFailure(context, rig));

  /** One connection of that kind that asks all questions; what its socket to the gateway carried. */
  async function travel(protocol: keyof typeof MANNERS, vendor: string, more: Partial<Trip>, questions: Question[]) {
    const { address, port, username, password } = proxyOf(vendor);
    const trip: Trip = {
      proxy: new URL(`http://${username}:${password}@${address}:${port}`),
      host: "shop-01.example",
      port: 443,
      isPlain: false,
      trust: tls.createSecureContext({ ca: rig.ca }),
      verify: true,
      sessions: new Map(),
      resumesSession: false,
      versions: ["h2", "http/1.1"],
      pipelining: 1,
      awaitChallenge: false,
      timeoutMs: 10_000,
      ...more,
    };
    const wire: net.Socket = await openWire(trip);
    const connection = await MANNERS[protocol].travel(wire, trip);
    for (const question of questions) {
      const { status } = await connection.ask(question);
      expect(status).toBe(200);
    }
    connection.end();
    await closed(wire, 5000);
    return { sent: wire.bytesWritten, received: wire.bytesRead };
  }

  it("absolute-form HTTP to several sites on one connection equals the relay", async () => {
    await travel("absolute", "acme", {}, [
      get("shop-01.example", 100_000),
      post("shop-02.example", 20_000),
      get("shop-01.example", 7),
    ]);
    await expectBalance(rig, "acme");
    expect(Object.keys(actual(rig, "acme").destinations).sort()).toEqual(["shop-01.example", "shop-02.example"]);
  });

  it("SOCKS5 with TLS and HTTP/2 inside equals the relay", async () => {
    await travel("socks5", "globex", {}, [get("shop-01.example", 100_000), post("shop-01.example", 20_000)]);
    await expectBalance(rig, "globex");
    expect(Object.keys(actual(rig, "globex").destinations)).toEqual(["shop-01.example"]);
  });

  it("SOCKS5 with plain HTTP inside equals the relay", async () => {
    const earlier = actual(rig, "globex");
    await travel("socks5", "globex", { host: "shop-02.example", port: 80, isPlain: true }, [
      get("shop-02.example", 50_000),
    ]);
    expect(actual(rig, "globex").receivedBytes - earlier.receivedBytes).toBeGreaterThan(50_000);
    await expectBalance(rig, "globex");
  });

  it.each([
    ["downloads", "api-1.example", () => [get("api-1.example", 3, BY), get("api-1.example", 300_000, BY)]],
    ["uploads", "api-2.example", () => [post("api-2.example", 100_000, BY), post("api-2.example", 1, BY)]],
  ])("HTTP with the vendor header is counted for that vendor within 64 bytes a message: %s", async (_, host, ask) => {
    const questions = ask();
    const carried = await travel("headers", "initech", {}, questions);
    const labels = { [LABEL_VENDOR]: "initech", [LABEL_DESTINATION]: host };
    const count = async () => sum(await rig.samples(), REQUESTS, labels);
    await until(async () => (await count()) === questions.length, { what: `${questions.length} requests to ${host}` });
    const samples = await rig.samples();
    const errors = [
      sum(samples, SENT_BYTES, labels) - carried.sent,
      sum(samples, RECEIVED_BYTES, labels) - carried.received,
    ];
    console.log(
      `by header, ${host}: counted minus carried ${errors.join(" sent, ")} received, ${questions.length} requests`,
    );
    for (const error of errors) expect(Math.abs(error)).toBeLessThanOrEqual(BOUND * questions.length);
    expect(carried.received + carried.sent).toBeGreaterThan(100_000);
  });

  it("HTTP with the header of another vendor than the gateway's is that vendor's", async () => {
    await travel("headers", "initech", {}, [get("api-3.example", 1000, { "x-proxy-vendor": "acme" })]);
    const requests = async () => matching(await rig.samples(), REQUESTS, { [LABEL_DESTINATION]: "api-3.example" });
    const [sample] = await until(async () => (await requests()).length > 0 && requests(), { what: "the request" });
    expect(sample?.labels[LABEL_VENDOR]).toBe("acme");
  });
});

const BY = { "x-proxy-vendor": "initech" };
