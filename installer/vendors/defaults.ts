// SPDX-License-Identifier: Apache-2.0
/**
 * What holds where a vendors.yaml says nothing, and how a file that was found right becomes the model.
 * Finds no mistakes: those are found before, by the schema and the rules.
 */
import * as contract from "../../filter/core/contract.ts";
import { gatewayOf } from "./gateway-text.ts";
import type { Gateway, PriceTier, Vendor, VendorsFile } from "./model.ts";
import { VENDORS_API_VERSION } from "./model.ts";
import type { Written, WrittenTier, WrittenVendor } from "./written.ts";

export const DEFAULTS = {
  /** Private, shared, loopback and link-local networks, as in the filter's own default. */
  neverMetered: [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
  ],
  destinations: { perVendor: 25, reserve: 4, fold: "none" },
  headers: { vendor: "x-proxy-vendor", pool: "x-proxy-pool", remove: true },
  podLabels: ["proxymeter.io/vendor", "proxy-vendor"],
  limits: { series: 600, pools: 10 },
  detail: "full",
  gateway: { protocol: "http", mode: "tcp" },
  username: { separator: "-" },
  price: { gigabyte: "decimal" },
  tier: { from: "1970-01-01", aboveGB: 0 },
  /** Most vendors bill both directions with handshakes and headers, and leave out failures of their own. */
  billing: {
    directions: "both",
    handshake: true,
    tlsHandshake: true,
    outerTls: true,
    zone: "UTC",
    unbilledOutcomes: [
      contract.OUTCOME_VENDOR_AUTH,
      contract.OUTCOME_VENDOR_ERROR,
      contract.OUTCOME_VENDOR_UNREACHABLE,
    ],
  },
  alerts: { successRatio: 0.95, handshakeMilliseconds: 2000 },
  /** What the checked-in alerts say; a test compares. It leads nowhere until it is set. */
  pages: { runbookUrl: "https://proxymeter.example/docs/alerts.md" },
} as const;

/** The model of a file without mistakes. */
export function withDefaults(written: Written): VendorsFile {
  const { destinations, headers, limits, extra, filter, alerts } = written;
  return {
    apiVersion: VENDORS_API_VERSION,
    vendors: (written.vendors ?? []).map(vendorOf),
    neverMetered: [...(written.neverMetered ?? DEFAULTS.neverMetered)],
    destinations: { ...DEFAULTS.destinations, ...destinations },
    headers: headersOf(headers),
    podLabels: [...(written.podLabels ?? DEFAULTS.podLabels)],
    ...(extra && { extra: { ...extra, ...(extra.header !== undefined && { header: extra.header.toLowerCase() }) } }),
    limits: { ...DEFAULTS.limits, ...limits },
    detail: written.detail ?? DEFAULTS.detail,
    ...(filter && { filter: { ...filter } }),
    alerts: { ...DEFAULTS.pages, ...alerts },
  };
}

function headersOf(headers: Written["headers"]): VendorsFile["headers"] {
  const { vendor, pool, remove } = { ...DEFAULTS.headers, ...headers };
  return { vendor: vendor.toLowerCase(), pool: pool.toLowerCase(), remove };
}

function vendorOf({ name, gateways, cidrs, username, price, billing, alerts }: WrittenVendor): Vendor {
  return {
    name,
    gateways: (gateways ?? []).map((gateway): Gateway => {
      const { host, addresses, ports, protocol, mode } = gatewayOf(gateway);
      return {
        ...(host !== undefined && { host: host.toLowerCase() }),
        addresses: [...(addresses ?? [])],
        ports: [...ports],
        protocol: protocol ?? DEFAULTS.gateway.protocol,
        mode: mode ?? DEFAULTS.gateway.mode,
      };
    }),
    cidrs: [...(cidrs ?? [])],
    ...(username && { username: { ...DEFAULTS.username, ...username } }),
    ...(price && { price: { ...DEFAULTS.price, ...price, tiers: (price.tiers ?? []).map(tierOf) } }),
    billing: { ...DEFAULTS.billing, unbilledOutcomes: [...DEFAULTS.billing.unbilledOutcomes], ...billing },
    alerts: { ...DEFAULTS.alerts, ...alerts },
  };
}

function tierOf(tier: WrittenTier): PriceTier {
  return { ...DEFAULTS.tier, ...tier };
}
