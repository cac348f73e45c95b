// SPDX-License-Identifier: Apache-2.0
/**
 * A vendor gateway that speaks SOCKS5 (with or without username and password), SOCKS4 and SOCKS4a.
 * Names and addresses are reached through the stand-in for the internet, so no name is resolved. CONNECT only.
 *
 * @see RFC 1928, RFC 1929; SOCKS 4A: A Simple Extension to SOCKS 4 Protocol
 */
import net, { type Socket } from "node:net";
import type { SocketBytes } from "../bytes.ts";
import { type Gateway, type GatewayOptions, isAdmitted } from "./gateway.ts";
import { bidFarewell, join, startRawGateway } from "./raw.ts";
import { dialSite } from "./upstream.ts";

const NO_AUTHENTICATION = 0;
const USERNAME_PASSWORD = 2;
const NO_METHOD = 0xff;
const UNSPECIFIED = [0, 0, 0, 0, 0, 0];

/** Reply codes of RFC 1928 section 6. */
const REPLY = { granted: 0, failure: 1, hostUnreachable: 4, commandNotSupported: 7, addressNotSupported: 8 };

/** Starts the gateway on a free loopback port. */
export function startSocksGateway(options: GatewayOptions): Promise<Gateway> {
  return startRawGateway(async (client, bytes) => {
    const [version] = await bytes.take(1);
    if (version === 5) await talkSocks5(client, bytes, options);
    else if (version === 4) await talkSocks4(client, bytes, options);
    else client.destroy();
  });
}

async function talkSocks5(client: Socket, bytes: SocketBytes, options: GatewayOptions): Promise<void> {
  const [count = 0] = await bytes.take(1);
  const offered = await bytes.take(count);
  const method = options.username === undefined ? NO_AUTHENTICATION : USERNAME_PASSWORD;
  if (!offered.includes(method)) return bidFarewell(client, Buffer.from([5, NO_METHOD]));
  client.write(Buffer.from([5, method]));
  if (method === USERNAME_PASSWORD && !(await authenticate(client, bytes, options))) return;
  const [, command, , type] = await bytes.take(4);
  const authority = await takeAuthority(bytes, type ?? 0);
  const answer = (code: number) => Buffer.from([5, code, 0, 1, ...UNSPECIFIED]);
  if (authority === null) return bidFarewell(client, answer(REPLY.addressNotSupported));
  if (command !== 1) return bidFarewell(client, answer(REPLY.commandNotSupported));
  const site = await dialSite(options.internetPort, authority);
  if (!site) return bidFarewell(client, answer(REPLY.hostUnreachable));
  client.write(answer(REPLY.granted));
  bytes.release();
  join(client, site);
}

async function authenticate(client: Socket, bytes: SocketBytes, options: GatewayOptions): Promise<boolean> {
  const [, length = 0] = await bytes.take(2);
  const username = (await bytes.take(length)).toString();
  const [passwordLength = 0] = await bytes.take(1);
  const password = (await bytes.take(passwordLength)).toString();
  const isGood = isAdmitted(options, username, password);
  if (isGood) client.write(Buffer.from([1, 0]));
  else bidFarewell(client, Buffer.from([1, 1]));
  return isGood;
}

/** `host:port`, or null for an unknown type of address. */
async function takeAuthority(bytes: SocketBytes, type: number): Promise<string | null> {
  let host = "";
  if (type === 1) host = (await bytes.take(4)).join(".");
  else if (type === 3) host = (await bytes.take((await bytes.take(1))[0] ?? 0)).toString("latin1");
  else if (type === 4) host = `[${ipv6Text(await bytes.take(16))}]`;
  else return null;
  return `${host}:${(await bytes.take(2)).readUInt16BE()}`;
}

function ipv6Text(address: Buffer): string {
  const groups = address.toString("hex").match(/.{4}/g) ?? [];
  return new net.SocketAddress({ address: groups.join(":"), family: "ipv6" }).address;
}

async function talkSocks4(client: Socket, bytes: SocketBytes, options: GatewayOptions): Promise<void> {
  const head = await bytes.take(7);
  const user = (await bytes.takeThrough("\0")).toString("latin1").slice(0, -1);
  const isName = head.readUIntBE(3, 3) === 0 && head[6] !== 0;
  const host = isName ? (await bytes.takeThrough("\0")).toString("latin1").slice(0, -1) : head.subarray(3).join(".");
  const answer = (code: number) => Buffer.from([0, code, ...UNSPECIFIED]);
  // SOCKS4 has no password; a gateway that wants one turns it away (code 93: user not identified).
  if (!isAdmitted(options, user, "")) return bidFarewell(client, answer(93));
  const isConnect = head[0] === 1;
  const site = isConnect ? await dialSite(options.internetPort, `${host}:${head.readUInt16BE(1)}`) : null;
  if (!site) return bidFarewell(client, answer(91));
  client.write(answer(90));
  bytes.release();
  join(client, site);
}
