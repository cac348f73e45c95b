// SPDX-License-Identifier: Apache-2.0
/**
 * Gateways among the ServiceEntries of a mesh: external ones, by port and protocol.
 */
import { type KubeObject, nameOf } from "../../objects/object.ts";
import { MANAGED_BY, MANAGED_BY_LABEL } from "../../objects/target.ts";
import { readNetwork } from "../network.ts";
import { type Candidate, type Finding, isHost } from "./candidate.ts";

/** Ports that proxies, and few other things, listen on: defaults of SOCKS, Squid, Privoxy, and those that vendors publish. */
const PROXY_PORTS = new Set([
  1080, 3128, 7000, 7777, 8000, 8080, 8118, 8888, 9999, 10_000, 12_321, 12_323, 22_225, 24_000, 31_112, 33_335, 60_000,
]);
const SOCKS_PORT = 1080;

/** Ports of services that crawlers use and that are no proxies: shells, mail, names, databases, queues, HTTPS. */
const OTHER_PORTS = new Set([
  22, 25, 53, 88, 123, 389, 443, 465, 587, 636, 993, 1433, 1521, 2181, 3306, 5432, 5671, 5672, 6379, 8883, 9042, 9092,
  9093, 9200, 11_211, 27_017,
]);

/** What a proxy may be declared as; without a protocol Istio looks for itself. */
const PROXY_PROTOCOLS = new Set(["TCP", "HTTP", ""]);

interface Port {
  number?: number;
  protocol?: string;
}

interface ServiceEntrySpec {
  hosts?: string[];
  addresses?: string[];
  location?: string;
  ports?: Port[];
}

export function serviceEntryFinding(entry: KubeObject): Finding {
  const { hosts = [], addresses = [], location, ports = [] } = (entry.spec ?? {}) as ServiceEntrySpec;
  if (location === "MESH_INTERNAL") return { candidates: [], notes: [] };
  const isOurs = entry.metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY;
  const source = nameOf(entry);
  const known = addresses.filter((address) => readNetwork(address) !== undefined && !address.endsWith("/0"));
  const isAny = hosts.every((host) => !isHost(host));
  const places = isAny ? [{}] : hosts.filter(isHost).map((host) => ({ host: host.toLowerCase() }));
  const candidates: Candidate[] = [];
  const notes: string[] = [];
  for (const { number = 0, protocol = "" } of ports) {
    const kind = protocol.toUpperCase();
    const isProxyPort = PROXY_PORTS.has(number);
    if (!isOurs && !isProxyPort && (OTHER_PORTS.has(number) || !PROXY_PROTOCOLS.has(kind))) continue;
    const isSure = isOurs || (isProxyPort && kind === "TCP");
    if (isProxyPort && kind === "HTTP")
      notes.push(`${source} declares port ${number} as HTTP, which breaks CONNECT: a proxy must be TCP`);
    if (isAny && known.length === 0) {
      notes.push(`${source} has neither a whole host name nor addresses for port ${number}: add its gateway by hand`);
      continue;
    }
    const guess = number === SOCKS_PORT ? "socks5" : "http";
    for (const place of places)
      candidates.push({ ...place, addresses: known, port: number, protocol: guess, source, isSure });
  }
  return { candidates, notes };
}
