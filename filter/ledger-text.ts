// SPDX-License-Identifier: Apache-2.0
/**
 * The ledger of a connection as text: a JSON array with an object for each part, in one buffer that never overflows.
 * Members without a value are left out. Values are taken from name entries, so no credential can be among them.
 */
import { writeText } from "./core/bytes.ts";
import * as contract from "./core/contract.ts";
import { protocolName, versionName } from "./core/families.ts";
import { methodName, METHOD_OTHER } from "./core/http-method.ts";
import { outcomeName } from "./core/outcome.ts";
import { obtain } from "./heap.ts";
import { Part } from "./ledger-part.ts";
import { Name, nameBytes } from "./names.ts";

/** With what Envoy puts around it a line stays under 16 KiB, where container runtimes cut lines. */
const CAPACITY: i32 = 15360;
/**
 * More than any part takes besides its vendor's name, which a configuration makes as long as it likes: the longest names, all
 * members, and numbers of 16 digits; and than one without names of its own.
 */
const LONGEST_PART: i32 = 1216;
const LONGEST_FOLD: i32 = 592;
const QUOTE: i32 = 0x22;
const BACKSLASH: i32 = 0x5c;

/** The text, and its length; 0 before the first ledger and when memory is used up. */
export let ledgerText: usize = 0;
export let ledgerLength: i32 = 0;
let isFirstMember: bool = true;

/** Begins a new text; false when there is no memory for it. */
export function startLedger(): bool {
  if (ledgerText === 0) ledgerText = obtain(CAPACITY);
  ledgerLength = 0;
  if (ledgerText === 0) return false;
  put("[");
  return true;
}

export function endLedger(): void {
  put("]");
}

/** Whether a part fits before so many of its vendor that have no names of their own. */
export function hasRoom(part: Part, folds: i32): bool {
  const vendor: i32 = vendorLength(part);
  return ledgerLength + LONGEST_PART + vendor + folds * (LONGEST_FOLD + vendor) < CAPACITY;
}

/** Whether a part that has no names of its own fits. Where those before it asked for their room, it does. */
export function hasRoomForFold(part: Part): bool {
  return ledgerLength + LONGEST_FOLD + vendorLength(part) < CAPACITY;
}

function vendorLength(part: Part): i32 {
  return part.vendor === 0 ? 0 : changetype<Name>(part.vendor).length;
}

/** Adds a part, of HTTP stream `id` or, where that is 0, of the connection. The caller knows that it has room. */
export function putPart(part: Part, id: i32): void {
  put(ledgerLength > 1 ? ",{" : "{");
  isFirstMember = true;
  if (id !== 0) putNumber(contract.LEDGER_STREAM, <f64>id);
  putLabels(part);
  putNumber(contract.LEDGER_REQUESTS, <f64>part.requests);
  putNumber(contract.LEDGER_SENT, part.sent);
  putNumber(contract.LEDGER_RECEIVED, part.received);
  putCount(contract.LEDGER_START, part.startedAt);
  putCount(contract.LEDGER_HANDSHAKE, part.handshake);
  putCount(contract.LEDGER_FIRST_BYTE, part.firstByte);
  putCount(contract.LEDGER_DURATION, part.duration);
  putCount(contract.LEDGER_PROXY_HANDSHAKE_SENT, part.proxySent);
  putCount(contract.LEDGER_PROXY_HANDSHAKE_RECEIVED, part.proxyReceived);
  putCount(contract.LEDGER_TLS_HANDSHAKE_SENT, part.tlsSent);
  putCount(contract.LEDGER_TLS_HANDSHAKE_RECEIVED, part.tlsReceived);
  put("}");
}

function putLabels(part: Part): void {
  putName(contract.LABEL_VENDOR, part.vendor);
  putName(contract.LABEL_POOL, part.pool);
  putName(contract.LABEL_COUNTRY, part.country);
  putName(contract.LABEL_EXTRA, part.extra);
  putName(contract.LABEL_DESTINATION, part.destination);
  putText(contract.LABEL_PROTOCOL, protocolName(part.protocol));
  if (part.version !== 0) putText(contract.LABEL_PROTOCOL_VERSION, versionName(part.version));
  if (part.method !== METHOD_OTHER) putText(contract.LEDGER_METHOD, methodName(part.method));
  putCount(contract.LABEL_RESPONSE_CODE, <f64>part.code);
  putOutcome(contract.LABEL_OUTCOME, part.outcome);
  if (part.requests > 0 && part.requestOutcome !== part.outcome)
    putOutcome(contract.LEDGER_REQUEST_OUTCOME, part.requestOutcome);
}

function putOutcome(key: string, outcome: i32): void {
  putText(key, outcome < 0 ? contract.VALUE_UNKNOWN : outcomeName(outcome));
}

function put(text: string): void {
  ledgerLength += writeText(<i32>ledgerText + ledgerLength, text);
}

function putKey(key: string): void {
  put(isFirstMember ? '"' : ',"');
  isFirstMember = false;
  put(key);
  put('":');
}

function putText(key: string, value: string): void {
  putKey(key);
  put('"');
  put(value);
  put('"');
}

function putName(key: string, entry: usize): void {
  if (entry === 0) return;
  const name: Name = changetype<Name>(entry);
  putKey(key);
  put('"');
  const from: usize = nameBytes(name);
  for (let i: i32 = 0; i < name.length; i++) {
    const byte: i32 = load<u8>(from + i);
    // Values are in a safe alphabet already; this keeps the text JSON whatever a configuration calls its vendors.
    const isSafe: bool = byte > 0x20 && byte < 0x7f && byte !== QUOTE && byte !== BACKSLASH;
    store<u8>(ledgerText + ledgerLength + i, isSafe ? byte : 0x5f);
  }
  ledgerLength += name.length;
  put('"');
}

function putCount(key: string, value: f64): void {
  if (value > 0) putNumber(key, value);
}

/** A whole number; what is below zero, or too large to be one, is 0. */
function putNumber(key: string, value: f64): void {
  putKey(key);
  let rest: u64 = value > 0 && value < 9007199254740992 ? <u64>value : 0;
  let digits: i32 = 1;
  for (let above: u64 = rest / 10; above > 0; above /= 10) digits++;
  for (let i: i32 = digits - 1; i >= 0; i--) {
    store<u8>(ledgerText + ledgerLength + i, <u8>(0x30 + (rest % 10)));
    rest /= 10;
  }
  ledgerLength += digits;
}
