// SPDX-License-Identifier: Apache-2.0
/**
 * Reads an HTTP/1 connection to a gateway: CONNECT and its answer, absolute-form requests one after the other or
 * pipelined, and their responses. Gives each byte to the destination of the request that it belongs to.
 * Bytes that belong to no complete request go to the connection's last destination, or to "" before the first.
 */
import type { Books } from "./books.ts";
import { type Body, Framer } from "./framer.ts";
import { readRequestHead, readResponseHead } from "./heads.ts";
import type { Reader } from "./reader.ts";

interface Outstanding {
  method: string;
  host: string;
}

export class HttpReader implements Reader {
  readonly #books: Books;
  readonly #requests: Framer;
  readonly #responses: Framer;
  /** Requests whose response is not complete yet, oldest first. */
  readonly #outstanding: Outstanding[] = [];
  #sentHost = "";
  #receivedHost = "";
  #isFinal = false;

  constructor(books: Books) {
    this.#books = books;
    this.#requests = new Framer({
      head: (lines) => this.#startRequest(lines),
      bytes: (count) => books.sent(this.#sentHost, count),
      end: () => {},
    });
    this.#responses = new Framer({
      head: (lines) => this.#startResponse(lines),
      bytes: (count) => books.received(this.#receivedHost, count),
      end: () => this.#endResponse(),
    });
  }

  sent(chunk: Buffer): void {
    this.#requests.feed(chunk);
  }

  received(chunk: Buffer): void {
    // A response that comes before its request is complete (408, 414) belongs to what was asked last.
    this.#responses.feed(chunk);
  }

  close(): void {
    this.#receivedHost = this.#outstanding[0]?.host ?? this.#receivedHost;
    this.#requests.giveUp();
    this.#responses.giveUp();
  }

  #startRequest(lines: string[]): Body {
    const head = readRequestHead(lines);
    if (!head) return { kind: "rest" };
    this.#sentHost = head.host;
    this.#outstanding.push({ method: head.method, host: head.host });
    this.#books.request(head.host);
    return head.body;
  }

  #startResponse(lines: string[]): Body {
    const request = this.#outstanding[0];
    this.#receivedHost = request?.host ?? this.#sentHost;
    const head = readResponseHead(lines, request?.method ?? "");
    if (!head) return { kind: "rest" };
    this.#isFinal = head.status >= 200 || head.isTunnel;
    if (request && head.isTunnel) this.#openTunnel(request);
    else if (request?.method === "CONNECT" && this.#isFinal) this.#requests.release("messages");
    return head.body;
  }

  #openTunnel(request: Outstanding): void {
    this.#sentHost = request.host;
    this.#requests.giveUp();
  }

  #endResponse(): void {
    if (this.#isFinal) this.#outstanding.shift();
  }
}
