// SPDX-License-Identifier: Apache-2.0
/**
 * Looks into JSON that somebody else wrote: nothing is where it should be until it was seen there.
 */

export type Members = Readonly<Record<string, unknown>>;

export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Empty for anything but an object. */
export function membersOf(value: unknown): Members {
  return isMembers(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function valuesOf(value: unknown): Members[] {
  return Object.values(membersOf(value)).filter(isMembers);
}

/** The rows of a list, if it has some and the first one has these members. */
export function rowsWith(value: unknown, ...names: readonly string[]): Members[] | undefined {
  const rows = listOf(value).filter(isMembers);
  const [first] = rows;
  return first !== undefined && names.every((name) => name in first) ? rows : undefined;
}

/** A moment that is some time after another one, which names its zone. A text that is no moment stays as it is, for whoever reads it. */
export function momentAfter(text: string, milliseconds: number): string {
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? text : new Date(moment + milliseconds).toISOString();
}
