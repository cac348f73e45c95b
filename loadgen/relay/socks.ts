// SPDX-License-Identifier: Apache-2.0
/**
 * Reads the destination out of what a SOCKS client sends, whether it waits for each answer or not.
 * The client's own bytes say which methods were agreed on; of the gateway's answers only a refusal matters, which
 * makes the attempt a request without a destination.
 *
 * @see RFC 1928, RFC 1929; SOCKS 4A: A Simple Extension to SOCKS 4 Protocol
 */
import { SocketAddress } from "node:net";
import { nameDestination } from "./destination.ts";
import type { Opening } from "./opening.ts";

const INCOMPLETE: Opening = { kind: "incomplete" };
const NONE: Opening = { kind: "none" };
const USUAL_PORT = 443;
const USERNAME_PASSWORD = 2;
const NO_METHOD = 0xff;

/** All that both sides said so far, from the first byte on. */
export function readSocksOpening(sent: Buffer, received: Buffer): Opening {
  if (sent[0] === 4) return readSocks4(sent);
  const opening = readSocks5(sent);
  return opening.kind === "incomplete" && isRefused(received) ? { kind: "request", host: "" } : opening;
}

/** No method was acceptable, or the credentials were not. */
function isRefused(received: Buffer): boolean {
  const [version, method, , status] = received;
  return (
    version === 5 && (method === NO_METHOD || (method === USERNAME_PASSWORD && status !== undefined && status > 0))
  );
}

function readSocks4(start: Buffer): Opening {
  if (start.length < 9) return INCOMPLETE;
  const port = start.readUInt16BE(2);
  const userEnd = start.indexOf(0, 8);
  if (userEnd === -1) return INCOMPLETE;
  // 4A: an address 0.0.0.x, x not 0, announces a name after the user.
  const hasName = start.readUIntBE(4, 3) === 0 && start[7] !== 0;
  if (!hasName) return request(start.subarray(4, 8).join("."), port);
  const nameEnd = start.indexOf(0, userEnd + 1);
  if (nameEnd === -1) return INCOMPLETE;
  return request(start.toString("latin1", userEnd + 1, nameEnd), port);
}

function readSocks5(start: Buffer): Opening {
  if (start.length < 2) return INCOMPLETE;
  let at = 2 + (start[1] ?? 0);
  if (start.length <= at) return INCOMPLETE;
  if (start[at] === 1) {
    // Username and password (RFC 1929), where that method was agreed on; a request begins with 5 instead.
    const passwordAt = at + 2 + (start[at + 1] ?? 0);
    if (start.length <= passwordAt) return INCOMPLETE;
    at = passwordAt + 1 + (start[passwordAt] ?? 0);
    if (start.length <= at) return INCOMPLETE;
  }
  return start[at] === 5 ? readSocks5Request(start.subarray(at)) : NONE;
}

/** Version, command, reserved, address type, address, port. */
function readSocks5Request(bytes: Buffer): Opening {
  if (bytes.length < 5) return INCOMPLETE;
  const type = bytes[3];
  if (type !== 1 && type !== 3 && type !== 4) return NONE;
  const from = type === 3 ? 5 : 4;
  const to = from + (type === 3 ? (bytes[4] ?? 0) : type === 1 ? 4 : 16);
  if (bytes.length < to + 2) return INCOMPLETE;
  const address = bytes.subarray(from, to);
  const host = type === 3 ? address.toString("latin1") : type === 1 ? address.join(".") : ipv6Text(address);
  return request(host, bytes.readUInt16BE(to));
}

/** The canonical text (RFC 5952). */
function ipv6Text(address: Buffer): string {
  const groups = address.toString("hex").match(/.{4}/g) ?? [];
  return new SocketAddress({ address: groups.join(":"), family: "ipv6" }).address;
}

function request(host: string, port: number): Opening {
  return { kind: "request", host: nameDestination(host, port, USUAL_PORT) };
}
