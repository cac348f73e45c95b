// SPDX-License-Identifier: Apache-2.0
/**
 * What hostile input could do to the exposition: metrics and labels that are not ours, values outside the safe alphabet,
 * vendors that nobody configured.
 */
import * as contract from "../../../filter/core/contract.ts";
import { EXTRA_STAT_TAGS } from "../../../filter/core/stat-tags.ts";
import type { Sample } from "./exposition.ts";

const METRICS: ReadonlySet<string> = new Set(
  Object.values(contract).filter((value) => /^proxymeter_[a-z_]+$/.test(value)),
);
/** Istio's own tags cut these labels out of names that look like them; the scrape drops them for our families. */
const BUILT_IN = ["cache", "component", "tag", "wasm_filter"];
const LABELS: ReadonlySet<string> = new Set([...EXTRA_STAT_TAGS, ...BUILT_IN, "le"]);
const SAFE = /^[a-z0-9._:[\]-]{1,264}$/;

/** Sentences about samples that hostile input has made or bent; none where it has not. */
export function harms(samples: readonly Sample[], vendors: readonly string[]): string[] {
  const known = new Set([...vendors, contract.VALUE_OTHER, contract.VALUE_UNKNOWN]);
  // Envoy's own stats about its Wasm machines are none of ours.
  const own = samples.filter(({ name }) => !name.startsWith("envoy_"));
  return own.flatMap(({ name, labels }) => [
    ...(isOurs(name) ? [] : [`"${name}" is no metric of ours`]),
    ...Object.entries(labels).flatMap(([label, value]) => harmsOf(`${label} of ${name}`, label, value)),
    ...(known.has(labels[contract.LABEL_VENDOR] ?? contract.VALUE_UNKNOWN) ? [] : [`${name} has a vendor of its own`]),
  ]);
}

function isOurs(name: string): boolean {
  return METRICS.has(name) || METRICS.has(name.replace(/_(?:bucket|sum|count)$/, ""));
}

function harmsOf(where: string, label: string, value: string): string[] {
  if (!LABELS.has(label)) return [`${where} is no label of ours`];
  return label === "le" || SAFE.test(value) ? [] : [`${where} is ${JSON.stringify(value)}`];
}
