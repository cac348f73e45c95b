// SPDX-License-Identifier: Apache-2.0
/**
 * The short form of a gateway: `gw.acme.example:8080`, or as crawlers write it, `socks5://gw.acme.example:1080`.
 * Reads only texts that the schema let pass, and one that is not of that form has no host, no address and no port.
 */
import { isIP } from "node:net";
import type { WrittenGateway } from "./written.ts";

const HOST = String.raw`[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`;
const V6 = String.raw`\[[0-9A-Fa-f:.]+\]`;

/** The form, for the schema; whether the host is a name or an address, and right, is said elsewhere. */
export const GATEWAY_TEXT = `^(?:(?:http|https|socks5)://)?(?:${HOST}|${V6}):[0-9]{1,5}$`;

const PARTS = new RegExp(`^(?:(?<protocol>[a-z0-9]+)://)?(?<host>${HOST}|${V6}):(?<port>[0-9]{1,5})$`);

/** A gateway as an object, whichever form it was written in. */
export function gatewayOf<T extends object>(written: T | string): T | WrittenGateway {
  if (typeof written !== "string") return written;
  const parts = PARTS.exec(written)?.groups;
  if (parts?.host === undefined) return { ports: [] };
  const host = parts.host.replace(/^\[|\]$/g, "");
  return {
    ...(isIP(host) ? { addresses: [host] } : { host }),
    ports: [Number(parts.port)],
    ...(parts.protocol !== undefined && { protocol: parts.protocol as NonNullable<WrittenGateway["protocol"]> }),
  };
}
