// SPDX-License-Identifier: Apache-2.0
/**
 * Whether addresses and networks overlap, by node's own BlockList.
 */
import { BlockList, isIP } from "node:net";

interface Network {
  address: string;
  prefix: number;
  family: "ipv4" | "ipv6";
}

/** Whether two addresses or networks (CIDR) have an address in common. Text that is neither overlaps nothing. */
export function overlap(one: string, other: string): boolean {
  const [first, second] = [parseNetwork(one), parseNetwork(other)];
  if (first === undefined || second === undefined || first.family !== second.family) return false;
  const [wide, narrow] = first.prefix <= second.prefix ? [first, second] : [second, first];
  const list = new BlockList();
  list.addSubnet(wide.address, wide.prefix, wide.family);
  return list.check(narrow.address, narrow.family);
}

/** Whether all of `inner` lies in `outer`. */
export function contains(outer: string, inner: string): boolean {
  const [wide, narrow] = [parseNetwork(outer), parseNetwork(inner)];
  return wide !== undefined && narrow !== undefined && wide.prefix <= narrow.prefix && overlap(outer, inner);
}

/** Whether the text is one address, with or without the prefix of a single host. */
export function isSingle(text: string): boolean {
  const network = parseNetwork(text);
  return network !== undefined && network.prefix === bits(network.family);
}

function parseNetwork(text: string): Network | undefined {
  const [address = "", length] = text.split("/");
  const version = isIP(address);
  if (version === 0) return undefined;
  const family = version === 4 ? "ipv4" : "ipv6";
  const prefix = length === undefined ? bits(family) : Number(length);
  return Number.isInteger(prefix) && prefix >= 0 && prefix <= bits(family) ? { address, prefix, family } : undefined;
}

function bits(family: "ipv4" | "ipv6"): number {
  return family === "ipv4" ? 32 : 128;
}
