// SPDX-License-Identifier: Apache-2.0
/**
 * The columns of a bill and how each figure is written for people. The same columns make the table, the CSV and the HTML.
 */
import type { BillRow, VendorBill } from "../bill.ts";

export interface Column {
  /** Heading for people, and member name for programs. */
  title: string;
  name: keyof BillRow;
  /** For people; empty where it is not known. */
  text(row: BillRow, bill: VendorBill): string;
}

const NOT_KNOWN = "";

export const COLUMNS: readonly Column[] = [
  count("requests", "requests"),
  count("ok", "succeeded"),
  bytes("sent", "sentBytes"),
  bytes("received", "receivedBytes"),
  bytes("billable", "billableBytes"),
  { title: "cost", name: "cost", text: ({ cost }, { currency }) => (cost ? `${cost} ${currency}` : NOT_KNOWN) },
  { title: "per 1000 ok", name: "costPerThousand", text: ({ costPerThousand }) => costPerThousand ?? NOT_KNOWN },
  { title: "failed", name: "failedShare", text: ({ failedShare }) => percent(failedShare) },
  bytes("failed bytes", "failedBytes"),
  bytes("repeated", "repeatedBytes"),
  bytes("handshakes", "handshakeBytes"),
];

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Bytes in decimal units with three digits, as dashboards show them. */
export function bytesText(value: number): string {
  let amount = value;
  let unit = 0;
  while (Math.abs(amount) >= 999.5 && unit < UNITS.length - 1) {
    amount /= 1000;
    unit++;
  }
  const places = unit === 0 || Math.abs(amount) >= 99.95 ? 0 : Math.abs(amount) >= 9.995 ? 1 : 2;
  return `${amount.toFixed(places)} ${UNITS[unit]}`;
}

export function wholeText(value: number): string {
  return value.toLocaleString("en-US");
}

export function percent(share: string | undefined): string {
  return share === undefined ? NOT_KNOWN : `${(Number(share) * 100).toFixed(2)} %`;
}

function count(title: string, name: "requests" | "succeeded"): Column {
  return { title, name, text: (row) => known(row[name], wholeText) };
}

function bytes(
  title: string,
  name: "sentBytes" | "receivedBytes" | "billableBytes" | "failedBytes" | "repeatedBytes" | "handshakeBytes",
): Column {
  return { title, name, text: (row) => known(row[name], bytesText) };
}

function known(value: number | undefined, text: (value: number) => string): string {
  return value === undefined ? NOT_KNOWN : text(value);
}
