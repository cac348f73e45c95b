// SPDX-License-Identifier: Apache-2.0
/**
 * The schema of one vendor: gateways, username pattern, price, billing profile, alert thresholds.
 * Single values are in `schema-values.ts`. Descriptions are what editors show, with the default where there is one.
 */
import * as contract from "../../filter/core/contract.ts";
import { DEFAULTS } from "./defaults.ts";
import { GATEWAY_TEXT } from "./gateway-text.ts";
import { listOf, oneOf, value } from "./schema-values.ts";

const OUTCOMES = [
  contract.OUTCOME_OK,
  contract.OUTCOME_TARGET_ERROR,
  contract.OUTCOME_RATE_LIMITED,
  contract.OUTCOME_VENDOR_AUTH,
  contract.OUTCOME_VENDOR_ERROR,
  contract.OUTCOME_VENDOR_UNREACHABLE,
  contract.OUTCOME_TARGET_UNREACHABLE,
  contract.OUTCOME_RESET,
  contract.OUTCOME_CLIENT_ABORT,
];

export const MOST_GATEWAYS = 256;
export const MOST_PORTS = 100;
export const MOST_ADDRESSES = 256;

/** An object, or a text in the short form: keywords of one type say nothing of the other. */
const gateway = {
  title: 'an object with ports, and host or addresses, or a text such as "gw.acme.example:8080"',
  type: ["object", "string"],
  maxLength: 300,
  pattern: GATEWAY_TEXT,
  additionalProperties: false,
  required: ["ports"],
  properties: {
    host: {
      ...value("host"),
      description: "DNS name that crawlers connect to. May be absent where there are addresses.",
    },
    addresses: {
      ...listOf("addresses or networks", value("network"), MOST_ADDRESSES),
      default: [],
      description:
        "The addresses that crawlers connect to. Without them the host is resolved by the sidecar's DNS capture, which the pods must have.",
    },
    ports: {
      ...listOf("ports", value("port"), MOST_PORTS, 1),
      description: "Ports of the gateway, such as [8080].",
    },
    protocol: {
      ...oneOf("http", "https", "socks5"),
      default: DEFAULTS.gateway.protocol,
      description:
        "What crawlers speak to the gateway. https is HTTP proxying inside TLS: its destinations stay unknown.",
    },
    mode: {
      ...oneOf("tcp", "http"),
      default: DEFAULTS.gateway.mode,
      description:
        "http: the sidecar itself routes plain HTTP requests to these ports, which are metered by headers; for vendors with an API, never for proxies. tcp: everything else.",
    },
  },
};

const username = {
  title: "an object with pool, zone or country",
  type: "object",
  additionalProperties: false,
  minProperties: 1,
  properties: {
    separator: {
      ...value("separator"),
      default: DEFAULTS.username.separator,
      description: "Where the proxy username is cut into tokens.",
    },
    pool: {
      ...value("token"),
      description: 'The token before the pool: "zone" reads the pool "residential" from customer-zone-residential.',
    },
    zone: { ...value("token"), description: "The token before the zone, which fills the pool where there is no pool." },
    country: { ...value("token"), description: "The token before the country." },
  },
};

const tier = {
  title: "an object with perGB, and from, until or aboveGB",
  type: "object",
  additionalProperties: false,
  required: ["perGB"],
  properties: {
    from: {
      ...value("date"),
      default: DEFAULTS.tier.from,
      description: "First day of the tier, in the zone of billing.",
    },
    until: { ...value("date"), description: "Last day of the tier. Open where absent." },
    aboveGB: {
      ...value("amount"),
      default: DEFAULTS.tier.aboveGB,
      description: "The tier applies from this many GB of the calendar month on.",
    },
    perGB: { ...value("amount"), description: "Price of a GB in this tier." },
  },
};

const price = {
  title: "an object with currency and perGB",
  type: "object",
  additionalProperties: false,
  required: ["currency", "perGB"],
  properties: {
    currency: { ...value("currency"), description: "Currency of all amounts of this vendor, by ISO 4217." },
    gigabyte: {
      ...oneOf("decimal", "binary"),
      default: DEFAULTS.price.gigabyte,
      description: "What the vendor calls a GB: 10^9 bytes, or 2^30, which is 7 % more.",
    },
    perGB: { ...value("amount"), description: "Price of a GB where no tier says otherwise." },
    tiers: {
      ...listOf("tiers", { $ref: "#/$defs/tier" }, 100),
      default: [],
      description: "Other prices for some time, or above some volume.",
    },
  },
};

const billing = {
  title: "an object with directions, unbilledOutcomes, zone and so on",
  type: "object",
  additionalProperties: false,
  properties: {
    directions: {
      ...oneOf("both", "sent", "received"),
      default: DEFAULTS.billing.directions,
      description: "Which bytes are billed; sent is from the crawler to the vendor.",
    },
    handshake: {
      ...value("flag"),
      default: DEFAULTS.billing.handshake,
      description: "Whether bytes of proxy handshakes are billed: CONNECT with its answer, SOCKS messages.",
    },
    tlsHandshake: {
      ...value("flag"),
      default: DEFAULTS.billing.tlsHandshake,
      description: "Whether bytes of TLS handshakes through the proxy are billed.",
    },
    outerTls: {
      ...value("flag"),
      default: DEFAULTS.billing.outerTls,
      description: "Whether the TLS around the proxy protocol is billed, at gateways of protocol https.",
    },
    zone: {
      ...value("zone"),
      default: DEFAULTS.billing.zone,
      description: "Zone in which the vendor's days and months begin.",
    },
    unbilledOutcomes: {
      ...listOf("outcomes", oneOf(...OUTCOMES), OUTCOMES.length),
      default: DEFAULTS.billing.unbilledOutcomes,
      description: "Outcomes whose bytes the vendor does not bill.",
    },
  },
};

const alerts = {
  title: "an object with successRatio, handshakeMilliseconds or monthlyBudget",
  type: "object",
  additionalProperties: false,
  properties: {
    successRatio: {
      ...value("ratio"),
      default: DEFAULTS.alerts.successRatio,
      description: "Alert when fewer of the requests end without the vendor's fault.",
    },
    handshakeMilliseconds: {
      ...value("milliseconds"),
      default: DEFAULTS.alerts.handshakeMilliseconds,
      description: "Alert when the 95th percentile of the gateway's answer takes longer.",
    },
    monthlyBudget: {
      ...value("budget"),
      description: "Budget of a calendar month, in the currency of the price. No budget where absent.",
    },
  },
};

const vendor = {
  title: "an object with name, and gateways, cidrs and so on",
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: { ...value("vendorName"), description: "Name of the vendor, as the label proxy_vendor shows it." },
    gateways: {
      ...listOf("gateways", { $ref: "#/$defs/gateway" }, MOST_GATEWAYS),
      default: [],
      description: 'Where crawlers connect to. A text such as "gw.acme.example:8080" is a gateway too.',
    },
    cidrs: {
      ...listOf("networks", value("network"), 1000),
      default: [],
      description: "Networks of gateways that have no name. Traffic to them is the vendor's on every port.",
    },
    username: { $ref: "#/$defs/username", description: "Where the proxy username tells pool, zone and country." },
    price: { $ref: "#/$defs/price", description: "What the vendor charges." },
    billing: { $ref: "#/$defs/billing", description: "What the vendor puts on its bill." },
    alerts: { $ref: "#/$defs/alerts", description: "When to alert." },
  },
};

export const VENDOR_DEFINITIONS = { vendor, gateway, username, price, tier, billing, alerts };
