// SPDX-License-Identifier: Apache-2.0
/**
 * Names a destination the way the reports do: lower case, the usual port dropped, any other port kept.
 * Written apart from the filter on purpose: the two readings are compared.
 */

/**
 * Name of a host and port.
 *
 * @param host       as asked for; an IPv6 address without brackets
 * @param port       0 where none was given
 * @param usualPort  the port that goes without saying
 * @returns          `shop.example`, `shop.example:8443`, `2001:db8::1`, `[2001:db8::1]:8443`
 */
export function nameDestination(host: string, port: number, usualPort: number): string {
  const name = host.toLowerCase();
  if (port === 0 || port === usualPort) return name;
  return name.includes(":") ? `[${name}]:${port}` : `${name}:${port}`;
}

/**
 * Splits `host`, `host:port`, `[v6]` or `[v6]:port`.
 *
 * @returns null if it is none of these; port 0 where none was given
 * @see     RFC 3986 section 3.2
 */
export function splitAuthority(authority: string): { host: string; port: number } | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]@/?#]+))(?::(\d{0,5}))?$/.exec(authority);
  if (!match) return null;
  const port = Number(match[3] || 0);
  if (port > 65_535) return null;
  return { host: match[1] ?? match[2] ?? "", port };
}
