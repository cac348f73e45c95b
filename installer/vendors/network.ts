// SPDX-License-Identifier: Apache-2.0
/**
 * Addresses and networks as ranges of numbers: reading them, writing them, and which of many overlap.
 */
import { isIPv4, isIPv6 } from "node:net";

/** An address is a network of one. */
export interface Network {
  /** 4 or 6. */
  family: 4 | 6;
  first: bigint;
  last: bigint;
  /** The network as it should be written: of `203.0.113.10/24` this is `203.0.113.0/24`. */
  text: string;
}

const BITS = { 4: 32, 6: 128 } as const;

/** Undefined for what is no address and no network; a zone (`fe80::1%eth0`) is none. */
export function readNetwork(written: string): Network | undefined {
  const [address = "", prefix, ...rest] = written.split("/");
  const family = familyOf(address);
  if (family === undefined || rest.length > 0) return undefined;
  const bits = prefix === undefined ? BITS[family] : Number(prefix);
  if (prefix !== undefined && !/^(0|[1-9][0-9]{0,2})$/.test(prefix)) return undefined;
  if (bits > BITS[family]) return undefined;
  const hostBits = BigInt(BITS[family] - bits);
  const first = (numberOf(address, family) >> hostBits) << hostBits;
  const last = first + (1n << hostBits) - 1n;
  return { family, first, last, text: prefix === undefined ? written : `${addressText(first, family)}/${bits}` };
}

/** Whether a network is written by its first address. */
export function isExact(written: string, network: Network): boolean {
  return !written.includes("/") || numberOf(written.split("/", 1)[0] ?? "", network.family) === network.first;
}

function familyOf(address: string): 4 | 6 | undefined {
  if (isIPv4(address)) return 4;
  return isIPv6(address) && !address.includes("%") ? 6 : undefined;
}

function numberOf(address: string, family: 4 | 6): bigint {
  if (family === 4) return address.split(".").reduce((number, part) => (number << 8n) | BigInt(part), 0n);
  // The URL parser writes any IPv6 address as at most eight groups with at most one "::".
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].reduce((number, group) => (number << 16n) | BigInt(`0x${group}`), 0n);
}

function addressText(number: bigint, family: 4 | 6): string {
  const [parts, size] = family === 4 ? [4, 8] : [8, 16];
  const values = Array.from({ length: parts }, (_, index) =>
    Number((number >> BigInt(size * (parts - 1 - index))) & ((1n << BigInt(size)) - 1n)),
  );
  if (family === 4) return values.join(".");
  return new URL(`http://[${values.map((value) => value.toString(16)).join(":")}]`).hostname.slice(1, -1);
}

/**
 * Pairs of networks of which one holds the other, each network with the smallest that holds it, in order of address.
 * Networks by prefix are nested or apart, so a stack of those that are open finds them in n log n.
 */
export function nested<Item extends { network: Network }>(items: readonly Item[]): { inner: Item; outer: Item }[] {
  const sorted = items.toSorted((a, b) => compare(a.network, b.network));
  const found: { inner: Item; outer: Item }[] = [];
  const open: Item[] = [];
  for (const inner of sorted) {
    while (open.length > 0 && !contains(open.at(-1)?.network, inner.network)) open.pop();
    const outer = open.at(-1);
    if (outer !== undefined) found.push({ inner, outer });
    open.push(inner);
  }
  return found;
}

/** Whether one network is all within another. */
export function contains(outer: Network | undefined, inner: Network): boolean {
  if (outer === undefined || outer.family !== inner.family) return false;
  return outer.first <= inner.first && outer.last >= inner.last;
}

/** By family and first address, wider networks first. */
function compare(a: Network, b: Network): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.first !== b.first) return a.first < b.first ? -1 : 1;
  if (a.last === b.last) return 0;
  return a.last > b.last ? -1 : 1;
}
