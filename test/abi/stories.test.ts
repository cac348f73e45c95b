// SPDX-License-Identifier: Apache-2.0
/**
 * Whole connections through the whole filter, told once and played twice: on the stand-in for a proxy, and in a real Envoy.
 * Both must keep the same books, so what other tests find out on the stand-in holds in Envoy.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientHello, finish13, records, serverNameExtension } from "../core/hello.ts";
import type { Books, Bytes } from "../envoy/driver/books.ts";
import { envoyStage, type Stage, standInStage } from "./stage.ts";

interface Story {
  title: string;
  /** Each story has a vendor of its own. */
  vendor: string;
  tell(stage: Stage, vendor: string): Promise<void>;
  books: Partial<Books>;
}

const head = (...lines: string[]) => Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
const credentials = Buffer.from("crawl-zone-dc-country-us:s3cret").toString("base64");
const established = head("HTTP/1.1 200 OK");
const hello = records(22, clientHello([serverNameExtension("shop.example")]));
const serverHello = records(22, Buffer.alloc(90, 2));
const finished = finish13();
const [question, answer] = [records(23, Buffer.alloc(80)), records(23, Buffer.alloc(500))];

const connect = head("CONNECT shop.example:443 HTTP/1.1", `Proxy-Authorization: Basic ${credentials}`);
const connectBytes: Bytes = [
  connect.length + hello.length + finished.length + question.length,
  established.length + serverHello.length + answer.length,
];

const anonymous = head("CONNECT shop.example:8443 HTTP/1.1");
const authorized = head("CONNECT shop.example:8443 HTTP/1.1", `Proxy-Authorization: Basic ${credentials}`);
const refusal = Buffer.concat([
  head("HTTP/1.1 407 Proxy Authentication Required", "Content-Length: 5"),
  Buffer.from("login"),
]);

const get = head("GET http://a.example/ HTTP/1.1");
const post = Buffer.concat([
  head("POST http://b.example:8080/ HTTP/1.1", "Transfer-Encoding: chunked"),
  head("5", "hello", "0"),
]);
const notFound = head("HTTP/1.1 404 Not Found", "Content-Length: 0");
const ok = head("HTTP/1.1 200 OK", "Content-Length: 0");

const STORIES: readonly Story[] = [
  {
    title: "a CONNECT tunnel with TLS in it is one request, its handshakes are overhead",
    vendor: "acme",
    async tell(stage, vendor) {
      const line = await stage.open(vendor);
      await line.sent(connect);
      await line.received(established);
      await line.sent(hello);
      await line.received(serverHello);
      await line.sent(finished);
      await line.sent(question);
      await line.received(answer);
      await line.close();
    },
    books: {
      requests: 1,
      bytes: connectBytes,
      connections: { connect: 1 },
      active: 0,
      exchanges: { "dc connect 1.1 shop.example 200 ok": 1 },
      destinations: { "dc connect shop.example": connectBytes },
      countries: { us: connectBytes },
      overhead: {
        proxy_handshake: [connect.length, established.length],
        tls_handshake: [hello.length + finished.length, serverHello.length],
      },
      failed: {},
    },
  },
  {
    title: "a 407 and the CONNECT after it on the same connection are two requests",
    vendor: "globex",
    async tell(stage, vendor) {
      const line = await stage.open(vendor);
      await line.sent(anonymous);
      await line.received(refusal);
      await line.sent(authorized);
      await line.received(established);
      await line.sent(Buffer.alloc(1000, 1));
      await line.received(Buffer.alloc(3000, 2));
      await line.close();
    },
    books: {
      requests: 2,
      bytes: [anonymous.length + authorized.length + 1000, refusal.length + established.length + 3000],
      connections: { connect: 1 },
      active: 0,
      exchanges: {
        "none connect 1.1 shop.example:8443 407 vendor_auth": 1,
        "dc connect 1.1 shop.example:8443 200 ok": 1,
      },
      destinations: {
        "none connect shop.example:8443": [anonymous.length, refusal.length],
        "dc connect shop.example:8443": [authorized.length + 1000, established.length + 3000],
      },
      failed: { vendor_auth: [anonymous.length, refusal.length] },
    },
  },
  {
    title: "pipelined absolute-form requests go to their own hosts, chunked bodies and all",
    vendor: "initech",
    async tell(stage, vendor) {
      const line = await stage.open(vendor);
      await line.sent(Buffer.concat([get, post]));
      await line.received(Buffer.concat([notFound, ok]));
      await line.close();
    },
    books: {
      requests: 2,
      bytes: [get.length + post.length, notFound.length + ok.length],
      connections: { http: 1 },
      active: 0,
      exchanges: { "none http 1.1 a.example 404 target_error": 1, "none http 1.1 b.example:8080 200 ok": 1 },
      destinations: {
        "none http a.example": [get.length, notFound.length],
        "none http b.example:8080": [post.length, ok.length],
      },
      failed: { target_error: [get.length, notFound.length] },
    },
  },
];

const STAGES: readonly (readonly [string, (vendors: readonly string[]) => Stage | Promise<Stage>])[] = [
  ["on the stand-in", standInStage],
  ["in Envoy", envoyStage],
];

describe.each(STAGES)("%s", (_name, start) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await start(STORIES.map(({ vendor }) => vendor));
  });
  afterAll(() => stage?.stop());

  it.each(STORIES)("$title", async ({ vendor, tell, books }) => {
    await tell(stage, vendor);
    expect(await stage.books(vendor, books.requests ?? 0)).toMatchObject(books);
  });
});
