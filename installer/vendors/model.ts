// SPDX-License-Identifier: Apache-2.0
/**
 * What a vendors.yaml says, once it was read and its defaults filled in. The file's own shape is `schema.ts`, reading it is `read.ts`.
 */

export const VENDORS_API_VERSION = "proxymeter.io/v1";

export interface VendorsFile {
  apiVersion: typeof VENDORS_API_VERSION;
  vendors: Vendor[];
  /** Networks, in CIDR notation, whose traffic is never metered unless a gateway is in them. */
  neverMetered: string[];
  destinations: Destinations;
  headers: Headers;
  /** Labels of a pod that name its vendor, where no gateway tells. */
  podLabels: string[];
  /** The bounded extra label: a request header or a label of the pod. */
  extra?: { header?: string; podLabel?: string };
  limits: Limits;
  /** `counters` takes no times and no HTTP version. */
  detail: "full" | "counters";
  filter?: FilterImage;
  alerts: AlertPages;
}

/** What holds for alerts of all vendors. */
export interface AlertPages {
  /** Where docs/alerts.md is published: the address of the page, to which each alert adds `#` and its heading. */
  runbookUrl: string;
}

/** The filter as it was published; the command line may say otherwise. */
export interface FilterImage {
  /** `oci://host/repository@sha256:...`, or with a tag that install resolves. */
  image: string;
  /** Name of a pull secret in each opted-in namespace. */
  pullSecret?: string;
}

export interface Vendor {
  /** Value of the label `proxy_vendor`. */
  name: string;
  gateways: Gateway[];
  /** Networks of gateways that have no name. */
  cidrs: string[];
  username?: UsernamePattern;
  price?: Price;
  billing: BillingProfile;
  alerts: AlertThresholds;
}

/** One gateway: a host, or addresses, or both. Has `host` or at least one address. */
export interface Gateway {
  host?: string;
  /** The addresses that crawlers connect to: single addresses or CIDR. Without them the host is resolved by DNS capture. */
  addresses: string[];
  ports: number[];
  /** What crawlers speak to it. `https` is HTTP proxying inside TLS to the gateway. */
  protocol: "http" | "https" | "socks5";
  /** `http`: requests to the ports are plain HTTP that Envoy itself routes, metered by headers. Everything else is `tcp`. */
  mode: "tcp" | "http";
}

/** The proxy username is cut at `separator`; the token after the token `pool` names the pool, and so on. */
export interface UsernamePattern {
  separator: string;
  pool?: string;
  /** Fills the pool where `pool` is absent. */
  zone?: string;
  country?: string;
}

export interface Price {
  /** ISO 4217. */
  currency: string;
  /** `decimal` is 10^9 bytes, `binary` 2^30. */
  gigabyte: "decimal" | "binary";
  /** Price of a GB where no tier says otherwise. */
  perGB: number;
  tiers: PriceTier[];
}

export interface PriceTier {
  /** First day in the zone of `billing`, `YYYY-MM-DD`. */
  from: string;
  /** Last day; open where absent. */
  until?: string;
  /** Applies from this many GB of the calendar month on. */
  aboveGB: number;
  perGB: number;
}

/** What the vendor puts on its bill. */
export interface BillingProfile {
  directions: "both" | "sent" | "received";
  /** Whether bytes of proxy handshakes count: CONNECT with its answer, SOCKS messages. */
  handshake: boolean;
  /** Whether bytes of TLS handshakes through the proxy count. */
  tlsHandshake: boolean;
  /** Whether the TLS around the proxy protocol counts, at gateways of protocol `https`. */
  outerTls: boolean;
  /** Outcomes whose bytes the vendor does not bill, of the contract's outcomes. */
  unbilledOutcomes: string[];
  /** Zone of the vendor's days and months, by the IANA database. */
  zone: string;
}

export interface AlertThresholds {
  /** Share of requests without a vendor's fault, 0 to 1. */
  successRatio: number;
  /** 95th percentile of the gateway's answer. */
  handshakeMilliseconds: number;
  /** Budget of a calendar month in the price's currency; none where absent. */
  monthlyBudget?: number;
}

export interface Destinations {
  /** Hosts of a vendor that a pod reports by name, and slots kept for frequent ones that come late. */
  perVendor: number;
  reserve: number;
  fold: "none" | "domain";
}

export interface Headers {
  vendor: string;
  pool: string;
  /** Whether both are taken out before the request leaves. */
  remove: boolean;
}

export interface Limits {
  /** Series of a pod. */
  series: number;
  /** Pools of a vendor. */
  pools: number;
}
