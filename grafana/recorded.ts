// SPDX-License-Identifier: Apache-2.0
/**
 * Names and labels of every recorded series: what rules write and dashboards, the page and the bill read.
 * How each is computed is in `rules/`; how exact each is, is in docs/rules.md.
 *
 * `level:metric:operation`. Every level also has `cluster`, where the scrape gives one. `rate5m` is per second, over five
 * minutes. `increase5m` is a growth, written once in five minutes for the five minutes that ended a minute before: a total
 * over any range is `sum_over_time(NAME[range])`, and nothing is counted in two of its samples.
 */
import { SCRAPE_JOB } from "../filter/core/contract.ts";

/** Every rule selects this scrape job, so that a second job that scrapes the same pods doubles nothing. */
export const JOB = SCRAPE_JOB;

// Level vendor: proxy_vendor. Exists at 0 for every configured vendor, `other` and `unknown`. Every 15 s; faults every minute.
export const VENDOR_REQUESTS_RATE = "vendor:proxymeter_requests:rate5m";
export const VENDOR_SENT_RATE = "vendor:proxymeter_sent_bytes:rate5m";
export const VENDOR_RECEIVED_RATE = "vendor:proxymeter_received_bytes:rate5m";
/** Requests that ended in a vendor's fault: rate_limited, vendor_auth, vendor_error, vendor_unreachable, reset. */
export const VENDOR_FAULTS_RATE = "vendor:proxymeter_vendor_faults:rate5m";
export const VENDOR_ACTIVE_CONNECTIONS = "vendor:proxymeter_active_connections:sum";

// Level vendor and namespace: namespace, proxy_vendor. Every 15 s; faults every minute, and only where there were some.
export const NAMESPACE_REQUESTS_RATE = "vendor_namespace:proxymeter_requests:rate5m";
export const NAMESPACE_SENT_RATE = "vendor_namespace:proxymeter_sent_bytes:rate5m";
export const NAMESPACE_RECEIVED_RATE = "vendor_namespace:proxymeter_received_bytes:rate5m";
export const NAMESPACE_FAULTS_RATE = "vendor_namespace:proxymeter_vendor_faults:rate5m";
export const NAMESPACE_ACTIVE_CONNECTIONS = "vendor_namespace:proxymeter_active_connections:sum";

// Level vendor and pod: namespace, workload, pod, proxy_vendor. Every minute; faults, `other` and `unknown` only where there
// were some.
export const POD_REQUESTS_RATE = "vendor_pod:proxymeter_requests:rate5m";
export const POD_SENT_RATE = "vendor_pod:proxymeter_sent_bytes:rate5m";
export const POD_RECEIVED_RATE = "vendor_pod:proxymeter_received_bytes:rate5m";
export const POD_FAULTS_RATE = "vendor_pod:proxymeter_vendor_faults:rate5m";
export const POD_ACTIVE_CONNECTIONS = "vendor_pod:proxymeter_active_connections:sum";
/** Requests and bytes of both directions together: for ranking only, and only where there were some. */
export const POD_WEIGHT_RATE = "vendor_pod:proxymeter_weight:rate5m";

// Level vendor, outcome and code: proxy_vendor, outcome, response_code. Every minute. `outcome` is empty for pods that were
// not restarted since the installation.
export const OUTCOME_REQUESTS_RATE = "vendor_outcome:proxymeter_requests:rate5m";

// Level vendor and pool: proxy_vendor, proxy_pool. Every minute; bytes every two.
export const POOL_REQUESTS_RATE = "vendor_pool:proxymeter_requests:rate5m";
/** Also by outcome, response_code, protocol. */
export const POOL_OUTCOME_RATE = "vendor_pool_outcome:proxymeter_requests:rate5m";
export const POOL_SENT_RATE = "vendor_pool:proxymeter_sent_bytes:rate5m";
export const POOL_RECEIVED_RATE = "vendor_pool:proxymeter_received_bytes:rate5m";
/** 0 where there were none. */
export const POOL_FAULTS_RATE = "vendor_pool:proxymeter_vendor_faults:rate5m";
/** Pool health: vendor faults over attempts, 0 to 1; absent without requests. */
export const POOL_FAULT_RATIO = "vendor_pool:proxymeter_fault_ratio:rate5m";

// Level vendor and country: proxy_vendor, proxy_country. Every two minutes.
export const COUNTRY_SENT_RATE = "vendor_country:proxymeter_sent_bytes:rate5m";
export const COUNTRY_RECEIVED_RATE = "vendor_country:proxymeter_received_bytes:rate5m";

