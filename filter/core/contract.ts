// SPDX-License-Identifier: Apache-2.0
/**
 * Every name that leaves the filter: metrics, labels, label values and the parts of a stat's name.
 * Compiled into the filter by asc and imported as TypeScript by the other folders, so it holds only constants.
 * What the values mean is explained in ARCHITECTURE.md; how they are counted is decided elsewhere in this folder.
 *
 * Direction is the crawler pod's view: `sent` is pod to vendor, `received` is vendor to pod.
 */

// Metrics of one vendor. They exist at 0 from the first configuration on, so nothing is lost at a first scrape.
export const VENDOR_REQUESTS = "proxymeter_vendor_requests_total";
export const VENDOR_SENT_BYTES = "proxymeter_vendor_sent_bytes_total";
export const VENDOR_RECEIVED_BYTES = "proxymeter_vendor_received_bytes_total";

// Splits of the vendor metrics.
export const COUNTRY_SENT_BYTES = "proxymeter_country_sent_bytes_total";
export const COUNTRY_RECEIVED_BYTES = "proxymeter_country_received_bytes_total";
export const REQUESTS = "proxymeter_requests_total";
export const SENT_BYTES = "proxymeter_sent_bytes_total";
export const RECEIVED_BYTES = "proxymeter_received_bytes_total";
export const FAILED_SENT_BYTES = "proxymeter_failed_sent_bytes_total";
export const FAILED_RECEIVED_BYTES = "proxymeter_failed_received_bytes_total";
export const OVERHEAD_SENT_BYTES = "proxymeter_overhead_sent_bytes_total";
export const OVERHEAD_RECEIVED_BYTES = "proxymeter_overhead_received_bytes_total";
export const CONNECTIONS = "proxymeter_connections_total";
export const ACTIVE_CONNECTIONS = "proxymeter_active_connections";
export const HANDSHAKE_MILLISECONDS = "proxymeter_handshake_milliseconds";
export const FIRST_BYTE_MILLISECONDS = "proxymeter_first_byte_milliseconds";
export const DURATION_MILLISECONDS = "proxymeter_duration_milliseconds";
export const DESTINATION_FIRST_BYTE_SUM = "proxymeter_destination_first_byte_milliseconds_sum";
export const DESTINATION_FIRST_BYTE_COUNT = "proxymeter_destination_first_byte_milliseconds_count";
export const TUNNEL_TURNS = "proxymeter_tunnel_turns_total";
export const UNATTRIBUTED_BYTES = "proxymeter_unattributed_bytes_total";
export const CONTRADICTIONS = "proxymeter_contradictions_total";

// The filter's own health.
export const INFO = "proxymeter_info";
export const HEARTBEAT_SECONDS = "proxymeter_heartbeat_seconds";
export const SERIES = "proxymeter_series";
export const CONFIG_ERRORS = "proxymeter_config_errors";
export const MEMORY_BYTES = "proxymeter_memory_bytes";
export const DESTINATIONS_OVERFLOW = "proxymeter_destinations_overflow_total";
export const REFUSED_STREAMS = "proxymeter_refused_streams_total";

// Labels. No name may be the suffix of another one: Envoy's tag expressions are not anchored (`version` would also match
// inside `protocol_version`, which is why the release label of `proxymeter_info` is called `release`).
export const LABEL_VENDOR = "proxy_vendor";
export const LABEL_POOL = "proxy_pool";
export const LABEL_COUNTRY = "proxy_country";
export const LABEL_DESTINATION = "destination_host";
export const LABEL_PROTOCOL = "protocol";
export const LABEL_PROTOCOL_VERSION = "protocol_version";
export const LABEL_RESPONSE_CODE = "response_code";
export const LABEL_OUTCOME = "outcome";
export const LABEL_KIND = "kind";
export const LABEL_RESULT = "result";
export const LABEL_REASON = "reason";
export const LABEL_EXTRA = "extra";
export const LABEL_RELEASE = "release";
export const LABEL_DIGEST = "digest";
export const LABEL_ENCODING = "encoding";
export const LABEL_CONFIG_HASH = "config_hash";

// A stat's name in Envoy is its labels, then the metric: `proxy_vendor=.=acme;.;proxymeter_requests_total`.
export const TAG_ASSIGN = "=.=";
export const TAG_END = ";.;";

