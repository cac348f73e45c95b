// SPDX-License-Identifier: Apache-2.0
/**
 * Vendors side by side: comparison, faults and bans, pools, connections, exit countries. Latency is vendor-latency.ts.
 */
import * as contract from "../../filter/core/contract.ts";
import * as series from "../recorded.ts";
import { VENDOR_LEGEND } from "./bytes.ts";
import { dashboard } from "./dashboard.ts";
import { BANS, FAULTS, HANDSHAKE, SUCCESS, WASTE } from "./limits.ts";
import { bars, lines, shares } from "./panels.ts";
import { both, quantile, rate, recorded, scraped, share, sum, top } from "./selectors.ts";
import { table } from "./tables.ts";
import { latency } from "./vendor-latency.ts";

const { LABEL_VENDOR, LABEL_POOL, LABEL_COUNTRY, LABEL_OUTCOME, LABEL_RESPONSE_CODE } = contract;
const PERCENTILE = 0.95;
const MOST_LINES = 15;

const requests = recorded(series.VENDOR_REQUESTS_RATE);
const sent = recorded(series.VENDOR_SENT_RATE);
const received = recorded(series.VENDOR_RECEIVED_RATE);
const outcomes = recorded(series.OUTCOME_REQUESTS_RATE);
const bans = recorded(series.DESTINATION_BANS_RATE);
const failed = both(recorded(series.FAILED_SENT_RATE), recorded(series.FAILED_RECEIVED_RATE), LABEL_VENDOR);

const faultShare = share(recorded(series.VENDOR_FAULTS_RATE), requests);
const banShare = share(sum(bans, LABEL_VENDOR), sum(requests, LABEL_VENDOR));

const comparison = {
  title: "Comparison",
  panels: [
    table({
      title: "Vendors compared",
      description:
        "Each vendor over the past five minutes. Success is without a vendor's fault; bans are refusals that look like one; wasted are the bytes of failed requests.",
      width: 24,
      labels: { [LABEL_VENDOR]: "Vendor" },
      columns: [
        { name: "Requests", unit: "reqps", expr: sum(requests, LABEL_VENDOR) },
        {
          name: "Success",
          unit: "percentunit",
          decimals: 2,
          limits: SUCCESS,
          expr: `1 - ${sum(faultShare, LABEL_VENDOR)}`,
        },
        { name: "Banned", unit: "percentunit", decimals: 2, limits: BANS, expr: banShare },
        {
          name: "Handshake p95",
          unit: "ms",
          limits: HANDSHAKE,
          expr: quantile(PERCENTILE, series.HANDSHAKE_BUCKET_RATE, LABEL_VENDOR),
        },
        { name: "First byte p95", unit: "ms", expr: quantile(PERCENTILE, series.FIRST_BYTE_BUCKET_RATE, LABEL_VENDOR) },
        { name: "Sent", unit: "Bps", expr: sum(sent, LABEL_VENDOR) },
        { name: "Received", unit: "Bps", expr: sum(received, LABEL_VENDOR) },
        { name: "Wasted", unit: "percentunit", limits: WASTE, expr: share(failed, both(sent, received, LABEL_VENDOR)) },
        { name: "Connections", unit: "short", expr: sum(recorded(series.VENDOR_ACTIVE_CONNECTIONS), LABEL_VENDOR) },
      ],
    }),
  ],
};

const health = {
  title: "Faults and bans",
  panels: [
    lines({
      title: "Vendor faults",
      description: "Share of each vendor's requests that ended in its fault.",
      unit: "percentunit",
      width: 8,
      limits: FAULTS,
      queries: [{ expr: faultShare, legend: VENDOR_LEGEND }],
    }),
    lines({
      title: "Pool health",
      description: "Vendor faults over attempts by pool: which pool of which vendor is degraded.",
      unit: "percentunit",
      width: 8,
      limits: FAULTS,
      queries: [
        {
          expr: top(MOST_LINES, recorded(series.POOL_FAULT_RATIO)),
          legend: `${VENDOR_LEGEND} {{${LABEL_POOL}}}`,
        },
      ],
    }),
    lines({
      title: "Bans",
      description:
        "Share of requests that look banned, by what it rests on: the site's own status, or the gateway's refusal.",
      unit: "percentunit",
      width: 8,
      limits: BANS,
      queries: [
        {
          expr: `${sum(bans, LABEL_VENDOR, "evidence")} / on (${LABEL_VENDOR}) group_left () (${sum(requests, LABEL_VENDOR)} > 0)`,
          legend: `${VENDOR_LEGEND} by {{evidence}}`,
        },
      ],
      noValue: "no bans",
    }),
    lines({
      title: "Outcomes",
      description:
        "How requests ended, all chosen vendors together. Pods that were not restarted since the installation tell no outcome.",
      unit: "reqps",
      width: 12,
      isStacked: true,
      queries: [{ expr: sum(outcomes, LABEL_OUTCOME), legend: `{{${LABEL_OUTCOME}}}` }],
    }),
    lines({
      title: "Response codes",
      description: "Status that the gateway, or the site through it, sent in clear; 0 where none came.",
      unit: "reqps",
      width: 12,
      isStacked: true,
      queries: [{ expr: top(MOST_LINES, sum(outcomes, LABEL_RESPONSE_CODE)), legend: `{{${LABEL_RESPONSE_CODE}}}` }],
    }),
  ],
};

