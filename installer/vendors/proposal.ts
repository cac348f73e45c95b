// SPDX-License-Identifier: Apache-2.0
/**
 * Proposes vendors from what was found in a cluster: which gateways are one vendor's, and which of two claims to a place holds.
 * Pure: the same findings give the same proposal, and its text is always a vendors.yaml without mistakes.
 */
import type { Candidate, Finding } from "./evidence/candidate.ts";
import type { Gateway, UsernamePattern } from "./model.ts";
import { contains, readNetwork } from "./network.ts";
import { MOST_VENDORS } from "./schema.ts";
import { MOST_ADDRESSES, MOST_GATEWAYS, MOST_PORTS } from "./schema-vendor.ts";

export interface ProposedVendor {
  name: string;
  gateways: ProposedGateway[];
  username?: UsernamePattern;
  /** Where it was found. */
  sources: string[];
  /** False where it may as well be something else than a proxy vendor. */
  isSure: boolean;
}

export type ProposedGateway = Pick<Gateway, "addresses" | "ports" | "protocol"> & { host?: string };

export interface Proposal {
  /** In order of name. */
  vendors: ProposedVendor[];
  /** What was seen and is not proposed. */
  notes: string[];
}

export function propose({ candidates, notes }: Finding): Proposal {
  const left: string[] = [];
  const places = withoutConflicts(merged(candidates), left);
  const byName = Map.groupBy(places, vendorName);
  const vendors = [...byName].map(([name, own]) => vendorOf(name, own)).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name } of vendors.slice(MOST_VENDORS))
    left.push(`${name} is one vendor too many (at most ${MOST_VENDORS})`);
  return { vendors: vendors.slice(0, MOST_VENDORS), notes: [...notes, ...left] };
}

interface Place extends Omit<Candidate, "source"> {
  sources: string[];
}

/** One place for each host, or else address, and port. Variables say the protocol, ServiceEntries the addresses. */
function merged(candidates: readonly Candidate[]): Place[] {
  // What crawlers say themselves comes before what a port lets guess.
  const ordered = candidates.toSorted((a, b) => Number(hasOwnProtocol(b)) - Number(hasOwnProtocol(a)));
  const places = new Map<string, Place>();
  for (const { source, ...candidate } of ordered) {
    const key = `${candidate.host ?? candidate.addresses.join()}|${candidate.port}`;
    const known = places.get(key);
    if (known === undefined) places.set(key, { ...candidate, sources: [source] });
    else {
      known.addresses = [...new Set([...known.addresses, ...candidate.addresses])];
      known.sources.push(source);
      known.isSure ||= candidate.isSure;
      if (candidate.username) known.username ??= candidate.username;
    }
  }
  return absorbed([...places.values()]);
}

function hasOwnProtocol({ source }: Candidate): boolean {
  return !source.startsWith("ServiceEntry ");
}

/** A crawler may know by address what a ServiceEntry knows by name. */
function absorbed(places: readonly Place[]): Place[] {
  const named = places.filter(({ host }) => host !== undefined);
  return places.filter((place) => {
    if (place.host !== undefined) return true;
    const owner = named.find(
      ({ port, addresses }) => port === place.port && addresses.some((known) => isWithin(place.addresses, known)),
    );
    if (owner === undefined) return true;
    owner.sources.push(...place.sources);
    owner.isSure ||= place.isSure;
    owner.protocol = place.protocol;
    if (place.username) owner.username ??= place.username;
    return false;
  });
}

function isWithin(addresses: readonly string[], outer: string): boolean {
  return addresses.every((address) => {
    const network = readNetwork(address);
    return network !== undefined && contains(readNetwork(outer), network);
  });
}

/** Leaves each address at a port to whoever claimed it first, surest first. */
function withoutConflicts(places: readonly Place[], notes: string[]): Place[] {
  const taken = new Map<number, { address: string; by: string }[]>();
  const ordered = places.toSorted((a, b) => Number(b.isSure) - Number(a.isSure) || compareText(keyOf(a), keyOf(b)));
  return ordered.flatMap((place): Place[] => {
    const others = taken.get(place.port) ?? [];
    const free = exact(place.addresses).filter((address) => {
      const other = others.find(({ address: known }) => isWithin([address], known) || isWithin([known], address));
      if (other === undefined) return true;
      notes.push(`${keyOf(place)} has address ${address}, which ${other.by} has too: it is left to the latter`);
      return false;
    });
    taken.set(place.port, [...others, ...free.map((address) => ({ address, by: keyOf(place) }))]);
    if (place.host === undefined && free.length === 0) return [];
    return [{ ...place, addresses: free.slice(0, MOST_ADDRESSES) }];
  });
}

/** Networks as the file wants them: by their first address, and none within another. */
function exact(addresses: readonly string[]): string[] {
  const texts = [...new Set(addresses.map((address) => readNetwork(address)?.text ?? address))];
  return texts.filter((text) => !texts.some((other) => other !== text && isWithin([text], other)));
}

function keyOf({ host, addresses, port }: Pick<Place, "host" | "addresses" | "port">): string {
  return `${host ?? addresses[0]}:${port}`;
}

/** `acme` of `gw.acme.example`, also where the last two labels are as short as those of a country; an address is its own name. */
function vendorName({ host, addresses }: Place): string {
  if (host === undefined) return slug(`vendor-${addresses[0]}`);
  const labels = host.split(".");
  const isSecondLevel = labels.length > 2 && (labels.at(-2)?.length ?? 0) <= 3 && (labels.at(-1)?.length ?? 0) <= 3;
  const name = labels.at(isSecondLevel ? -3 : -2) ?? host;
  return ["other", "unknown", "none"].includes(name) ? `${name}-vendor` : name;
}

function slug(text: string): string {
  const plain = text.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return plain.slice(0, 60).replace(/-$/, "");
}

function vendorOf(name: string, places: readonly Place[]): ProposedVendor {
  const gateways = new Map<string, ProposedGateway>();
  for (const { host, addresses, port, protocol } of places.toSorted((a, b) => a.port - b.port)) {
    const key = JSON.stringify([host, addresses, protocol]);
    const gateway = gateways.get(key) ?? { ...(host !== undefined && { host }), addresses, ports: [], protocol };
    if (gateway.ports.length < MOST_PORTS) gateway.ports.push(port);
    gateways.set(key, gateway);
  }
  const username = places.find((place) => place.username !== undefined)?.username;
  return {
    name,
    gateways: [...gateways.values()].slice(0, MOST_GATEWAYS),
    ...(username && { username }),
    sources: [...new Set(places.flatMap(({ sources }) => sources))].sort(compareText),
    isSure: places.some(({ isSure }) => isSure),
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
