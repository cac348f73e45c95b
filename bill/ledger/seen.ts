// SPDX-License-Identifier: Apache-2.0
/**
 * Which connections have ended, and which parts of their ends were taken: a file may be given twice, and collected logs overlap.
 * Holds the name of each connection, about 100 bytes.
 */
import type { LedgerLine } from "./line.ts";

type Place = Pick<LedgerLine, "connection" | "part">;

export interface SeenParts {
  /** True the first time that a part is shown. */
  take(place: Place): boolean;
  /** Whether any part of a connection was taken. */
  has(connection: string): boolean;
}

/** Parts that fit the bits of a small number; a sidecar's lines have fewer. */
const BITS = 30;

export function seenParts(): SeenParts {
  const masks = new Map<string, number>();
  const further = new Set<string>();
  return {
    has: (connection) => masks.has(connection),
    take({ connection, part }) {
      const mask = masks.get(connection) ?? 0;
      if (part >= BITS) {
        const key = `${part} ${connection}`;
        if (further.has(key)) return false;
        further.add(key);
        masks.set(connection, mask);
        return true;
      }
      if ((mask & (1 << part)) !== 0) return false;
      masks.set(connection, mask | (1 << part));
      return true;
    },
  };
}
