// SPDX-License-Identifier: Apache-2.0
/**
 * The gateways of vendors.yaml as the mesh must know them: one for each host, with all its addresses and ports.
 * Two TCP services of one host would fight for a listener, so entries of the same host become one. Makes no objects.
 */
import type { Gateway, VendorsFile } from "../vendors/model.ts";

export interface DeclaredGateway {
  /** Its own, or one that we make up for a gateway that has only addresses. */
  host: string;
  addresses: string[];
  ports: DeclaredPort[];
}

export interface DeclaredPort {
  number: number;
  mode: Gateway["mode"];
}

/** `.internal` is reserved for private use and never in public DNS. */
const MADE_UP_DOMAIN = "proxymeter.internal";

/** Host of a gateway: its own, or one made of vendor and first address, so that its place in the file is no part of it. */
export function hostOf(vendor: string, { host, addresses }: Gateway): string {
  if (host !== undefined) return host.toLowerCase();
  return `gw-${dnsLabel(addresses[0] ?? "")}.${dnsLabel(vendor)}.${MADE_UP_DOMAIN}`;
}

function dnsLabel(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "-")
    .replace(/^-+|-+$/g, "");
}

/** In order of host. Ports that are declared twice are TCP where the entries disagree, which breaks no crawler. */
export function declaredGateways({ vendors }: VendorsFile): DeclaredGateway[] {
  const byHost = new Map<string, DeclaredGateway>();
  for (const { name, gateways } of vendors) {
    for (const gateway of gateways) {
      const host = hostOf(name, gateway);
      const declared = byHost.get(host) ?? { host, addresses: [], ports: [] };
      byHost.set(host, declared);
      declared.addresses = [...new Set([...declared.addresses, ...gateway.addresses])];
      for (const number of gateway.ports) addPort(declared.ports, { number, mode: gateway.mode });
    }
  }
  return withoutShadows([...byHost.values()].sort((a, b) => (a.host < b.host ? -1 : 1)));
}

function addPort(ports: DeclaredPort[], port: DeclaredPort): void {
  const known = ports.find(({ number }) => number === port.number);
  if (known === undefined) ports.push({ ...port });
  else if (port.mode === "tcp") known.mode = "tcp";
  ports.sort((a, b) => a.number - b.number);
}

/** Leaves out a gateway whose every endpoint another one has: its traffic takes the other's listener, whoever asks for it. */
function withoutShadows(gateways: DeclaredGateway[]): DeclaredGateway[] {
  const taken = new Set<string>();
  return gateways.filter(({ addresses, ports }) => {
    const endpoints = addresses.flatMap((address) => ports.map(({ number }) => `${address} ${number}`));
    if (endpoints.length > 0 && endpoints.every((endpoint) => taken.has(endpoint))) return false;
    for (const endpoint of endpoints) taken.add(endpoint);
    return true;
  });
}

/** Port numbers of one mode, each once, in order. */
export function portsOf(file: VendorsFile, mode: Gateway["mode"]): number[] {
  const ports = declaredGateways(file).flatMap((gateway) => gateway.ports);
  return [...new Set(ports.filter((port) => port.mode === mode).map(({ number }) => number))].sort((a, b) => a - b);
}