// Level vendor and destination: proxy_vendor, destination_host. Every two minutes. By name are the destinations that in the past
// hour had 0.2 % of a vendor's requests or bytes in some five minutes; `other` is the vendor's rest, so shares add up to 1.
export const DESTINATION_REQUESTS_RATE = "vendor_destination:proxymeter_requests:rate5m";
export const DESTINATION_SENT_RATE = "vendor_destination:proxymeter_sent_bytes:rate5m";
export const DESTINATION_RECEIVED_RATE = "vendor_destination:proxymeter_received_bytes:rate5m";
/** Only where there were some. */
export const DESTINATION_FAULTS_RATE = "vendor_destination:proxymeter_vendor_faults:rate5m";
/** Milliseconds; absent without requests. */
export const DESTINATION_FIRST_BYTE_MEAN = "vendor_destination:proxymeter_first_byte_milliseconds:mean5m";
/** Also by outcome, response_code, protocol; only of destinations by name. */
export const DESTINATION_OUTCOME_RATE = "vendor_destination_outcome:proxymeter_requests:rate5m";
/** Times per second that clients spoke after the server inside a tunnel, only of destinations by name. */
export const DESTINATION_TURNS_RATE = "vendor_destination:proxymeter_tunnel_turns:rate5m";
/** Refusals that look like a ban, with `evidence`: `status` (the site's own 403, 429 or 451), `gateway` (the gateway's). */
export const DESTINATION_BANS_RATE = "vendor_destination:proxymeter_bans:rate5m";
/** 1 for destinations that go by name from now on for an hour. */
export const DESTINATION_NOTABLE = "vendor_destination:proxymeter_notable:bool";

// Inputs of histogram_quantile by vendor: proxy_vendor, result, le. Every two minutes. Absent with `detail: counters`.
export const HANDSHAKE_BUCKET_RATE = "vendor:proxymeter_handshake_milliseconds_bucket:rate5m";
export const FIRST_BYTE_BUCKET_RATE = "vendor:proxymeter_first_byte_milliseconds_bucket:rate5m";
export const DURATION_BUCKET_RATE = "vendor:proxymeter_duration_milliseconds_bucket:rate5m";
// proxy_vendor, result.
export const HANDSHAKE_SUM_RATE = "vendor:proxymeter_handshake_milliseconds_sum:rate5m";
export const FIRST_BYTE_SUM_RATE = "vendor:proxymeter_first_byte_milliseconds_sum:rate5m";
export const DURATION_SUM_RATE = "vendor:proxymeter_duration_milliseconds_sum:rate5m";

// Parts of the bytes by vendor. Every two minutes. Overhead: proxy_vendor, kind. Failed: proxy_vendor, outcome.
export const OVERHEAD_SENT_RATE = "vendor_kind:proxymeter_overhead_sent_bytes:rate5m";
export const OVERHEAD_RECEIVED_RATE = "vendor_kind:proxymeter_overhead_received_bytes:rate5m";
export const FAILED_SENT_RATE = "vendor_outcome:proxymeter_failed_sent_bytes:rate5m";
export const FAILED_RECEIVED_RATE = "vendor_outcome:proxymeter_failed_received_bytes:rate5m";

// Vendor faults over requests, 0 to 1; absent without requests: proxy_vendor. Every minute.
export const FAULT_RATIO = {
  "5m": "vendor:proxymeter_fault_ratio:rate5m",
  "30m": "vendor:proxymeter_fault_ratio:rate30m",
  "1h": "vendor:proxymeter_fault_ratio:rate1h",
  "2h": "vendor:proxymeter_fault_ratio:rate2h",
  "6h": "vendor:proxymeter_fault_ratio:rate6h",
  "1d": "vendor:proxymeter_fault_ratio:rate1d",
  "3d": "vendor:proxymeter_fault_ratio:rate3d",
} as const;

// Growths for totals over a day, a week, a month. Every five minutes, so a total lacks the last six.
// proxy_vendor
export const VENDOR_REQUESTS_INCREASE = "vendor:proxymeter_requests:increase5m";
export const VENDOR_SENT_INCREASE = "vendor:proxymeter_sent_bytes:increase5m";
export const VENDOR_RECEIVED_INCREASE = "vendor:proxymeter_received_bytes:increase5m";
export const VENDOR_FAULTS_INCREASE = "vendor:proxymeter_vendor_faults:increase5m";
// namespace, proxy_vendor
export const NAMESPACE_REQUESTS_INCREASE = "vendor_namespace:proxymeter_requests:increase5m";
export const NAMESPACE_SENT_INCREASE = "vendor_namespace:proxymeter_sent_bytes:increase5m";
export const NAMESPACE_RECEIVED_INCREASE = "vendor_namespace:proxymeter_received_bytes:increase5m";
// namespace, workload, pod, proxy_vendor
export const POD_REQUESTS_INCREASE = "vendor_pod:proxymeter_requests:increase5m";
export const POD_SENT_INCREASE = "vendor_pod:proxymeter_sent_bytes:increase5m";
export const POD_RECEIVED_INCREASE = "vendor_pod:proxymeter_received_bytes:increase5m";
/** As `POD_WEIGHT_RATE`. */
export const POD_WEIGHT_INCREASE = "vendor_pod:proxymeter_weight:increase5m";
// proxy_vendor, outcome, response_code
export const OUTCOME_REQUESTS_INCREASE = "vendor_outcome:proxymeter_requests:increase5m";
// proxy_vendor, proxy_pool
export const POOL_REQUESTS_INCREASE = "vendor_pool:proxymeter_requests:increase5m";
export const POOL_SENT_INCREASE = "vendor_pool:proxymeter_sent_bytes:increase5m";
export const POOL_RECEIVED_INCREASE = "vendor_pool:proxymeter_received_bytes:increase5m";
// proxy_vendor, proxy_country
export const COUNTRY_SENT_INCREASE = "vendor_country:proxymeter_sent_bytes:increase5m";
export const COUNTRY_RECEIVED_INCREASE = "vendor_country:proxymeter_received_bytes:increase5m";
// proxy_vendor, destination_host; bounded and with `other` as above
export const DESTINATION_REQUESTS_INCREASE = "vendor_destination:proxymeter_requests:increase5m";
export const DESTINATION_SENT_INCREASE = "vendor_destination:proxymeter_sent_bytes:increase5m";
export const DESTINATION_RECEIVED_INCREASE = "vendor_destination:proxymeter_received_bytes:increase5m";
// proxy_vendor, kind; and proxy_vendor, outcome
export const OVERHEAD_SENT_INCREASE = "vendor_kind:proxymeter_overhead_sent_bytes:increase5m";
export const OVERHEAD_RECEIVED_INCREASE = "vendor_kind:proxymeter_overhead_received_bytes:increase5m";
export const FAILED_SENT_INCREASE = "vendor_outcome:proxymeter_failed_sent_bytes:increase5m";
export const FAILED_RECEIVED_INCREASE = "vendor_outcome:proxymeter_failed_received_bytes:increase5m";

