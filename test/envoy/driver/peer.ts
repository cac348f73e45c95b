// SPDX-License-Identifier: Apache-2.0
/**
 * One end of a connection that a test speaks on: sends, waits for what arrives, ends or resets, and counts its bytes.
 * Both ends of a scripted conversation are peers; what is said is not known here.
 */
import net, { type Socket } from "node:net";

const DEADLINE_MS = 15_000;

export class Peer {
  readonly #name: string;
  readonly #socket: Socket;
  readonly #waiting = new Set<() => void>();
  #chunks: Buffer[] = [];
  #held = 0;
  sentBytes = 0;
  receivedBytes = 0;
  hasEnded = false;
  isClosed = false;

  /** @param socket  must allow half-open connections */
  constructor(name: string, socket: Socket) {
    this.#name = name;
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#held += chunk.length;
      this.receivedBytes += chunk.length;
      this.#wake();
    });
    socket.on("end", () => {
      this.hasEnded = true;
      this.#wake();
    });
    // A reset shows as a close; who expects one asks for it.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  /** Resolves when the system has taken the bytes. */
  send(bytes: Buffer): Promise<void> {
    this.sentBytes += bytes.length;
    return new Promise((resolve) => void this.#socket.write(bytes, () => resolve()));
  }

  /** The next `count` bytes. @throws Error if they do not come */
  async take(count: number): Promise<Buffer> {
    await this.#until(
      () => this.#held >= count,
      () => `${count} bytes, got ${this.#held}`,
    );
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all.subarray(count)];
    this.#held -= count;
    return all.subarray(0, count);
  }

  /** Bytes that came and were not taken yet. */
  rest(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Says goodbye by FIN; still reads. */
  end(): void {
    this.#socket.end();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  /** The other side's FIN, or the end of the connection. */
  async ended(): Promise<void> {
    await this.#until(
      () => this.hasEnded || this.isClosed,
      () => "the other side's end",
    );
  }

  /** The end of the connection; says goodbye where the other side has done so. */
  async closed(): Promise<void> {
    await this.ended();
    this.#socket.end();
    await this.#until(
      () => this.isClosed,
      () => "the connection to close",
    );
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  #until(holds: () => boolean, what: () => string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(new Error(this.#waited(what()))), DEADLINE_MS);
      const settle = (error?: Error) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        if (error) reject(error);
        else resolve();
      };
      const check = () => {
        if (holds()) settle();
        else if (this.isClosed) settle(new Error(this.#waited(what())));
      };
      this.#waiting.add(check);
      check();
    });
  }

  #waited(what: string): string {
    const state = this.isClosed ? "closed" : this.hasEnded ? "half-closed" : "open";
    return `${this.#name} waited in vain for ${what} (the connection is ${state})`;
  }
}

/** Connects to a loopback port. */
export async function connectPeer(name: string, port: number): Promise<Peer> {
  const socket = net.connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return new Peer(name, socket);
}
