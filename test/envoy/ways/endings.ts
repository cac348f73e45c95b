// SPDX-License-Identifier: Apache-2.0
/**
 * How connections end, as a table: who says goodbye or cuts the line, and what of the payload comes before that.
 */
import { type Ends, speak } from "../driver/conversation.ts";
import type { Script } from "./way.ts";

export interface Ending {
  name: string;
  /** Carries the payload and ends the connection; resolves when both ends are closed. */
  play(ends: Ends, script: Script): Promise<void>;
  /** Outcome of what is still open at the end. */
  outcome: "ok" | "reset" | "client_abort";
  /** The gateway's half of the payload travels first. */
  isDownFirst?: boolean;
}

const bothWays = (ends: Ends, { up, down }: Script) => speak(ends, [...up, ...down]);

export const ENDINGS: readonly Ending[] = [
  {
    name: "the client ends it",
    outcome: "ok",
    play: async (ends, script) => {
      await bothWays(ends, script);
      ends.client.end();
      await ends.gateway.closed();
      await ends.client.closed();
    },
  },
  {
    name: "the vendor ends it",
    outcome: "ok",
    play: async (ends, script) => {
      await bothWays(ends, script);
      ends.gateway.end();
      await ends.client.closed();
      await ends.gateway.closed();
    },
  },
  {
    name: "the client half-closes before the download",
    outcome: "ok",
    play: async (ends, { up, down }) => {
      await speak(ends, up);
      ends.client.end();
      await ends.gateway.ended();
      await speak(ends, down);
      await ends.gateway.closed();
      await ends.client.closed();
    },
  },
  {
    name: "the vendor half-closes before the upload",
    outcome: "ok",
    isDownFirst: true,
    play: async (ends, { up, down }) => {
      await speak(ends, down);
      ends.gateway.end();
      await ends.client.ended();
      await speak(ends, up);
      await ends.client.closed();
      await ends.gateway.closed();
    },
  },
  {
    name: "the client resets it after the exchange",
    outcome: "client_abort",
    play: async (ends, script) => {
      await bothWays(ends, script);
      ends.client.reset();
      await ends.gateway.closed();
    },
  },
  {
    name: "the vendor resets it after the exchange",
    outcome: "reset",
    play: async (ends, script) => {
      await bothWays(ends, script);
      ends.gateway.reset();
      await ends.client.closed();
    },
  },
];
