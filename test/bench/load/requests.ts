// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP/1.1 requests as cheap as this side can make them: kept-alive connections, one open request on each, written as ready-made bytes.
 * An answer is over when its last bytes are those that the site ends all of them with. Measures nothing but how many and how long.
 */
import { connect, type Socket } from "node:net";

/** The last bytes of every answer. */
export const ANSWER_END = "=END";
const END = Buffer.from(ANSWER_END);

export interface RequestLoad {
  /** Sends so many requests over all connections; resolves to how long that took in milliseconds. */
  run(count: number): Promise<number>;
  close(): void;
}

/** @param requests  ready-made heads; every connection sends its own of them, again and again */
export async function openRequests(
  port: number,
  requests: readonly string[],
  connections: number,
): Promise<RequestLoad> {
  const open = Array.from({ length: connections }, async (_, index) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new Loop(socket, Buffer.from(requests[index % requests.length] ?? "", "latin1"));
  });
  const loops = await Promise.all(open);
  return {
    async run(count) {
      const start = performance.now();
      let left = count;
      await Promise.all(loops.map((loop) => loop.run(() => left-- > 0)));
      return performance.now() - start;
    },
    close: () => {
      for (const loop of loops) loop.close();
    },
  };
}

/** One connection: a request, its answer, the next. */
class Loop {
  readonly #socket: Socket;
  readonly #request: Buffer;
  #more: () => boolean = () => false;
  #done: () => void = () => {};
  #fail: (error: Error) => void = () => {};

  constructor(socket: Socket, request: Buffer) {
    this.#socket = socket;
    this.#request = request;
    socket.on("data", (chunk: Buffer) => {
      if (chunk.subarray(-END.length).equals(END)) this.#next();
    });
    socket.on("close", () => this.#fail(new Error("the connection closed in the middle of the load")));
    socket.on("error", (error) => this.#fail(error));
  }

  run(more: () => boolean): Promise<void> {
    this.#more = more;
    return new Promise((resolve, reject) => {
      this.#done = resolve;
      this.#fail = reject;
      this.#next();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #next(): void {
    if (this.#more()) this.#socket.write(this.#request);
    else this.#done();
  }
}
