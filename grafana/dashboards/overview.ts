// SPDX-License-Identifier: Apache-2.0
/**
 * The overview: how much goes through which vendor now and in sum, whether it works, and where it flows.
 */
import {
  LABEL_VENDOR,
  OUTCOME_OK,
  VENDOR_RECEIVED_BYTES,
  VENDOR_REQUESTS,
  VENDOR_SENT_BYTES,
} from "../../filter/core/contract.ts";
import * as series from "../recorded.ts";
import { bytesByVendor, RECEIVED, received, SENT, sent, VENDOR_LEGEND } from "./bytes.ts";
import { dashboard } from "./dashboard.ts";
import { flowPanel } from "./flow-panel.ts";
import { SUCCESS, UNKNOWN } from "./limits.ts";
import { figure, lines } from "./panels.ts";
import { both, recorded, scraped, share, sum } from "./selectors.ts";
import { table } from "./tables.ts";
import { totalsTable, weekBefore } from "./totals.ts";

const requests = recorded(series.NAMESPACE_REQUESTS_RATE);
const faults = recorded(series.NAMESPACE_FAULTS_RATE);
const active = recorded(series.NAMESPACE_ACTIVE_CONNECTIONS);

function success(...labels: string[]): string {
  return `1 - ${share(sum(faults, ...labels), sum(requests, ...labels))}`;
}

const now = {
  title: "Now",
  panels: [
    figure({
      title: "Requests",
      description: "Proxy requests per second through all chosen vendors, over the past five minutes.",
      unit: "reqps",
      width: 3,
      queries: [{ expr: sum(requests), legend: "requests" }],
    }),
    figure({
      title: "Vendor success",
      description:
        "Share of the requests that did not end in a vendor's fault: refusals, rate limits, resets, no connection.",
      unit: "percentunit",
      width: 3,
      limits: SUCCESS,
      queries: [{ expr: success(), legend: "success" }],
    }),
    figure({
      title: "Sent",
      description: "Bytes per second from crawler pods to vendors.",
      unit: "Bps",
      width: 3,
      queries: [{ expr: sum(sent), legend: "sent" }],
    }),
    figure({
      title: "Received",
      description: "Bytes per second from vendors to crawler pods.",
      unit: "Bps",
      width: 3,
      queries: [{ expr: sum(received), legend: "received" }],
    }),
    figure({
      title: "Active connections",
      description: "TCP connections to vendors that are open.",
      unit: "short",
      width: 3,
      queries: [{ expr: sum(active), legend: "connections" }],
    }),
    figure({
      title: "Metered pods",
      description: "Crawler pods whose metrics Prometheus gets.",
      unit: "short",
      width: 3,
      queries: [{ expr: sum(recorded(series.NAMESPACE_PODS)), legend: "metered" }],
    }),
    figure({
      title: "Active pods",
      description: "Crawler pods that sent or received something in the past five minutes.",
      unit: "short",
      width: 3,
      queries: [{ expr: sum(recorded(series.NAMESPACE_ACTIVE_PODS)), legend: "active" }],
    }),
    figure({
      title: "Not attributed",
      description: "Share of all bytes whose vendor or destination can't be told; the Destinations dashboard says why.",
      unit: "percentunit",
      width: 3,
      limits: UNKNOWN,
      queries: [{ expr: `${sum(recorded(series.UNATTRIBUTED_SHARE))} or vector(0)`, legend: "share" }],
    }),
  ],
};

