// SPDX-License-Identifier: Apache-2.0
/**
 * The plugin's configuration without what identifies it: all of vendors.yaml that the filter must know.
 * Members and their meaning are in docs/configuration.md; prices, bills and alerts are no part of it.
 */
import type { Gateway, UsernamePattern, Vendor, VendorsFile } from "../vendors/model.ts";
import { hostOf } from "./declared-gateways.ts";
import type { Target } from "./target.ts";

/** One way to know a gateway: exactly one of host, address, cidr and sni. */
export interface GatewayKey {
  host?: string;
  address?: string;
  cidr?: string;
  sni?: string;
  port?: number;
}

export interface PluginVendor {
  name: string;
  gateways: GatewayKey[];
  username?: { separator: string; pool?: string; country?: string };
}

export interface PluginSettings {
  vendors: PluginVendor[];
  label_keys: string[];
  headers: { vendor: string; pool: string; remove: boolean };
  extra?: { header?: string; pod_label?: string };
  limits: { series: number; destinations: number; pools: number; reserve: number };
  fold: string;
  exclude: string[];
  detail: string;
  filter_state: boolean;
  ledger?: true;
}

export function pluginSettingsOf(file: VendorsFile, { parts }: Pick<Target, "parts">): PluginSettings {
  const { extra, destinations, limits, headers } = file;
  return {
    vendors: file.vendors.map(vendorOf),
    label_keys: [...file.podLabels],
    headers: { vendor: headers.vendor, pool: headers.pool, remove: headers.remove },
    ...(extra && {
      extra: {
        ...(extra.header !== undefined && { header: extra.header }),
        ...(extra.podLabel !== undefined && { pod_label: extra.podLabel }),
      },
    }),
    limits: {
      series: limits.series,
      destinations: destinations.perVendor,
      pools: limits.pools,
      reserve: destinations.reserve,
    },
    fold: destinations.fold,
    exclude: [...file.neverMetered],
    detail: file.detail,
    // Telemetry's tags and access logs read what the filter publishes; without them it is work for nothing.
    filter_state: parts.telemetry,
    ...(parts.ledgerSeconds !== undefined && { ledger: true as const }),
  };
}

function vendorOf({ name, gateways, cidrs, username }: Vendor): PluginVendor {
  const keys = [
    ...gateways.flatMap((gateway) => gateway.ports.flatMap((port) => keysOf(name, gateway, port))),
    ...gateways.flatMap(serverNameOf),
    ...cidrs.map((cidr) => ({ cidr })),
  ];
  const unique = [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
  return { name, gateways: unique, ...(username && { username: patternOf(username) }) };
}

/** The host first: it is the upstream cluster's. The addresses serve where no ServiceEntry of ours applies. */
function keysOf(vendor: string, gateway: Gateway, port: number): GatewayKey[] {
  const byAddress = gateway.addresses.map((text) =>
    text.includes("/") ? { cidr: text, port } : { address: text, port },
  );
  return [{ host: hostOf(vendor, gateway), port }, ...byAddress];
}

/** A gateway inside TLS tells itself by its server name, on whatever address. */
function serverNameOf({ protocol, host }: Gateway): GatewayKey[] {
  return protocol === "https" && host !== undefined ? [{ sni: host.toLowerCase() }] : [];
}

function patternOf({ separator, pool, zone, country }: UsernamePattern): NonNullable<PluginVendor["username"]> {
  const poolKey = pool ?? zone;
  return {
    separator,
    ...(poolKey !== undefined && { pool: poolKey }),
    ...(country !== undefined && { country }),
  };
}
