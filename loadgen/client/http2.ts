// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP/2 on a TLS connection that somebody else opened: request after request as streams of one session.
 */
import http2 from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Answer, type Connection, type Question, TravelError, travelError } from "./connection.ts";

interface Speech {
  session: http2.ClientHttp2Session;
  timeoutMs: number;
  /** What became of the wire; TLS on top of it does not pass that on to the session. */
  broken?: TravelError;
}

/** @param wire  the TCP connection under the socket's TLS */
export function speakHttp2(socket: TLSSocket, wire: Socket, { timeoutMs }: { timeoutMs: number }): Connection {
  const session = http2.connect("https://site.invalid", { createConnection: () => socket });
  const speech: Speech = { session, timeoutMs };
  // What breaks the session breaks its streams too, and there it is reported.
  session.on("error", () => {});
  wire.once("error", (error) => {
    speech.broken = travelError(error);
  });
  wire.once("close", () => session.destroy());
  return {
    isOpen: () => !session.closed && !session.destroyed,
    ask: (question) => ask(speech, question),
    end: () => session.close(),
  };
}

function ask(speech: Speech, question: Question): Promise<Answer> {
  const { session, timeoutMs } = speech;
  const { method, path, authority, headers, requestBytes } = question;
  const head = { ...headers, ":method": method, ":path": path, ":authority": authority, ":scheme": "https" };
  return new Promise((resolve, reject) => {
    if (session.closed || session.destroyed) return reject(new TravelError("closed", "the session was closed"));
    const stream = session.request(head, { endStream: method === "GET" });
    if (method === "POST") stream.end(Buffer.alloc(requestBytes, "x"));
    let status = 0;
    let bodyBytes = 0;
    const timer = setTimeout(
      () => stream.destroy(new TravelError("timeout", `no answer in ${timeoutMs} ms`)),
      timeoutMs,
    );
    stream.on("response", (answer) => {
      status = answer[":status"] ?? 0;
    });
    stream.on("data", (chunk: Buffer) => {
      bodyBytes += chunk.length;
    });
    stream.on("end", () => {
      if (status > 0) resolve({ status, bodyBytes });
    });
    stream.on("error", (error) => reject(speech.broken ?? travelError(error)));
    stream.on("close", () => {
      clearTimeout(timer);
      reject(speech.broken ?? new TravelError("closed", "the stream was closed before its answer"));
    });
  });
}
