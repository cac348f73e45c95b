// SPDX-License-Identifier: Apache-2.0
/**
 * Where somebody is: dashboard, times, choices and refresh, as the address bar has them. Grafana's form, `/d/UID?from=&to=&var-NAME=`,
 * so that the links of the dashboards lead here too.
 */
import type { Choices } from "../model/variables.ts";

export interface Place {
  /** Empty for the first dashboard. */
  uid: string;
  /** Undefined for what the dashboard says. */
  from: string | undefined;
  to: string | undefined;
  refresh: string | undefined;
  choices: Choices;
}

const VARIABLE = "var-";

export function readPlace(address: URL): Place {
  const given = address.searchParams;
  const choices: Record<string, string[]> = {};
  for (const name of new Set(given.keys())) {
    if (name.startsWith(VARIABLE)) choices[name.slice(VARIABLE.length)] = given.getAll(name).map(allOf).filter(Boolean);
  }
  return {
    uid: decodeURIComponent(/^\/d\/([^/]+)/.exec(address.pathname)?.[1] ?? ""),
    from: given.get("from") ?? undefined,
    to: given.get("to") ?? undefined,
    refresh: given.get("refresh") ?? undefined,
    choices,
  };
}

/** Links may say "All" in Grafana's older way. */
function allOf(value: string): string {
  return value === "All" ? "$__all" : value;
}

/** Path and query of a place. */
export function writePlace({ uid, from, to, refresh, choices }: Place): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ from, to, refresh })) if (value !== undefined) query.set(name, value);
  for (const [name, values] of Object.entries(choices))
    for (const value of values) query.append(`${VARIABLE}${name}`, value);
  return `/d/${encodeURIComponent(uid)}${query.size > 0 ? `?${query}` : ""}`;
}
