// SPDX-License-Identifier: Apache-2.0
/**
 * A vendor gateway that misbehaves on purpose, in one named way; it speaks HTTP on raw sockets, CONNECT only.
 * Each fault is a row of the table: what it does with a client whose request head has been read.
 */
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { SocketBytes } from "../bytes.ts";
import type { Gateway } from "./gateway.ts";
import { bidFarewell, join, startRawGateway } from "./raw.ts";
import { dialSite } from "./upstream.ts";

export interface FaultOptions {
  fault: Fault;
  /** Port of the stand-in for the internet. */
  internetPort: number;
  /** How slow `slow` is: a second unless told. */
  delayMs?: number;
}

interface Case {
  client: Socket;
  bytes: SocketBytes;
  /** The request head, line ends included. */
  head: string;
  options: FaultOptions;
}

const ESTABLISHED = "HTTP/1.1 200 Connection Established\r\n\r\n";
const DEFAULT_DELAY_MS = 1_000;
const REFUSAL_BODY_BYTES = 20_000;

const FAULTS = {
  /** Asks for credentials, and closes. */
  "407": refuse("407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="fault"\r\n'),
  /** Asks for credentials, and lets the client try again on the same connection. */
  challenge,
  /** Too many requests. */
  "429": refuse("429 Too Many Requests", "Retry-After: 1\r\n"),
  /** The site cannot be reached. */
  "502": refuse("502 Bad Gateway"),
  /** Forbidden, with 20,000 bytes of explanation. */
  "refused-with-body": refuse("403 Forbidden", "", "x".repeat(REFUSAL_BODY_BYTES)),
  /** Waits before it answers, then works. */
  slow,
  /** Resets the connection instead of an answer. */
  reset: async ({ client }: Case) => void client.resetAndDestroy(),
  /** Resets the connection after the first bytes came through the tunnel. */
  "reset-in-tunnel": resetInTunnel,
  /** Opens the tunnel, ends its own side at once, and goes on reading. */
  "half-close": async ({ client }: Case) => bidFarewell(client, ESTABLISHED),
  /** Reads and never answers; ends when the client does. */
  silent: async ({ client }: Case) => void client.resume().once("end", () => client.end()),
  /** Answers with bytes that are no HTTP. */
  garbage: async ({ client }: Case) => bidFarewell(client, Buffer.from(Array.from({ length: 256 }, (_, at) => at))),
} satisfies Record<string, (details: Case) => Promise<void>>;

export type Fault = keyof typeof FAULTS;

/** All names, in the order of the table. */
export const FAULT_NAMES = Object.keys(FAULTS) as Fault[];

/** Starts the gateway on a free loopback port. */
export function startFaultGateway(options: FaultOptions): Promise<Gateway> {
  return startRawGateway(async (client, bytes) => {
    const head = (await bytes.takeThrough("\r\n\r\n")).toString("latin1");
    await FAULTS[options.fault]({ client, bytes, head, options });
  });
}

function refuse(status: string, headers = "", body = `${status}\n`): (details: Case) => Promise<void> {
  const length = Buffer.byteLength(body);
  const answer = `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${length}\r\nConnection: close\r\n\r\n${body}`;
  return async ({ client }) => bidFarewell(client, answer);
}

async function challenge(details: Case): Promise<void> {
  const { client, bytes } = details;
  let { head } = details;
  while (!/^proxy-authorization:/im.test(head)) {
    client.write(
      'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="fault"\r\nContent-Length: 6\r\n\r\nwho?\r\n',
    );
    head = (await bytes.takeThrough("\r\n\r\n")).toString("latin1");
  }
  await work({ ...details, head });
}

async function slow(details: Case): Promise<void> {
  await delay(details.options.delayMs ?? DEFAULT_DELAY_MS, undefined, { ref: false });
  await work(details);
}

async function resetInTunnel({ client, bytes }: Case): Promise<void> {
  client.write(ESTABLISHED);
  await bytes.take(1);
  client.resetAndDestroy();
}

/** Does what it was asked for. */
async function work({ client, bytes, head, options }: Case): Promise<void> {
  const [, authority = ""] = /^CONNECT (\S+) /.exec(head) ?? [];
  const site = await dialSite(options.internetPort, authority);
  if (!site) return bidFarewell(client, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  client.write(ESTABLISHED);
  bytes.release();
  join(client, site);
}
