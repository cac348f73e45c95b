// SPDX-License-Identifier: Apache-2.0
/**
 * Which fields differ between two states of an object, as far as people care. Pure.
 * What the server keeps for itself is no difference.
 */
import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../objects/object.ts";

export interface FieldChange {
  /** `spec.ports[0].number` */
  path: string;
  /** Absent where the field was not there. */
  before?: unknown;
  /** Absent where the field goes. */
  after?: unknown;
}

const SERVER_METADATA = [
  "managedFields",
  "resourceVersion",
  "generation",
  "uid",
  "creationTimestamp",
  "selfLink",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
];

/** The object without what the server writes: counters, times, owners of fields, status. */
export function withoutServerFields({ status: _, ...object }: KubeObject): KubeObject {
  const kept = Object.entries(object.metadata).filter(([name]) => !SERVER_METADATA.includes(name));
  return { ...object, metadata: Object.fromEntries(kept) as unknown as KubeObject["metadata"] };
}

/** Changed fields in the order of the later state, then those that go. */
export function fieldChanges(before: KubeObject, after: KubeObject): FieldChange[] {
  return changesAt("", withoutServerFields(before), withoutServerFields(after));
}

function changesAt(path: string, before: unknown, after: unknown): FieldChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  const [old, now] = [membersOf(before), membersOf(after)];
  if (old === undefined || now === undefined || Array.isArray(before) !== Array.isArray(after)) {
    return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
  }
  const names = [...new Set([...Object.keys(now), ...Object.keys(old)])];
  return names.flatMap((name) => changesAt(join(path, name, Array.isArray(after)), old[name], now[name]));
}

function membersOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

function join(path: string, name: string, isIndex: boolean): string {
  if (isIndex) return `${path}[${name}]`;
  if (!/^[\w-]+$/.test(name)) return `${path}["${name}"]`;
  return path === "" ? name : `${path}.${name}`;
}
