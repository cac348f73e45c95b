// SPDX-License-Identifier: Apache-2.0
/**
 * Which ledger lines a user wants to see: by vendor, pod, destination and outcome. Pure.
 */
import type { LedgerLine } from "./line.ts";

/** An empty list wants all. */
export interface Selection {
  namespaces: readonly string[];
  vendors: readonly string[];
  /** `name` or `namespace/name`. */
  pods: readonly string[];
  /** A host, or `*.domain` for all hosts below a domain. */
  destinations: readonly string[];
  outcomes: readonly string[];
}

export function isSelected(line: LedgerLine, wanted: Selection): boolean {
  const { namespaces, vendors, pods, destinations, outcomes } = wanted;
  return (
    isWanted(namespaces, (namespace) => namespace === line.namespace) &&
    isWanted(vendors, (vendor) => vendor === line.vendor) &&
    isWanted(pods, (pod) => pod === line.pod || pod === `${line.namespace}/${line.pod}`) &&
    isWanted(destinations, (pattern) => isDestination(line.destinationHost, pattern.toLowerCase())) &&
    isWanted(outcomes, (outcome) => outcome === line.outcome)
  );
}

function isWanted(wanted: readonly string[], matches: (value: string) => boolean): boolean {
  return wanted.length === 0 || wanted.some(matches);
}

function isDestination(host: string, pattern: string): boolean {
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;
}
