// SPDX-License-Identifier: Apache-2.0
/**
 * The commented vendors.yaml that `init` writes: head, vendors, settings with their defaults. Lines of prose begin with "# ",
 * settings that are switched off with "#" alone, so that taking it out switches them on.
 */
import { DEFAULTS } from "./defaults.ts";
import { VENDORS_API_VERSION } from "./model.ts";
import { SCHEMA_FILE } from "./schema.ts";

const {
  alerts,
  billing,
  destinations,
  gateway,
  headers,
  limits,
  neverMetered,
  pages,
  podLabels,
  price,
  tier,
  username,
} = DEFAULTS;

const HEAD = `# yaml-language-server: $schema=./${SCHEMA_FILE}
#
# The proxy vendors whose traffic Proxymeter meters. A setting behind "#" shows its default, or an example where it has none:
# take out the "#" to use it. Nothing here is a secret: no usernames, no passwords.
apiVersion: ${VENDORS_API_VERSION}
kind: Vendors
`;

const EXAMPLE = `vendors:
  # Name of the vendor, as the label proxy_vendor shows it: a-z, 0-9, "-", "_" and ".".
  - name: acme
    # Where crawlers connect to. The short form is a text such as gw.acme.example:8080 or socks5://gw.acme.example:1080.
    gateways:
      # DNS name of the gateway. May be absent where there are addresses.
      - host: gw.acme.example
        # The addresses that crawlers connect to, single ones or networks. Default: none. Then the sidecar's DNS capture
        # resolves the host, which the pods must have switched on.
        addresses: [203.0.113.10]
        # Ports of the gateway.
        ports: [8080]
        # What crawlers speak to it: http (CONNECT and absolute-form), https (the same inside TLS) or socks5.
        #protocol: ${gateway.protocol}
        # http: the sidecar routes plain HTTP requests to these ports by itself; for vendors with an API, never for proxies.
        #mode: ${gateway.mode}
    # Networks of gateways that have no name. Default: none.
    #cidrs: [198.51.100.0/24]
    # How the proxy username is cut. Of customer-zone-residential-country-de this reads pool residential, country de.
    #username:
    #  separator: ${JSON.stringify(username.separator)}
    #  pool: zone
    #  # Fills the pool where a username has none.
    #  zone: area
    #  country: country
    # What the vendor charges. Default: no price, so traffic has bytes and no cost.
    #price:
    #  currency: USD
    #  # decimal: a GB is 10^9 bytes. binary: 2^30.
    #  gigabyte: ${price.gigabyte}
    #  perGB: 8.5
    #  # Other prices, for some days or from some volume of the calendar month on. Default: none.
    #  tiers:
    #    # From ${tier.from} and ${tier.aboveGB} GB on, where a tier says nothing else; without until, for ever.
    #    - {from: 2026-01-01, until: 2026-12-31, aboveGB: 1000, perGB: 7}
    # What the vendor puts on its bill.
    #billing:
    #  # both, sent (from the crawler to the vendor) or received.
    #  directions: ${billing.directions}
    #  # Whether bytes of proxy handshakes are billed: CONNECT with its answer, SOCKS messages.
    #  handshake: ${billing.handshake}
    #  # Whether bytes of TLS handshakes through the proxy are billed.
    #  tlsHandshake: ${billing.tlsHandshake}
    #  # Whether the TLS around the proxy protocol is billed, at gateways of protocol https.
    #  outerTls: ${billing.outerTls}
    #  # In which days and months begin, by the IANA database.
    #  zone: ${billing.zone}
    #  # Outcomes whose bytes are not billed; docs/metrics.md lists them all.
    #  unbilledOutcomes: ${list(billing.unbilledOutcomes)}
    # When to alert.
    #alerts:
    #  # Share of the requests that end without the vendor's fault.
    #  successRatio: ${alerts.successRatio}
    #  # 95th percentile of the gateway's answer.
    #  handshakeMilliseconds: ${alerts.handshakeMilliseconds}
    #  # Of a calendar month, in the currency of the price. Default: no budget.
    #  monthlyBudget: 5000
`;

const SETTINGS = `
# Networks whose traffic is never metered, unless a gateway is in them.
#neverMetered: ${list(neverMetered)}

# Destination hosts of a vendor that a pod reports by name; the rest is "other".
#destinations:
#  perVendor: ${destinations.perVendor}
#  # Slots kept for frequent hosts that come late.
#  reserve: ${destinations.reserve}
#  # domain counts hosts under their registered domain.
#  fold: ${destinations.fold}

# Request headers that name vendor and pool, where a gateway has mode http.
#headers:
#  vendor: ${headers.vendor}
#  pool: ${headers.pool}
#  # Whether both are taken out before the request leaves.
#  remove: ${headers.remove}

# Labels of a pod that name its vendor, where no gateway tells. At most 4.
#podLabels: ${list(podLabels)}

# What fills the label extra: a request header, or a label of the pod. Default: nothing.
#extra:
#  header: x-job
#  podLabel: job

# Bounds of what a pod reports. Totals of a vendor stay exact whatever overflows.
#limits:
#  series: ${limits.series}
#  # Pools of a vendor.
#  pools: ${limits.pools}

# full, or counters: no times and no HTTP version, for less processor time.
#detail: ${DEFAULTS.detail}

# The filter as it was published; install has options for it too. Default: none.
#filter:
#  image: oci://registry.example/proxymeter:0.1.0
#  # Name of a pull secret in each opted-in namespace. Default: none.
#  pullSecret: registry

# Where you publish docs/alerts.md: the runbook_url of every alert leads there.
#alerts:
#  runbookUrl: ${pages.runbookUrl}
`;

/**
 * The text of a vendors.yaml.
 *
 * @param vendors  its member `vendors` as YAML; else one example that shows every member
 */
export function sampleText(vendors: string = EXAMPLE): string {
  return `${HEAD}${vendors}${SETTINGS}`;
}

function list(words: readonly string[]): string {
  return `[${words.map((word) => (word.includes(":") ? JSON.stringify(word) : word)).join(", ")}]`;
}
