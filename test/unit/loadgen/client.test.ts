// SPDX-License-Identifier: Apache-2.0
/**
 * What the clients put on the wire, as a raw server sees it.
 */
import { once } from "node:events";
import net, { type Socket } from "node:net";
import tls from "node:tls";
import { describe, expect, it, vi } from "vitest";
import type { Question, Trip } from "../../../loadgen/client/connection.ts";
import { MANNERS, type Protocol } from "../../../loadgen/client/manners.ts";
import { openWire, secure } from "../../../loadgen/client/wire.ts";
import { listen } from "../../../loadgen/listener.ts";
import { startSites } from "../../../loadgen/site/site.ts";
import { closeLater, startWorld } from "./rig.ts";

/** A trip over a proxy at that port. */
function plan(port: number, trip: Partial<Trip>): Trip {
  return {
    proxy: new URL(`http://user:p%40ss@127.0.0.1:${port}`),
    host: "a.example",
    port: 80,
    isPlain: true,
    trust: tls.createSecureContext(),
    verify: true,
    sessions: new Map(),
    resumesSession: false,
    versions: ["http/1.1"],
    pipelining: 1,
    awaitChallenge: false,
    timeoutMs: 2_000,
    ...trip,
  };
}

/** A connection to a raw server, and all text that the server got so far. */
async function start(trip: Partial<Trip>) {
  const server = net.createServer();
  const { port } = await closeLater(listen(server));
  const whole = plan(port, trip);
  const accepted = once(server, "connection");
  const wire = await openWire(whole);
  const [peer] = (await accepted) as [Socket];
  const got = { text: "" };
  peer.on("error", () => {});
  peer.setEncoding("latin1").on("data", (text: string) => {
    got.text += text;
  });
  const travel = (protocol: Protocol) => MANNERS[protocol].travel(wire, whole);
  return { peer, got, travel };
}

const get = (authority: string, path: string): Question => ({
  authority,
  path,
  method: "GET",
  headers: {},
  requestBytes: 0,
});
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe("travelling without a tunnel", () => {
  it("pipelines: all requests are on the wire before the first answer", async () => {
    const { peer, got, travel } = await start({ pipelining: 3 });
    const connection = await travel("absolute");
    const answers = [1, 2, 3].map((n) => connection.ask(get("a.example", `/${n}`)));
    await vi.waitFor(() => expect(got.text.match(/^GET /gm)).toHaveLength(3));
    peer.write(OK.repeat(3));
    expect(await Promise.all(answers)).toEqual(Array(3).fill({ status: 200, bodyBytes: 2 }));
  });

  it("names the whole address and the credentials in each absolute-form request, for several hosts on a connection", async () => {
    const { peer, got, travel } = await start({});
    const connection = await travel("absolute");
    for (const host of ["a.example", "b.example:8080"]) {
      const answer = connection.ask(get(host, "/x?y=1"));
      await vi.waitFor(() => expect(got.text).toContain(`GET http://${host}/x?y=1 HTTP/1.1\r\nhost: ${host}\r\n`));
      peer.write(OK);
      expect((await answer).status).toBe(200);
    }
    const credentials = Buffer.from("user:p@ss").toString("base64");
    expect(got.text.match(/proxy-authorization: Basic (.*)\r\n/g)).toHaveLength(2);
    expect(got.text).toContain(`Basic ${credentials}\r\n`);
  });

  it("asks by path only, without credentials, in header mode", async () => {
    const { got, travel } = await start({});
    const connection = await travel("headers");
    connection.ask({ ...get("a.example", "/"), headers: { "x-proxy-vendor": "acme" } }).catch(() => {});
    await vi.waitFor(() => expect(got.text).toMatch(/\r\n\r\n$/));
    expect(got.text).toMatch(/^GET \/ HTTP\/1.1\r\nhost: a.example\r\n/);
    expect(got.text).toContain("x-proxy-vendor: acme\r\n");
    expect(got.text).not.toContain("authorization");
  });
});

describe("travelling by CONNECT", () => {
  it("asks for an IPv6 address in brackets and speaks inside the tunnel", async () => {
    const { peer, got, travel } = await start({ host: "2001:db8::1", port: 8080 });
    const opening = travel("connect");
    await vi.waitFor(() => expect(got.text).toMatch(/^CONNECT \[2001:db8::1\]:8080 HTTP\/1.1\r\n/));
    expect(got.text).toContain("proxy-authorization: Basic ");
    peer.write("HTTP/1.1 200 OK\r\n\r\n");
    const connection = await opening;
    const answer = connection.ask(get("[2001:db8::1]:8080", "/"));
    await vi.waitFor(() => expect(got.text).toMatch(/GET \/ HTTP\/1.1\r\nhost: \[2001:db8::1\]:8080\r\n/));
    peer.write(OK);
    expect(await answer).toEqual({ status: 200, bodyBytes: 2 });
  });

  it("keeps its credentials until it is asked, and reads the refusal's body to its end", async () => {
    const { peer, got, travel } = await start({ awaitChallenge: true });
    const opening = travel("connect");
    await vi.waitFor(() => expect(got.text).toMatch(/\r\n\r\n$/));
    expect(got.text).not.toContain("authorization");
    peer.write("HTTP/1.1 407 No\r\nContent-Length: 9\r\n\r\nwho");
    peer.write(" is it");
    await vi.waitFor(() => expect(got.text).toContain("proxy-authorization"));
    expect(got.text.match(/^CONNECT /gm)).toHaveLength(2);
    peer.write("HTTP/1.1 200 OK\r\n\r\n");
    await opening;
  });
});

describe("TLS to a site", () => {
  it("resumes an earlier session when asked to, and only then", async () => {
    const { authority } = await startWorld();
    const host = "shop-01.example";
    const sites = await closeLater(startSites({ authority, hosts: [host] }));
    const trust = tls.createSecureContext({ ca: authority.pem });
    const sessions = new Map<string, Buffer>();
    const isReused = async (resumesSession: boolean) => {
      const trip = plan(sites.httpsPort, { host, trust, sessions, resumesSession });
      const socket = await secure(await openWire(trip), trip);
      await vi.waitFor(() => expect(sessions.has(host)).toBe(true));
      socket.end();
      return socket.isSessionReused();
    };
    expect(await isReused(true)).toBe(false);
    expect(await isReused(true)).toBe(true);
    expect(await isReused(false)).toBe(false);
  });
});