const BY_POOL = [LABEL_VENDOR, LABEL_POOL];

const pools = {
  title: "Pools",
  panels: [
    table({
      title: "Pools compared",
      description: "Each pool of each vendor over the past five minutes; `none` where the username names no pool.",
      width: 24,
      labels: { [LABEL_VENDOR]: "Vendor", [LABEL_POOL]: "Pool" },
      columns: [
        { name: "Requests", unit: "reqps", expr: sum(recorded(series.POOL_REQUESTS_RATE), ...BY_POOL) },
        {
          name: "Faults",
          unit: "percentunit",
          limits: FAULTS,
          expr: `${sum(recorded(series.POOL_FAULTS_RATE), ...BY_POOL)} / ${sum(recorded(series.POOL_REQUESTS_RATE), ...BY_POOL)}`,
        },
        { name: "Sent", unit: "Bps", expr: sum(recorded(series.POOL_SENT_RATE), ...BY_POOL) },
        { name: "Received", unit: "Bps", expr: sum(recorded(series.POOL_RECEIVED_RATE), ...BY_POOL) },
      ],
    }),
  ],
};

const opened = rate(scraped(contract.CONNECTIONS));

const connections = {
  title: "Connections",
  panels: [
    lines({
      title: "Active connections",
      description: "TCP connections to each vendor that are open.",
      unit: "short",
      width: 8,
      isStacked: true,
      queries: [{ expr: sum(recorded(series.VENDOR_ACTIVE_CONNECTIONS), LABEL_VENDOR), legend: VENDOR_LEGEND }],
    }),
    lines({
      title: "New connections",
      description: "TCP connections per second by what crawlers speak on them.",
      unit: "cps",
      width: 8,
      isStacked: true,
      queries: [{ expr: sum(opened, contract.LABEL_PROTOCOL), legend: `{{${contract.LABEL_PROTOCOL}}}` }],
    }),
    lines({
      title: "Requests per connection",
      description: "How well connections are used again: requests over new connections.",
      unit: "short",
      width: 8,
      queries: [
        {
          expr: `${sum(rate(scraped(contract.VENDOR_REQUESTS)), LABEL_VENDOR)} / (${sum(opened, LABEL_VENDOR)} > 0)`,
          legend: VENDOR_LEGEND,
        },
      ],
    }),
  ],
};

const BY_COUNTRY = [LABEL_VENDOR, LABEL_COUNTRY];
const countrySent = recorded(series.COUNTRY_SENT_RATE);
const countryReceived = recorded(series.COUNTRY_RECEIVED_RATE);

const countries = {
  title: "Exit countries",
  panels: [
    shares({
      title: "Bytes by exit country",
      description: "Share of the bytes by the country that the proxy username asks for.",
      unit: "Bps",
      width: 8,
      queries: [
        { expr: top(MOST_LINES, both(countrySent, countryReceived, LABEL_COUNTRY)), legend: `{{${LABEL_COUNTRY}}}` },
      ],
      noValue: "no country in usernames",
    }),
    bars({
      title: "Vendors by exit country",
      description: "Bytes per second of both directions by vendor and exit country, biggest first.",
      unit: "Bps",
      width: 16,
      queries: [
        {
          expr: `sort_desc(${top(MOST_LINES, both(countrySent, countryReceived, ...BY_COUNTRY))})`,
          legend: `${VENDOR_LEGEND} {{${LABEL_COUNTRY}}}`,
        },
      ],
      noValue: "no country in usernames",
    }),
  ],
};

export function vendors() {
  return dashboard("vendors", {
    variables: ["cluster", "namespace", "vendor", "pool", "destination"],
    rows: [comparison, health, latency, pools, connections, countries],
  });
}
