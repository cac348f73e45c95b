// SPDX-License-Identifier: Apache-2.0
/**
 * A ledger line as one line of text for people: columns of fixed width, so that lines can be shown as they come. Pure.
 */
import type { LedgerLine } from "./line.ts";

interface Column {
  title: string;
  width: number;
  align?: "right";
  text: (line: LedgerLine) => string;
}

const COLUMNS: readonly Column[] = [
  { title: "END", width: 23, text: ({ end }) => end.replace("T", " ").replace("Z", "") },
  { title: "POD", width: 24, text: ({ namespace, pod }) => (namespace ? `${namespace}/${pod}` : pod) },
  { title: "VENDOR/POOL", width: 20, text: ({ vendor, pool }) => `${vendor}/${pool}` },
  { title: "PROTOCOL", width: 8, text: ({ protocol }) => protocol },
  { title: "DESTINATION", width: 32, text: destinationOf },
  { title: "REQ", width: 4, align: "right", text: ({ requests }) => String(requests) },
  { title: "STATUS", width: 6, align: "right", text: ({ status }) => (status === 0 ? "-" : String(status)) },
  { title: "OUTCOME", width: 18, text: ({ isInterim, outcome }) => (isInterim ? `open (${outcome})` : outcome) },
  { title: "SENT", width: 12, align: "right", text: ({ sentBytes }) => String(sentBytes) },
  { title: "RECEIVED", width: 12, align: "right", text: ({ receivedBytes }) => String(receivedBytes) },
  { title: "MS", width: 8, align: "right", text: ({ totalMs }) => String(totalMs) },
];

export function ledgerHeading(): string {
  return COLUMNS.map(({ title, width, align }) => padded(title, width, align)).join(" ");
}

/** Longer values push the rest of their own line aside rather than being cut. */
export function ledgerRow(line: LedgerLine): string {
  return COLUMNS.map(({ width, align, text }) => padded(text(line), width, align))
    .join(" ")
    .trimEnd();
}

function padded(text: string, width: number, align?: "right"): string {
  return align === "right" ? text.padStart(width) : text.padEnd(width);
}

function destinationOf({ destinationHost: host, destinationPort: port }: LedgerLine): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === 0 ? name : `${name}:${port}`;
}
