// SPDX-License-Identifier: Apache-2.0
/**
 * Cuts one direction of an HTTP/1 connection into messages, to the byte, however the stream is split into chunks.
 * Knows heads, lengths, chunked bodies and trailers. What a head means, and so which body follows, is asked of its
 * owner (http.ts). Written without a library: the kept HTTP parsers do not report at which byte a message ends.
 *
 * @see RFC 9112 sections 2.2, 6 and 7.1
 */

/** What follows a head: nothing, a body, all bytes until the end, or bytes to be kept until the owner decides. */
export type Body =
  | { kind: "none" }
  | { kind: "length"; bytes: number }
  | { kind: "chunked" }
  | { kind: "rest" }
  | { kind: "hold" };

export interface FramerOwner {
  /** A head is complete; `lines` are its lines without line ends. Its bytes have not been reported yet. */
  head(lines: string[]): Body;
  /** So many further bytes of the stream belong to the current message. */
  bytes(count: number): void;
  /** The message is complete, its bytes all reported. */
  end(): void;
}

type State = "head" | "length" | "chunk-size" | "chunk-data" | "chunk-end" | "trailer" | "rest" | "hold";

const MAX_HEAD_BYTES = 262_144;
const MAX_HELD_BYTES = 262_144;
const LINE_FEED = 10;

export class Framer {
  readonly #owner: FramerOwner;
  #state: State = "head";
  #left = 0;
  #line = "";
  #lines: string[] = [];
  #headBytes = 0;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(owner: FramerOwner) {
    this.#owner = owner;
  }

  feed(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) at += this.#step(at === 0 ? chunk : chunk.subarray(at));
  }

  /** Ends a hold: the kept bytes and all later ones are read as `next` says. */
  release(next: "messages" | "rest"): void {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    this.#state = next === "rest" ? "rest" : "head";
    for (const chunk of held) this.feed(chunk);
  }

  /** From here to the end all bytes belong to the current message, whatever was expected. */
  giveUp(): void {
    this.#owner.bytes(this.#headBytes);
    this.#headBytes = 0;
    this.#line = "";
    this.#lines = [];
    this.release("rest");
  }

  /** Takes some bytes off the start of a chunk and says how many. */
  #step(chunk: Buffer): number {
    if (this.#state === "hold") return this.#hold(chunk);
    if (this.#state === "rest") return this.#report(chunk.length);
    if (this.#state === "length" || this.#state === "chunk-data") return this.#takeCounted(chunk);
    return this.#takeLine(chunk);
  }

  #hold(chunk: Buffer): number {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes > MAX_HELD_BYTES) this.release("rest");
    return chunk.length;
  }

  #report(count: number): number {
    this.#owner.bytes(count);
    return count;
  }

  #takeCounted(chunk: Buffer): number {
    const count = Math.min(this.#left, chunk.length);
    this.#left -= count;
    this.#report(count);
    if (this.#left > 0) return count;
    if (this.#state === "length") this.#endMessage();
    else this.#state = "chunk-end";
    return count;
  }

  #takeLine(chunk: Buffer): number {
    const feed = chunk.indexOf(LINE_FEED);
    const count = feed === -1 ? chunk.length : feed + 1;
    this.#line += chunk.toString("latin1", 0, count);
    if (this.#state === "head") this.#headBytes += count;
    else this.#report(count);
    if (this.#headBytes > MAX_HEAD_BYTES || this.#line.length > MAX_HEAD_BYTES) this.giveUp();
    else if (feed !== -1) this.#endLine(this.#line.replace(/\r?\n$/, ""));
    return count;
  }

  #endLine(line: string): void {
    this.#line = "";
    if (this.#state === "head") this.#endHeadLine(line);
    else if (this.#state === "chunk-size") this.#startChunk(line);
    else if (this.#state === "chunk-end") this.#endChunk(line);
    else if (line === "") this.#endMessage();
  }

  #endHeadLine(line: string): void {
    // Empty lines before a head are part of it (RFC 9112 section 2.2); an empty line after it ends it.
    if (line !== "") this.#lines.push(line);
    if (line !== "" || this.#lines.length === 0) return;
    const lines = this.#lines;
    const count = this.#headBytes;
    this.#lines = [];
    this.#headBytes = 0;
    const body = this.#owner.head(lines);
    this.#report(count);
    this.#startBody(body);
  }

  #startBody(body: Body): void {
    if (body.kind === "length") this.#left = body.bytes;
    if (body.kind === "none" || (body.kind === "length" && body.bytes === 0)) this.#endMessage();
    else this.#state = body.kind === "chunked" ? "chunk-size" : body.kind;
  }

  #startChunk(line: string): void {
    const match = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line);
    this.#left = Number.parseInt(match?.[1] ?? "0", 16);
    if (!match) this.giveUp();
    else this.#state = this.#left === 0 ? "trailer" : "chunk-data";
  }

  #endChunk(line: string): void {
    if (line === "") this.#state = "chunk-size";
    else this.giveUp();
  }

  #endMessage(): void {
    this.#state = "head";
    this.#owner.end();
  }
}
