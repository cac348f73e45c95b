// SPDX-License-Identifier: Apache-2.0
/**
 * From a line of text to ledger lines: what a sidecar wrote, and our own normal form. Takes any text, throws nothing, and lets no
 * value through that is not of its kind. How collectors wrap lines is known to unwrap.ts, which lines there are to read.ts.
 */
import { INTERIM_TYPES } from "../../filter/core/access-log.ts";
import * as contract from "../../filter/core/contract.ts";
import type { LedgerLine } from "./line.ts";
import { isMembers, isSidecars, type Members, unwrap } from "./unwrap.ts";

const USUAL_PORTS: Readonly<Record<string, number>> = {
  [contract.PROTOCOL_HTTP]: 80,
  [contract.PROTOCOL_CONNECT]: 443,
  [contract.PROTOCOL_SOCKS4]: 443,
  [contract.PROTOCOL_SOCKS5]: 443,
  [contract.PROTOCOL_TLS]: 443,
};
const LONGEST_TEXT = 512;

/** The lines that a text holds, one for each part; empty where it is a broken or misplaced one, undefined where it is none. */
export function parseLedgerLine(text: string): LedgerLine[] | undefined {
  const { isOurs, object } = unwrap(text);
  if (isOurs) return linesOf(object);
  const isNormal = typeof object?.connection === "string" && typeof object.isInterim === "boolean";
  if (object === undefined || !isNormal) return undefined;
  return isSidecars(object) ? normalLine(object) : [];
}

function linesOf(line: Members | undefined): LedgerLine[] {
  const startedAt = line === undefined ? Number.NaN : Date.parse(textOf(line.start));
  if (line === undefined || Number.isNaN(startedAt) || !Array.isArray(line.parts)) return [];
  const parts: LedgerLine[] = [];
  for (const [index, part] of line.parts.entries()) {
    const found = isMembers(part) ? partOf(line, part, startedAt, index) : undefined;
    // Half a connection would pass for a whole one.
    if (found === undefined) return [];
    parts.push(found);
  }
  return parts;
}

function partOf(line: Members, part: Members, startedAt: number, index: number): LedgerLine | undefined {
  const vendor = textOf(part[contract.LABEL_VENDOR]);
  const [sentBytes, receivedBytes] = [countOf(part[contract.LEDGER_SENT]), countOf(part[contract.LEDGER_RECEIVED])];
  if (vendor === "" || sentBytes === undefined || receivedBytes === undefined) return undefined;
  const sequence = countOf(line.milliseconds) ?? 0;
  const protocol = textOf(part[contract.LABEL_PROTOCOL]);
  const status = countOf(part[contract.LABEL_RESPONSE_CODE]) ?? 0;
  return {
    connection: connectionOf(line, part, startedAt),
    part: index,
    isInterim: INTERIM_TYPES.includes(textOf(line.type)),
    sequence,
    start: timeOf(countOf(part[contract.LEDGER_START]) || startedAt),
    end: timeOf(startedAt + sequence),
    vendor,
    pool: textOf(part[contract.LABEL_POOL]) || contract.VALUE_NONE,
    country: textOf(part[contract.LABEL_COUNTRY]),
    extra: textOf(part[contract.LABEL_EXTRA]),
    ...placeOf(line),
    protocol,
    protocolVersion: textOf(part[contract.LABEL_PROTOCOL_VERSION]) || contract.VALUE_NONE,
    method: textOf(part[contract.LEDGER_METHOD]),
    ...destinationOf(textOf(part[contract.LABEL_DESTINATION]), protocol),
    gateway: textOf(line.gateway),
    status,
    ...outcomesOf(line, part),
    requests: countOf(part[contract.LEDGER_REQUESTS]) ?? 0,
    ...timesOf(part),
    sentBytes,
    receivedBytes,
    ...overheadOf(part),
  };
}

/** Envoy counts its connections from each start anew, so its number counts only with the pod and the time. */
function connectionOf(line: Members, part: Members, startedAt: number): string {
  const stream = countOf(part[contract.LEDGER_STREAM]);
  const parts = [textOf(line.namespace), textOf(line.pod), startedAt, textOf(line.connection)];
  return [...parts, ...(stream === undefined ? [] : [stream])].join("/");
}

function placeOf(line: Members) {
  return {
    pod: textOf(line.pod),
    namespace: textOf(line.namespace),
    workload: textOf(line.workload),
    node: textOf(line.node),
  };
}

/** Upstream reset: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage */
const UPSTREAM_RESET = /\b(?:UR|UC)\b/;