const traffic = {
  title: "By vendor",
  panels: [
    lines({
      title: "Requests by vendor",
      description: "Proxy requests per second: HTTP requests, CONNECTs, SOCKS requests, TLS connections to a gateway.",
      unit: "reqps",
      width: 8,
      isStacked: true,
      queries: [{ expr: sum(requests, LABEL_VENDOR), legend: VENDOR_LEGEND }],
    }),
    lines({
      title: "Vendor success by vendor",
      description: "Share of requests without a vendor's fault. Compare with the target in vendors.yaml.",
      unit: "percentunit",
      width: 8,
      max: 1,
      limits: SUCCESS,
      queries: [{ expr: success(LABEL_VENDOR), legend: VENDOR_LEGEND }],
    }),
    lines({
      title: "Errors by vendor",
      description:
        "Requests per second that ended in anything but ok, whoever's fault it was. Not narrowed by namespace.",
      unit: "reqps",
      width: 8,
      queries: [
        {
          expr: `${sum(recorded(series.OUTCOME_REQUESTS_RATE, `outcome!~"|${OUTCOME_OK}"`), LABEL_VENDOR)} or ${sum(recorded(series.OUTCOME_REQUESTS_RATE), LABEL_VENDOR)} * 0`,
          legend: VENDOR_LEGEND,
        },
      ],
    }),
    ...bytesByVendor(12),
  ],
};

const REQUESTS = { increase: series.NAMESPACE_REQUESTS_INCREASE, rate: series.NAMESPACE_REQUESTS_RATE };

const totals = {
  title: "Totals and trend",
  panels: [
    table({
      title: "Counted so far",
      description: "What the pods that run now have counted since they started, exactly as the filter counted it.",
      width: 24,
      labels: { [LABEL_VENDOR]: "Vendor" },
      columns: [
        { name: "Requests", unit: "short", expr: sum(scraped(VENDOR_REQUESTS), LABEL_VENDOR) },
        { name: "Sent", unit: "decbytes", expr: sum(scraped(VENDOR_SENT_BYTES), LABEL_VENDOR) },
        { name: "Received", unit: "decbytes", expr: sum(scraped(VENDOR_RECEIVED_BYTES), LABEL_VENDOR) },
      ],
    }),
    totalsTable({ what: "Requests", unit: "short", growths: [REQUESTS], width: 12 }),
    totalsTable({ what: "Bytes", unit: "decbytes", growths: [SENT, RECEIVED], width: 12 }),
    lines({
      title: "Requests against the week before",
      description:
        "Proxy requests per second, and the same a week earlier. No second line before there is a week of data.",
      unit: "reqps",
      width: 12,
      queries: weekBefore(sum(requests), sum(`${requests} offset 7d`)),
    }),
    lines({
      title: "Bytes against the week before",
      description: "Bytes per second of both directions, and the same a week earlier.",
      unit: "Bps",
      width: 12,
      queries: weekBefore(both(sent, received), both(`${sent} offset 7d`, `${received} offset 7d`)),
    }),
  ],
};

const BY_PLACE = [LABEL_VENDOR, "namespace"];

const breakdown = {
  title: "Breakdown",
  panels: [
    table({
      title: "Vendor by namespace",
      description: "What each namespace sends through each vendor, over the past five minutes.",
      width: 24,
      labels: { [LABEL_VENDOR]: "Vendor", namespace: "Namespace" },
      columns: [
        { name: "Requests", unit: "reqps", expr: sum(requests, ...BY_PLACE) },
        { name: "Vendor success", unit: "percentunit", limits: SUCCESS, expr: success(...BY_PLACE) },
        { name: "Sent", unit: "Bps", expr: sum(sent, ...BY_PLACE) },
        { name: "Received", unit: "Bps", expr: sum(received, ...BY_PLACE) },
        { name: "Active connections", unit: "short", expr: sum(active, ...BY_PLACE) },
      ],
    }),
  ],
};

const flow = {
  title: "Flow",
  panels: [
    flowPanel({
      title: "Pod, vendor, destination",
      description:
        "Who sends through whom to where over the time range: bytes on top, requests below, faults in the details. The 40 biggest links on each side; `proxymeter graph` exports the same. What the range ends with comes up to six minutes later.",
      width: 24,
      height: 16,
    }),
  ],
};

export function overview() {
  return dashboard("overview", {
    variables: ["cluster", "namespace", "vendor", "destination"],
    rows: [now, traffic, totals, breakdown, flow],
  });
}