// The same through the tags that every Istio sidecar has, for pods that were not restarted since the installation:
// `wasm_filter.acme.component.pool1.cache.connect.tag.shop.example;.proxymeter_sent_bytes_total`. The scrape renames them.
export const SLOT_VENDOR = "wasm_filter.";
export const SLOT_POOL = "component.";
export const SLOT_SMALL = "cache.";
export const SLOT_DESTINATION = "tag.";
export const REQUESTS_BUILTIN = "proxymeter_requests_rq_";

// Label values that stand for "none", "not known" and "too many".
export const VALUE_NONE = "none";
export const VALUE_UNKNOWN = "unknown";
export const VALUE_OTHER = "other";

// Values of `protocol`.
export const PROTOCOL_HTTP = "http";
export const PROTOCOL_CONNECT = "connect";
export const PROTOCOL_SOCKS4 = "socks4";
export const PROTOCOL_SOCKS5 = "socks5";
export const PROTOCOL_TLS = "tls";
export const PROTOCOL_H2 = "h2";
export const PROTOCOL_TCP = "tcp";

// Values of `outcome`; `outcome.ts` maps each to one `result`.
export const OUTCOME_OK = "ok";
export const OUTCOME_TARGET_ERROR = "target_error";
export const OUTCOME_RATE_LIMITED = "rate_limited";
export const OUTCOME_VENDOR_AUTH = "vendor_auth";
export const OUTCOME_VENDOR_ERROR = "vendor_error";
export const OUTCOME_VENDOR_UNREACHABLE = "vendor_unreachable";
export const OUTCOME_TARGET_UNREACHABLE = "target_unreachable";
export const OUTCOME_RESET = "reset";
export const OUTCOME_CLIENT_ABORT = "client_abort";

// Values of `result`.
export const RESULT_OK = "ok";
export const RESULT_VENDOR_FAULT = "vendor_fault";
export const RESULT_TARGET_FAULT = "target_fault";
export const RESULT_CLIENT_ABORT = "client_abort";

// Values of `kind` (overhead) and of `reason` (unattributed bytes).
export const KIND_PROXY_HANDSHAKE = "proxy_handshake";
export const KIND_TLS_HANDSHAKE = "tls_handshake";
export const REASON_OPAQUE_TLS = "opaque_tls";
export const REASON_UNKNOWN_VENDOR = "unknown_vendor";
export const REASON_NO_DESTINATION = "no_destination";

// Values of `encoding`: proper labels by `extraStatTags`, or the sidecar's built-in tags.
export const ENCODING_FULL = "full";
export const ENCODING_BUILTIN = "builtin";

// Filter state that the plugins publish where the configuration asks for it (`wasm.<name>` in Envoy).
export const STATE_VENDOR = "proxymeter_vendor";
export const STATE_POOL = "proxymeter_pool";
export const STATE_DESTINATION = "proxymeter_destination";
export const STATE_OUTCOME = "proxymeter_outcome";
// The same for the ledger: a JSON array with a member for each part of a connection. What it shares with the metrics is called
// as the label is; what follows is the ledger's own.
export const STATE_LEDGER = "proxymeter_ledger";
export const LEDGER_STREAM = "stream";
export const LEDGER_START = "start_milliseconds";
export const LEDGER_METHOD = "method";
export const LEDGER_REQUEST_OUTCOME = "request_outcome";
export const LEDGER_REQUESTS = "requests";
export const LEDGER_HANDSHAKE = "handshake_milliseconds";
export const LEDGER_FIRST_BYTE = "first_byte_milliseconds";
export const LEDGER_DURATION = "duration_milliseconds";
export const LEDGER_SENT = "sent_bytes";
export const LEDGER_RECEIVED = "received_bytes";
export const LEDGER_PROXY_HANDSHAKE_SENT = "proxy_handshake_sent_bytes";
export const LEDGER_PROXY_HANDSHAKE_RECEIVED = "proxy_handshake_received_bytes";
export const LEDGER_TLS_HANDSHAKE_SENT = "tls_handshake_sent_bytes";
export const LEDGER_TLS_HANDSHAKE_RECEIVED = "tls_handshake_received_bytes";

// The scrape job that every query selects, so that a second job which scrapes the same pods doubles nothing.
export const SCRAPE_JOB = "proxymeter";

// Root ids: `pluginName` of a WasmPlugin, `root_id` of Envoy's PluginConfig.
export const ROOT_NETWORK = "proxymeter_network";
export const ROOT_HTTP = "proxymeter_http";

// Keys of the process-wide shared data.
export const SHARED_SERIES = "proxymeter/series/";
