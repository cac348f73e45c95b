// SPDX-License-Identifier: Apache-2.0
/**
 * Which bytes a vendor bills, by its billing profile, and what each rule of the profile leaves out. Every byte is left out once:
 * first by direction, then by outcome, then as a handshake, so that the parts sum to the whole.
 */
import type { BillingProfile } from "./model.ts";

/** Bytes of both directions, from the crawler's view. */
export interface Bytes {
  sent: number;
  received: number;
}

/** Parts of some traffic that a profile may leave out; no byte is in two of them. */
const PARTS = ["proxyHandshake", "tlsHandshake", "outerTls"] as const;
type Part = (typeof PARTS)[number];

/** `all`, and the parts of it. */
export type Composition = Record<Part | "all", Bytes>;

export interface Traffic extends Composition {
  /** What of all this belongs to outcomes that the vendor does not bill. */
  unbilled: Composition;
}

export type Excluded = Record<Part | "direction" | "outcome", number>;

/** `billable` and what was left out sum to the bytes of both directions. */
export interface Billable {
  billable: number;
  excluded: Excluded;
}

/** The member of a profile that lets a part be billed. */
const FLAG = { proxyHandshake: "handshake", tlsHandshake: "tlsHandshake", outerTls: "outerTls" } as const;

export function billableOf(traffic: Traffic, profile: BillingProfile): Billable {
  const counted = (bytes: Bytes) => inDirections(bytes, profile);
  const left = (part: Part) => (profile[FLAG[part]] ? 0 : counted(traffic[part]) - counted(traffic.unbilled[part]));
  const excluded: Excluded = {
    direction: traffic.all.sent + traffic.all.received - counted(traffic.all),
    outcome: counted(traffic.unbilled.all),
    proxyHandshake: left("proxyHandshake"),
    tlsHandshake: left("tlsHandshake"),
    outerTls: left("outerTls"),
  };
  const billable = Object.values(excluded).reduce(
    (rest, bytes) => rest - bytes,
    traffic.all.sent + traffic.all.received,
  );
  return { billable, excluded };
}

/** Bytes of the directions that are billed. */
export function inDirections({ sent, received }: Bytes, { directions }: Pick<BillingProfile, "directions">): number {
  return (directions === "received" ? 0 : sent) + (directions === "sent" ? 0 : received);
}

export function isBilled(outcome: string, { unbilledOutcomes }: BillingProfile): boolean {
  return !unbilledOutcomes.includes(outcome);
}

export function noTraffic(): Traffic {
  return { ...nothing(), unbilled: nothing() };
}

export function addTraffic(into: Traffic, more: Traffic): void {
  addComposition(into, more);
  addComposition(into.unbilled, more.unbilled);
}

export function addComposition(into: Composition, more: Composition): void {
  for (const part of ["all", ...PARTS] as const) addBytes(into[part], more[part]);
}

export function addBytes(into: Bytes, { sent, received }: Bytes): void {
  into.sent += sent;
  into.received += received;
}

function nothing(): Composition {
  const none = (): Bytes => ({ sent: 0, received: 0 });
  return { all: none(), proxyHandshake: none(), tlsHandshake: none(), outerTls: none() };
}
