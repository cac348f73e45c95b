// SPDX-License-Identifier: Apache-2.0
/**
 * Random conversations of the kinds that proxies carry, put together from pieces whose books are known by
 * construction, cut at random places, both directions interleaved as a proxy would: the reader must give the same books.
 */
import { describe, expect, it } from "vitest";
import { exponential, type Random, seededRandom } from "../../../loadgen/random.ts";
import { Books } from "../../../loadgen/relay/books.ts";
import { ConnectionReader } from "../../../loadgen/relay/connection.ts";

interface Exchange {
  host: string;
  sent: string;
  received: string;
}

const HOSTS = ["a.example", "b.example", "c.example:8080", "203.0.113.7"];
const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

/** A body that looks like protocol, to catch whoever reads inside bodies. */
function body(random: Random): string {
  const bait = ["GET http://bait.example/ HTTP/1.1\r\n\r\n", "\r\n\r\n", "0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "x"];
  return Array.from({ length: Math.floor(exponential(random, 4)) }, () => pick(random, bait)).join("");
}

function chunked(random: Random, text: string): string {
  let rest = text;
  let out = "";
  while (rest.length > 0) {
    const piece = rest.slice(0, 1 + Math.floor(random() * rest.length));
    out += `${piece.length.toString(16)}${pick(random, ["", ";a=b"])}\r\n${piece}\r\n`;
    rest = rest.slice(piece.length);
  }
  return `${out}0\r\n${pick(random, ["", "Trailer: 1\r\n"])}\r\n`;
}

function framed(random: Random, text: string): string {
  return random() < 0.5
    ? `Content-Length: ${text.length}\r\n\r\n${text}`
    : `Transfer-Encoding: chunked\r\n\r\n${chunked(random, text)}`;
}

function forwardExchange(random: Random): Exchange {
  const host = pick(random, HOSTS);
  const method = pick(random, ["GET", "HEAD", "POST"]);
  const head = `${method} http://${host}/?u=http://other.example/ HTTP/1.1\r\nHost: other.example\r\n`;
  const sent = method === "POST" ? head + framed(random, body(random)) : `${head}\r\n`;
  const interim = random() < 0.2 ? "HTTP/1.1 100 Continue\r\n\r\n" : "";
  if (method === "HEAD") return { host, sent, received: `${interim}HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n` };
  if (random() < 0.2) return { host, sent, received: `${interim}HTTP/1.1 204 No Content\r\n\r\n` };
  return {
    host,
    sent,
    received: `${interim}HTTP/1.1 ${pick(random, [200, 404, 503])} X\r\n${framed(random, body(random))}`,
  };
}

function refusedConnect(random: Random): Exchange {
  const host = pick(random, HOSTS);
  const status = pick(random, [407, 429, 502]);
  return {
    host,
    sent: `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    received: `HTTP/1.1 ${status} No\r\n${framed(random, body(random))}`,
  };
}

function tunnel(random: Random): Exchange {
  const { host, sent } = refusedConnect(random);
  return { host, sent: sent + body(random), received: `HTTP/1.1 200 OK\r\n\r\n${body(random)}` };
}

/** A random interleaving in which no answer starts before its request was sent whole. */
function replay(random: Random, exchanges: Exchange[]) {
  const books = new Books();
  const reader = new ConnectionReader(books);
  const sent = Buffer.from(exchanges.map((exchange) => exchange.sent).join(""), "latin1");
  const received = Buffer.from(exchanges.map((exchange) => exchange.received).join(""), "latin1");
  let at = { sent: 0, received: 0 };
  while (at.sent < sent.length || at.received < received.length) {
    const upTo = answerable(exchanges, at.sent);
    const step = 1 + Math.floor(exponential(random, 30));
    if (at.sent < sent.length && (random() < 0.5 || at.received >= upTo)) {
      reader.sent(sent.subarray(at.sent, at.sent + step));
      at = { ...at, sent: Math.min(sent.length, at.sent + step) };
    } else {
      const end = Math.min(upTo, at.received + step);
      reader.received(received.subarray(at.received, end));
      at = { ...at, received: end };
    }
  }
  reader.close();
  return books.destinations();
}

function answerable(exchanges: Exchange[], sentSoFar: number): number {
  let sent = 0;
  let received = 0;
  for (const exchange of exchanges) {
    sent += exchange.sent.length;
    if (sent > sentSoFar) break;
    received += exchange.received.length;
  }
  return received;
}

function booksOf(exchanges: Exchange[]) {
  const books = new Books();
  for (const { host, sent, received } of exchanges) {
    books.request(host);
    books.sent(host, sent.length);
    books.received(host, received.length);
  }
  return books.destinations();
}

describe("ConnectionReader on random conversations", () => {
  it("gives 2,000 of them the books they were made from", () => {
    for (let seed = 1; seed <= 2_000; seed += 1) {
      const random = seededRandom(seed, "conversation");
      const count = Math.floor(exponential(random, 4));
      const exchanges = Array.from({ length: count }, () =>
        random() < 0.2 ? refusedConnect(random) : forwardExchange(random),
      );
      if (random() < 0.3) exchanges.push(tunnel(random));
      expect(replay(random, exchanges), `seed ${seed}`).toEqual(booksOf(exchanges));
    }
  });
});
