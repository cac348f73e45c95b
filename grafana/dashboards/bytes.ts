// SPDX-License-Identifier: Apache-2.0
/**
 * Bytes by vendor and namespace, which several dashboards begin with: rates, growths, and the two panels by vendor.
 */
import { LABEL_VENDOR } from "../../filter/core/contract.ts";
import * as series from "../recorded.ts";
import { lines } from "./panels.ts";
import { recorded, sum } from "./selectors.ts";

export const sent = recorded(series.NAMESPACE_SENT_RATE);
export const received = recorded(series.NAMESPACE_RECEIVED_RATE);

export const SENT = { increase: series.NAMESPACE_SENT_INCREASE, rate: series.NAMESPACE_SENT_RATE };
export const RECEIVED = { increase: series.NAMESPACE_RECEIVED_INCREASE, rate: series.NAMESPACE_RECEIVED_RATE };

export const VENDOR_LEGEND = `{{${LABEL_VENDOR}}}`;

/** @param width  of each panel, in columns */
export function bytesByVendor(width: number) {
  const panel = { unit: "Bps", width, isStacked: true };
  return [
    lines({
      ...panel,
      title: "Sent by vendor",
      description: "Bytes per second from crawler pods to each vendor (bandwidth out).",
      queries: [{ expr: sum(sent, LABEL_VENDOR), legend: VENDOR_LEGEND }],
    }),
    lines({
      ...panel,
      title: "Received by vendor",
      description: "Bytes per second from each vendor to crawler pods (bandwidth in).",
      queries: [{ expr: sum(received, LABEL_VENDOR), legend: VENDOR_LEGEND }],
    }),
  ];
}