// Money by list price, before tiers: an estimate that `proxymeter bill` makes exact. proxy_vendor, currency; only where
// vendors.yaml has a price. Bytes as the vendor's billing profile counts them: proxy_vendor.
export const VENDOR_BILLABLE_RATE = "vendor:proxymeter_billable_bytes:rate5m";
export const VENDOR_BILLABLE_INCREASE = "vendor:proxymeter_billable_bytes:increase5m";
export const VENDOR_COST_RATE = "vendor:proxymeter_cost:rate5m";
export const VENDOR_COST_INCREASE = "vendor:proxymeter_cost:increase5m";
/** Since the first of the calendar month, UTC. */
export const VENDOR_COST_MONTH = "vendor:proxymeter_cost:month_to_date";
/** Days until the monthly budget is spent, at the pace of the past day. */
export const VENDOR_BUDGET_DAYS = "vendor:proxymeter_budget_left:days";

// Constants from vendors.yaml: proxy_vendor; price and budget also currency. Absent where the file says nothing.
export const SUCCESS_TARGET = "vendor:proxymeter_success_target:ratio";
export const HANDSHAKE_TARGET = "vendor:proxymeter_handshake_target:milliseconds";
export const PRICE_PER_BYTE = "vendor:proxymeter_price:per_byte";
export const MONTHLY_BUDGET = "vendor:proxymeter_budget:month";
/** 1 where the vendor bills it, else 0. */
export const BILLS_SENT = "vendor:proxymeter_bills_sent:bool";
export const BILLS_RECEIVED = "vendor:proxymeter_bills_received:bool";
/** 1 for each outcome, and each kind of overhead, whose bytes the vendor does not bill; proxy_vendor, outcome or kind. */
export const UNBILLED_OUTCOME = "vendor_outcome:proxymeter_unbilled:bool";
export const UNBILLED_KIND = "vendor_kind:proxymeter_unbilled:bool";
// The same two with the defaults filled in, for every vendor that was seen: what alerts compare with.
export const SUCCESS_OBJECTIVE = "vendor:proxymeter_success_objective:ratio";
export const HANDSHAKE_OBJECTIVE = "vendor:proxymeter_handshake_objective:milliseconds";

// The fleet and our own pipeline. Every 15 s.
/** Pods whose metrics came; namespace. */
export const NAMESPACE_PODS = "namespace:proxymeter_pods:count";
/** Pods with traffic in the past five minutes; namespace. Every minute. */
export const NAMESPACE_ACTIVE_PODS = "namespace:proxymeter_active_pods:count";
/** Bytes per second whose vendor or destination is not known; reason. */
export const UNATTRIBUTED_RATE = "fleet:proxymeter_unattributed_bytes:rate5m";
/** The same over all bytes, 0 to 1; reason. */
export const UNATTRIBUTED_SHARE = "fleet:proxymeter_unattributed_share:rate5m";
/** Scrapes that failed over all scrapes, 0 to 1. */
export const SCRAPE_FAILURES = {
  "5m": "fleet:proxymeter_scrape_failures:ratio5m",
  "30m": "fleet:proxymeter_scrape_failures:ratio30m",
  "1h": "fleet:proxymeter_scrape_failures:ratio1h",
  "6h": "fleet:proxymeter_scrape_failures:ratio6h",
} as const;
/** Targets that answered with the filter's heartbeat over targets that answered, 0 to 1. */
export const COVERAGE = "fleet:proxymeter_coverage:ratio";
