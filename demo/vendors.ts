// SPDX-License-Identifier: Apache-2.0
/**
 * The proxy vendors and sites of the local rig. How crawlers travel through them is in traffic/ways.ts.
 * Invented names under .example; the vendors' gateways run on loopback behind the names that a mesh would know them by.
 */

/** `headers`: no gateway, Envoy itself speaks HTTP, and a header of each request names the vendor. */
export type GatewayProtocol = "http" | "socks5" | "headers";

export interface Vendor {
  name: string;
  protocol: GatewayProtocol;
  /** The name that the mesh knows the vendor's address by. */
  gateway: { host: string; port: number };
  /** The customer; pool and country follow it in the username, as real vendors have it. */
  username: string;
  password: string;
}

export const VENDORS: readonly Vendor[] = [
  {
    name: "acme",
    protocol: "http",
    gateway: { host: "gw.acme.example", port: 8080 },
    username: "crawl",
    password: "acme-password",
  },
  {
    name: "globex",
    protocol: "http",
    gateway: { host: "gw.globex.example", port: 3128 },
    username: "crawl",
    password: "globex-password",
  },
  {
    name: "initech",
    protocol: "socks5",
    gateway: { host: "gw.initech.example", port: 1080 },
    username: "crawl",
    password: "initech-password",
  },
  {
    name: "initech-api",
    protocol: "headers",
    gateway: { host: "api.initech-api.example", port: 80 },
    username: "",
    password: "",
  },
];

/** The vendors that have a gateway, in front of which a relay records the truth. */
export const GATEWAY_VENDORS: readonly Vendor[] = VENDORS.filter(({ protocol }) => protocol !== "headers");

/** How the usernames are built that carry a pool and a country. */
export const USERNAME_PATTERN = { separator: "-", pool: "zone", country: "country" };

/** A customer's username with a pool and a country in it: `crawl-zone-residential-country-de`. */
export function usernameFor({ username }: Vendor, pool: string, country: string): string {
  const { separator, ...names } = USERNAME_PATTERN;
  return [username, names.pool, pool, names.country, country].join(separator);
}

/** Address of a vendor's proxy with the credentials in it; SOCKS proxies resolve the names of the sites. */
export function proxyUrl(vendor: Vendor, port: number, username: string): string {
  const scheme = vendor.protocol === "socks5" ? "socks5h" : "http";
  const credentials = username === "" ? "" : `${[username, vendor.password].map(encodeURIComponent).join(":")}@`;
  return `${scheme}://${credentials}127.0.0.1:${port}`;
}

const HOST_COUNT = 20;

export const HOSTS: readonly string[] = Array.from(
  { length: HOST_COUNT },
  (_, index) => `shop-${String(index + 1).padStart(2, "0")}.example`,
);

/** Name of the Envoy cluster that leads to a vendor's gateway, built as Istio builds it. */
export function clusterName(vendor: Vendor): string {
  return `outbound|${vendor.gateway.port}||${vendor.gateway.host}`;
}
