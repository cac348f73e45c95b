// SPDX-License-Identifier: Apache-2.0
/**
 * How a vendor writes proxy usernames, seen from one of them. Says only separators and words that are on the lists here,
 * so nothing of a username that identifies anybody can leave this file.
 */
import type { UsernamePattern } from "../model.ts";

const SEPARATORS = ["-", "_", ";", "+", "|", "."];
const POOL_KEYS = ["zone", "pool", "plan", "network", "package", "product"];
const COUNTRY_KEYS = ["country", "cc", "region", "geo"];
const OTHER_KEYS = [
  "customer",
  "user",
  "session",
  "sessid",
  "sess",
  "sid",
  "city",
  "state",
  "st",
  "asn",
  "lifetime",
  "sesstime",
];

/** The pattern of `customer-crawl-zone-residential-country-de`; undefined where no known word is followed by a value. */
export function usernameShape(username: string): UsernamePattern | undefined {
  const shapes = SEPARATORS.map((separator) => shapeBy(separator, username.split(separator)));
  const best = shapes.toSorted((a, b) => b.keys - a.keys)[0];
  if (best === undefined || (best.pool === undefined && best.country === undefined)) return undefined;
  const { separator, pool, country } = best;
  return { separator, ...(pool !== undefined && { pool }), ...(country !== undefined && { country }) };
}

function shapeBy(separator: string, tokens: readonly string[]) {
  // The last token has no value behind it, and the value of a key is no key.
  const followed = tokens.slice(0, -1);
  const pool = POOL_KEYS.find((key) => followed.includes(key));
  const country = COUNTRY_KEYS.find((key) => followed.includes(key));
  const keys = followed.filter((token) => [...POOL_KEYS, ...COUNTRY_KEYS, ...OTHER_KEYS].includes(token)).length;
  return { separator, pool, country, keys };
}
