// SPDX-License-Identifier: Apache-2.0
/**
 * Which of our stat tags a list lacks, and which of its own would corrupt ours.
 *
 * Envoy looks for `tag=.=value;.;` anywhere in a stat's name, so a tag that is the end of one of ours takes its value:
 * `vendor` finds itself in `proxy_vendor=.=acme;.;`.
 */
import { EXTRA_STAT_TAGS } from "../../filter/core/stat-tags.ts";

export function missingTags(tags: readonly string[]): string[] {
  return EXTRA_STAT_TAGS.filter((tag) => !tags.includes(tag));
}

/** Pairs of a foreign tag and ours that it spoils. */
export function corruptions(tags: readonly string[]): { tag: string; ours: string }[] {
  return tags
    .filter((tag) => tag !== "" && !EXTRA_STAT_TAGS.includes(tag))
    .flatMap((tag) => EXTRA_STAT_TAGS.filter((ours) => ours.endsWith(tag)).map((ours) => ({ tag, ours })));
}

/** `"vendor" spoils proxy_vendor`, a tag each. */
export function corruptionsInWords(tags: readonly string[]): string[] {
  const byTag = Map.groupBy(corruptions(tags), ({ tag }) => tag);
  return [...byTag].map(([tag, found]) => `tag "${tag}" spoils ${found.map(({ ours }) => ours).join(", ")}`);
}