/**
 * A request that Envoy itself passes on is published before it is known how it ends: what was not whole by then is either the
 * crawler's end or, by Envoy's flags, the vendor's; or it goes on.
 */
function outcomesOf(line: Members, part: Members): { outcome: string; requestOutcome: string } {
  const published = textOf(part[contract.LABEL_OUTCOME]) || contract.VALUE_UNKNOWN;
  const isGuess = part[contract.LEDGER_STREAM] !== undefined && published === contract.OUTCOME_CLIENT_ABORT;
  if (!isGuess) {
    return { outcome: published, requestOutcome: textOf(part[contract.LEDGER_REQUEST_OUTCOME]) || published };
  }
  const isOpen = INTERIM_TYPES.includes(textOf(line.type));
  const ended = UPSTREAM_RESET.test(textOf(line.flags)) ? contract.OUTCOME_RESET : published;
  const outcome = isOpen ? contract.VALUE_UNKNOWN : ended;
  return { outcome, requestOutcome: outcome };
}

function timesOf(part: Members) {
  return {
    handshakeMs: countOf(part[contract.LEDGER_HANDSHAKE]) ?? 0,
    firstByteMs: countOf(part[contract.LEDGER_FIRST_BYTE]) ?? 0,
    totalMs: countOf(part[contract.LEDGER_DURATION]) ?? 0,
  };
}

function overheadOf(part: Members) {
  return {
    proxyHandshakeSentBytes: countOf(part[contract.LEDGER_PROXY_HANDSHAKE_SENT]) ?? 0,
    proxyHandshakeReceivedBytes: countOf(part[contract.LEDGER_PROXY_HANDSHAKE_RECEIVED]) ?? 0,
    tlsHandshakeSentBytes: countOf(part[contract.LEDGER_TLS_HANDSHAKE_SENT]) ?? 0,
    tlsHandshakeReceivedBytes: countOf(part[contract.LEDGER_TLS_HANDSHAKE_RECEIVED]) ?? 0,
  };
}

/** The label drops the usual port of its protocol and keeps any other one. */
function destinationOf(label: string, protocol: string): { destinationHost: string; destinationPort: number } {
  const [, v6, name, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(label) ?? [];
  const host = v6 ?? name ?? label;
  const isNamed = host !== "" && host !== contract.VALUE_UNKNOWN && host !== contract.VALUE_OTHER;
  const usual = isNamed ? (USUAL_PORTS[protocol] ?? 0) : 0;
  return { destinationHost: host, destinationPort: port === undefined ? usual : Number(port) };
}

/** Members of the normal form, in order, and how each is read. */
const NORMAL: Readonly<Record<keyof LedgerLine, (value: unknown) => unknown>> = {
  ...{ connection: textOf, part: countOf, isInterim: Boolean, sequence: countOf, start: textOf, end: textOf },
  ...{ vendor: textOf, pool: textOf, country: textOf, extra: textOf },
  ...{ pod: textOf, namespace: textOf, workload: textOf, node: textOf },
  ...{ protocol: textOf, protocolVersion: textOf, method: textOf, destinationHost: textOf, destinationPort: countOf },
  ...{ gateway: textOf, status: countOf, outcome: textOf, requestOutcome: textOf, requests: countOf },
  ...{ handshakeMs: countOf, firstByteMs: countOf, totalMs: countOf, sentBytes: countOf, receivedBytes: countOf },
  ...{ proxyHandshakeSentBytes: countOf, proxyHandshakeReceivedBytes: countOf },
  ...{ tlsHandshakeSentBytes: countOf, tlsHandshakeReceivedBytes: countOf },
};

/** What `proxymeter observe -o json` prints is read again as it is. */
function normalLine(line: Members): LedgerLine[] {
  const members = Object.entries(NORMAL).map(([name, read]) => [name, read(line[name])] as const);
  const isWhole = members.every(([, value]) => value !== undefined) && textOf(line.vendor) !== "";
  const isTimed = [line.start, line.end].every((time) => !Number.isNaN(Date.parse(textOf(time))));
  return isWhole && isTimed ? [Object.fromEntries(members) as unknown as LedgerLine] : [];
}

/** A text without control characters, empty for anything else and for Envoy's `-`. */
function textOf(value: unknown): string {
  if (typeof value !== "string" || value === "-") return "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal
  return value.slice(0, LONGEST_TEXT).replace(/[\u0000-\u001f\u007f-\u009f]/g, "");
}

/** A count that arithmetic can be trusted with; undefined for anything else. */
function countOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** Beyond what a Date can hold it is the epoch. */
function timeOf(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}
