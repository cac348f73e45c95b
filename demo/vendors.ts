// SPDX-License-Identifier: Apache-2.0
/**
 * The proxy vendors and sites of the local rig, and how much of the traffic each vendor gets.
 * Invented names under .example; the vendors' gateways run on loopback behind the names that a mesh would know them by.
 */

export interface Vendor {
  name: string;
  gateway: { host: string; port: number };
  /** Pool and country are cut out of the username, as real vendors encode them there. */
  username: string;
  password: string;
  /** Share of the requests, relative to the other vendors. */
  weight: number;
}

export const VENDORS: readonly Vendor[] = [
  {
    name: "acme",
    gateway: { host: "gw.acme.example", port: 8080 },
    username: "crawl-zone-residential-country-de",
    password: "acme-password",
    weight: 40,
  },
  {
    name: "globex",
    gateway: { host: "gw.globex.example", port: 3128 },
    username: "crawl-zone-datacenter-country-us",
    password: "globex-password",
    weight: 35,
  },
];

/** How the usernames above are built. */
export const USERNAME_PATTERN = { separator: "-", pool: "zone", country: "country" };

// Fewer than the filter keeps apart for each vendor (25 by default), so that every one is reported by name.
const HOST_COUNT = 20;

export const HOSTS: readonly string[] = Array.from(
  { length: HOST_COUNT },
  (_, index) => `shop-${String(index + 1).padStart(2, "0")}.example`,
);

/** Name of the Envoy cluster that leads to a vendor's gateway, built as Istio builds it. */
export function clusterName(vendor: Vendor): string {
  return `outbound|${vendor.gateway.port}||${vendor.gateway.host}`;
}
