// SPDX-License-Identifier: Apache-2.0
/**
 * Where in a line of text a ledger line may begin: at its start, or after what a container runtime, kubectl or a log collector puts
 * in front of a sidecar's text. Anywhere else it is another program's text, which may have been made to look like ours.
 */
import { LEDGER_MARK, LEDGER_VERSION } from "../../filter/core/access-log.ts";

export type Members = Readonly<Record<string, unknown>>;

/** Name of the sidecar's container, which alone writes ledger lines. */
const SIDECAR = "istio-proxy";
const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) `;
/** `kubectl logs` with --prefix, with --timestamps, with both; the CRI's log files, whose whole lines have the tag F. */
const PREFIX = new RegExp(String.raw`^(?:\[pod/[^/\]\s]+/${SIDECAR}\] )?(?:${TIME}(?:stdout F )?)?$`);
/** Members in which log collectors keep the line that they collected: docker and fluent-bit; vector, filebeat and stern; GKE. */
const WRAPPERS = ["log", "message", "textPayload"];
/** The member in which GKE keeps a line that is JSON, parsed. */
const PARSED = "jsonPayload";
/** Members in which they say which container wrote it: fluent-bit and vector, filebeat, stern, GKE. */
const CONTAINERS: readonly (readonly string[])[] = [
  ["kubernetes", "container_name"],
  ["kubernetes", "container", "name"],
  ["containerName"],
  ["resource", "labels", "container_name"],
];

/**
 * A text as the JSON object that it holds.
 *
 * @returns `isOurs` where that is a sidecar's line, whose object is undefined where it is cut off or stands where none can be;
 * else the object, if it is one
 */
export function unwrap(text: string): { isOurs: boolean; object: Members | undefined } {
  const at = text.indexOf(LEDGER_MARK);
  if (mayBegin(text, at)) return ours(objectOf(text.slice(at)));
  const object = text.startsWith("{") ? objectOf(text) : undefined;
  if (object === undefined) return { isOurs: at >= 0, object };
  if (object.proxymeter === LEDGER_VERSION) return ours(object);
  const parsed = object[PARSED];
  if (isMembers(parsed) && parsed.proxymeter === LEDGER_VERSION) {
    return { isOurs: true, object: isSidecars(object) ? parsed : undefined };
  }
  const inner = WRAPPERS.map((name) => object[name]).find((value) => typeof value === "string");
  // One layer only: a line inside a line inside a line is nobody's log.
  const begin = inner?.indexOf(LEDGER_MARK) ?? -1;
  if (inner === undefined || begin < 0) return { isOurs: false, object };
  const isSound = isSidecars(object) && mayBegin(inner, begin);
  return { isOurs: true, object: isSound ? objectOf(inner.slice(begin)) : undefined };
}

function ours(object: Members | undefined) {
  return { isOurs: true, object: object !== undefined && isSidecars(object) ? object : undefined };
}

function mayBegin(text: string, at: number): boolean {
  return at === 0 || (at > 0 && PREFIX.test(text.slice(0, at)));
}

/** Whether that is the sidecar's standard output, where a collector says which container wrote it, and into which stream. */
export function isSidecars(outer: Members): boolean {
  const named = CONTAINERS.map((path) =>
    path.reduce<unknown>((at, name) => (isMembers(at) ? at[name] : undefined), outer),
  );
  const isSidecar = named.every((name) => name === undefined || name === SIDECAR);
  return isSidecar && (outer.stream === undefined || outer.stream === "stdout");
}

export function objectOf(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isMembers(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
