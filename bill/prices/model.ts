// SPDX-License-Identifier: Apache-2.0
/**
 * What the bill has to know of a vendor: its price, what it bills, and in which zone its days begin. The shape is that of a
 * vendors.yaml that was read; reading it is the caller's.
 */
import type { Gigabyte } from "../money/gigabyte.ts";

export interface PricedVendor {
  /** Value of the label `proxy_vendor`. */
  name: string;
  price?: Price;
  billing: BillingProfile;
  gateways: readonly { protocol: string }[];
}

export interface Price {
  /** ISO 4217. */
  currency: string;
  gigabyte: Gigabyte;
  /** Price of a GB where no tier says otherwise. */
  perGB: number;
  tiers: readonly PriceTier[];
}

export interface PriceTier {
  /** First and last day in the vendor's zone, `YYYY-MM-DD`; open where `until` is absent. */
  from: string;
  until?: string;
  /** Applies from this many GB of the calendar month on. */
  aboveGB: number;
  perGB: number;
}

export interface BillingProfile {
  directions: "both" | "sent" | "received";
  /** Whether bytes of proxy handshakes count: CONNECT with its answer, SOCKS messages. */
  handshake: boolean;
  /** Whether bytes of TLS handshakes through the proxy count. */
  tlsHandshake: boolean;
  /** Whether the TLS around the proxy protocol counts, where the gateway speaks it. */
  outerTls: boolean;
  /** Outcomes whose bytes are not billed. */
  unbilledOutcomes: readonly string[];
  /** IANA name of the zone that the vendor's days and months are in. */
  zone: string;
}

export const UTC = "UTC";

/** What holds for a vendor that vendors.yaml does not have: every byte counts. */
export const PLAIN_PROFILE: BillingProfile = {
  directions: "both",
  handshake: true,
  tlsHandshake: true,
  outerTls: true,
  unbilledOutcomes: [],
  zone: UTC,
};
