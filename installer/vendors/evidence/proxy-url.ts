// SPDX-License-Identifier: Apache-2.0
/**
 * The value of a proxy variable: which gateway it names, and how the username is written. Passwords and usernames end here.
 *
 * @see https://everything.curl.dev/usingcurl/proxies/env.html
 */
import type { Gateway, UsernamePattern } from "../model.ts";
import { usernameShape } from "./username-shape.ts";

export interface ProxyUrl {
  /** Lower case; an IPv6 address without brackets. */
  host: string;
  port: number;
  protocol: Gateway["protocol"];
  username?: UsernamePattern;
}

/** To the mesh SOCKS4 and SOCKS5 are the same, and the filter tells them apart by itself. */
const SCHEMES: Readonly<Record<string, { protocol: Gateway["protocol"]; port: number }>> = {
  http: { protocol: "http", port: 80 },
  https: { protocol: "https", port: 443 },
  socks: { protocol: "socks5", port: 1080 },
  socks4: { protocol: "socks5", port: 1080 },
  socks4a: { protocol: "socks5", port: 1080 },
  socks5: { protocol: "socks5", port: 1080 },
  socks5h: { protocol: "socks5", port: 1080 },
};

// Passwords hold anything, also at signs and slashes: the host begins after the last at sign.
const PARTS =
  /^(?:(?<scheme>[a-z][a-z0-9]*):\/\/)?(?:(?<user>.*)@)?(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[a-z0-9.-]+))(?::(?<port>[0-9]{1,5}))?\/?$/is;

/** Undefined for what is no proxy URL; without a scheme it is HTTP. */
export function readProxyUrl(value: string): ProxyUrl | undefined {
  const parts = PARTS.exec(value.trim())?.groups;
  const scheme = SCHEMES[(parts?.scheme ?? "http").toLowerCase()];
  const host = (parts?.v6 ?? parts?.name)?.toLowerCase();
  if (parts === undefined || scheme === undefined || host === undefined) return undefined;
  const port = parts.port === undefined ? scheme.port : Number(parts.port);
  if (port < 1 || port > 65_535) return undefined;
  const username = parts.user === undefined ? undefined : usernameShape(decoded(parts.user.split(":", 1)[0] ?? ""));
  return { host, port, protocol: scheme.protocol, ...(username && { username }) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
