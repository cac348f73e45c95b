// SPDX-License-Identifier: Apache-2.0
/**
 * What the relay makes of the bytes it relays. Every conversation is replayed whole, byte by byte and with every
 * single cut, and must give the same books each time; the sums must be the bytes that went through.
 */
import { describe, expect, it } from "vitest";
import { Books } from "../../../loadgen/relay/books.ts";
import { ConnectionReader } from "../../../loadgen/relay/connection.ts";
import { CONVERSATIONS } from "./conversations.ts";

type Turn = [direction: ">" | "<", bytes: Buffer];

/** Books after a conversation whose turns are each split by `cut`. */
function replay(turns: Turn[], cut: (bytes: Buffer, turn: number) => Buffer[]) {
  const books = new Books();
  const reader = new ConnectionReader(books);
  for (const [index, [direction, bytes]] of turns.entries()) {
    for (const piece of cut(bytes, index)) direction === ">" ? reader.sent(piece) : reader.received(piece);
  }
  reader.close();
  return books.destinations();
}

const whole = (bytes: Buffer) => [bytes];
const byteByByte = (bytes: Buffer) => Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));

describe("ConnectionReader", () => {
  for (const { name, turns: texts, want } of CONVERSATIONS) {
    const turns = texts.map(([direction, text]): Turn => [direction, Buffer.from(text, "latin1")]);
    const expected = want.map(([host, requests, sentBytes, receivedBytes]) => ({
      host,
      requests,
      sentBytes,
      receivedBytes,
    }));

    it(`reads ${name}`, () => {
      expect(replay(turns, whole)).toEqual(expected);
      expect(replay(turns, byteByByte)).toEqual(expected);
      for (const [turn, [, bytes]] of turns.entries()) {
        for (let at = 1; at < bytes.length; at += 1) {
          const cutOnce = (b: Buffer, index: number) => (index === turn ? [b.subarray(0, at), b.subarray(at)] : [b]);
          expect(replay(turns, cutOnce), `turn ${turn} cut at ${at}`).toEqual(expected);
        }
      }
      const sum = (direction: string) => turns.filter(([d]) => d === direction).reduce((n, [, b]) => n + b.length, 0);
      expect(expected.reduce((n, row) => n + row.sentBytes, 0)).toBe(sum(">"));
      expect(expected.reduce((n, row) => n + row.receivedBytes, 0)).toBe(sum("<"));
    });
  }
});
