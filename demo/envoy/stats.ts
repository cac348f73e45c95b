// SPDX-License-Identifier: Apache-2.0
/**
 * The stats part of a sidecar's bootstrap: which labels are cut out of stat names, and which stats exist at all.
 * The same tags in the same order as in the bootstrap of Istio 1.26 to 1.31, because their order and their unanchored expressions
 * decide how the filter's stats arrive.
 *
 * @see https://github.com/istio/istio/blob/master/tools/packaging/common/envoy_bootstrap.json
 */

interface StatTag {
  tag_name: string;
  regex: string;
}

const TAGS_BEFORE: readonly StatTag[] = [
  { tag_name: "cluster_name", regex: "^cluster(\\.(.+);)" },
  {
    tag_name: "http_conn_manager_prefix",
    regex: "^http\\.(((?:[_.[:digit:]\\w]*|[_\\[\\]aAbBcCdDeEfF[:digit:]\\w\\:]*));\\.)",
  },
  { tag_name: "thread_name", regex: "^server(\\.(.+))\\.watchdog" },
  { tag_name: "tcp_prefix", regex: "^tcp\\.((.*?)\\.)\\w+?$" },
  { tag_name: "response_code", regex: "_rq(_(\\d{3}))$" },
  { tag_name: "response_code_class", regex: "_rq(_(\\dxx))$" },
  {
    tag_name: "http_conn_manager_listener_prefix",
    regex: "^listener(?=\\.).*?\\.http\\.(((?:[_.[:digit:]]*|[_\\[\\]aAbBcCdDeEfF[:digit:]]*))\\.)",
  },
  {
    tag_name: "listener_address",
    regex: "^listener\\.(((?:[_.[:digit:]]*|[_\\[\\]aAbBcCdDeEfF[:digit:]]*))\\.)",
  },
  {
    tag_name: "mongo_prefix",
    regex: "^mongo\\.(.+?)\\.(collection|cmd|cx_|op_|delays_|decoding_)(.*?)$",
  },
];

const TAGS_AFTER: readonly StatTag[] = [
  { tag_name: "cache", regex: "(cache\\.(.+?)\\.)" },
  { tag_name: "component", regex: "(component\\.(.+?)\\.)" },
  { tag_name: "tag", regex: "(tag\\.(.+?);\\.)" },
  { tag_name: "wasm_filter", regex: "(wasm_filter\\.(.+?)\\.)" },
  { tag_name: "authz_enforce_result", regex: "rbac(\\.(allowed|denied))" },
  { tag_name: "authz_dry_run_action", regex: "(\\.istio_dry_run_(allow|deny)_)" },
  { tag_name: "authz_dry_run_result", regex: "(\\.shadow_(allowed|denied))" },
];

const INCLUDED_PREFIXES = [
  "reporter=",
  "cluster_manager",
  "listener_manager",
  "server",
  "cluster.xds-grpc",
  "wasm",
  "component",
  "istio",
];

/** Envoy's `stats_config` for a sidecar with these `extraStatTags`. */
export function statsConfig(extraStatTags: readonly string[]) {
  const extra = extraStatTags.map((name) => ({ tag_name: name, regex: `(${name}=\\.=(.*?);\\.;)` }));
  return {
    use_all_default_tags: false,
    stats_tags: [...TAGS_BEFORE, ...extra, ...TAGS_AFTER],
    stats_matcher: { inclusion_list: { patterns: INCLUDED_PREFIXES.map((prefix) => ({ prefix })) } },
  };
}
