// SPDX-License-Identifier: Apache-2.0
/**
 * The scrape's half of the contract: Prometheus `metric_relabel_configs` that give the built-in encoding its label names
 * and drop the labels that Istio's unanchored stat tags add to hosts such as `imgcache.example.com`.
 * Touches the filter's families only. Not compiled into the filter; scrape configurations are made elsewhere.
 */
import * as contract from "./contract.ts";

/** One rule, spelled as in a Prometheus configuration; the separator is the default one, `;`. */
export interface RelabelRule {
  readonly source_labels: readonly string[];
  readonly regex: string;
  readonly target_label: string;
  readonly replacement: string;
}

const OURS = "proxymeter_.+";
const REQUESTS_AS_SCRAPED = contract.REQUESTS_BUILTIN.replace(/_$/, "");
const TRAFFIC = [contract.REQUESTS, contract.SENT_BYTES, contract.RECEIVED_BYTES];
const HISTOGRAMS = [
  contract.HANDSHAKE_MILLISECONDS,
  contract.FIRST_BYTE_MILLISECONDS,
  contract.DURATION_MILLISECONDS,
].map((name) => `${name}_(?:bucket|sum|count)`);

interface Slot {
  readonly label: string;
  readonly from: "component" | "cache" | "tag";
  readonly families: readonly string[];
}

/** Which built-in label carries which of ours, by family. */
const SLOTS: readonly Slot[] = [
  { label: contract.LABEL_POOL, from: "component", families: TRAFFIC },
  {
    label: contract.LABEL_COUNTRY,
    from: "component",
    families: [contract.COUNTRY_SENT_BYTES, contract.COUNTRY_RECEIVED_BYTES],
  },
  {
    label: contract.LABEL_PROTOCOL,
    from: "cache",
    families: [...TRAFFIC, contract.CONNECTIONS, contract.ACTIVE_CONNECTIONS],
  },
  {
    label: contract.LABEL_OUTCOME,
    from: "cache",
    families: [contract.FAILED_SENT_BYTES, contract.FAILED_RECEIVED_BYTES],
  },
  {
    label: contract.LABEL_KIND,
    from: "cache",
    families: [contract.OVERHEAD_SENT_BYTES, contract.OVERHEAD_RECEIVED_BYTES],
  },
  { label: contract.LABEL_RESULT, from: "cache", families: HISTOGRAMS },
  {
    label: contract.LABEL_DESTINATION,
    from: "tag",
    families: [
      ...TRAFFIC,
      contract.DESTINATION_FIRST_BYTE_SUM,
      contract.DESTINATION_FIRST_BYTE_COUNT,
      contract.TUNNEL_TURNS,
    ],
  },
];

/** The rules in their order: rename, copy where our own label is missing, then blank what is not ours. */
export function metricRelabelRules(): RelabelRule[] {
  return [
    {
      source_labels: ["__name__"],
      regex: REQUESTS_AS_SCRAPED,
      target_label: "__name__",
      replacement: contract.REQUESTS,
    },
    {
      source_labels: ["__name__", contract.LABEL_RESPONSE_CODE],
      regex: `${contract.REQUESTS};0{1,2}(\\d+)`,
      target_label: contract.LABEL_RESPONSE_CODE,
      replacement: "$1",
    },
    ...SLOTS.map(copySlot),
    ...infoRules(),
    {
      source_labels: ["__name__", contract.LABEL_REASON, "cache"],
      regex: `${contract.UNATTRIBUTED_BYTES};;(.+)`,
      target_label: contract.LABEL_REASON,
      replacement: "$1",
    },
    {
      source_labels: ["__name__", contract.LABEL_VENDOR, "wasm_filter"],
      regex: `${OURS};;(.+)`,
      target_label: contract.LABEL_VENDOR,
      replacement: "$1",
    },
    ...["cache", "component", "tag", "wasm_filter"].map((label) => ({
      source_labels: ["__name__"],
      regex: OURS,
      target_label: label,
      replacement: "",
    })),
  ];
}

/** Copies a slot where the stat came without `proxy_vendor`, that is in the built-in encoding. */
function copySlot({ label, from, families }: Slot): RelabelRule {
  return {
    source_labels: ["__name__", contract.LABEL_VENDOR, "wasm_filter", from],
    regex: `(?:${families.join("|")});;[^;]+;(.+)`,
    target_label: label,
    replacement: "$1",
  };
}

function infoRules(): RelabelRule[] {
  const rule = (label: string, from: string, value: string): RelabelRule => ({
    source_labels: ["__name__", label, from],
    regex: `${contract.INFO};;${value}`,
    target_label: label,
    replacement: "$1",
  });
  return [
    rule(contract.LABEL_RELEASE, "component", "(.+)"),
    rule(contract.LABEL_DIGEST, "tag", "([^/]+)/.*"),
    rule(contract.LABEL_CONFIG_HASH, "tag", "[^/]+/(.*)"),
    rule(contract.LABEL_ENCODING, "cache", "(.+)"),
  ];
}
