// SPDX-License-Identifier: Apache-2.0
/**
 * How the simulated crawlers travel: a row for each way, with its vendor, its pool and country, and its share of the requests.
 * HTTP/1.1 and HTTP/2 both occur inside the tunnels; which one is the load generator's choice.
 */
import type { Protocol } from "../../loadgen/client/manners.ts";

export interface Way {
  vendor: string;
  protocol: Protocol;
  pool: string;
  /** "" where the vendor is told none. */
  country: string;
  /** Share of the requests, relative to the other rows. */
  weight: number;
  /** Mean number of requests on one connection. */
  requestsPerConnection: number;
}

const REQUESTS_PER_CONNECTION: Record<Protocol, number> = { connect: 1, socks5: 1, socks4: 1, absolute: 4, headers: 4 };

/** The vendors with a gateway get 40, 35 and 25; header mode comes on top. */
export const WAYS: readonly Way[] = [
  way("acme", "connect", "residential", "de", 24),
  way("acme", "connect", "datacenter", "us", 8),
  way("acme", "absolute", "datacenter", "us", 8),
  way("globex", "connect", "mobile", "fr", 28),
  way("globex", "absolute", "isp", "us", 7),
  way("initech", "socks5", "residential", "jp", 25),
  way("initech-api", "headers", "scraper", "", 5),
];

function way(vendor: string, protocol: Protocol, pool: string, country: string, weight: number): Way {
  return { vendor, protocol, pool, country, weight, requestsPerConnection: REQUESTS_PER_CONNECTION[protocol] };
}
