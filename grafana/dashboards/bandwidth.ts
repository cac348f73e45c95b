// SPDX-License-Identifier: Apache-2.0
/**
 * Bytes each way by vendor, pod, workload and country, and what of them was wasted. Money is cost.ts.
 */
import * as contract from "../../filter/core/contract.ts";
import * as series from "../recorded.ts";
import { bytesByVendor, RECEIVED, received, SENT, sent, VENDOR_LEGEND } from "./bytes.ts";
import { cost } from "./cost.ts";
import { dashboard } from "./dashboard.ts";
import { countedByPowersOfTwo, heatmap } from "./heatmaps.ts";
import { WASTE } from "./limits.ts";
import { bars, figure, lines, shares, total as totalFigure } from "./panels.ts";
import { both, recorded, share, sum, top, total } from "./selectors.ts";
import { totalsTable } from "./totals.ts";

const { LABEL_VENDOR, LABEL_OUTCOME, LABEL_KIND, LABEL_COUNTRY, LABEL_POOL } = contract;
const POD = ["namespace", "pod"];
const POD_LEGEND = "{{namespace}}/{{pod}}";
const MOST = 10;
const MOST_POINTS = 100;

const podSent = recorded(series.POD_SENT_RATE);
const podReceived = recorded(series.POD_RECEIVED_RATE);

function totalOf(window: string, name: string) {
  return totalFigure({
    title: `Past ${name}`,
    description: `Bytes of both directions over the past ${name}, up to eleven minutes behind.`,
    unit: "decbytes",
    width: 4,
    queries: [{ expr: `${sum(total(SENT, window))} + ${sum(total(RECEIVED, window))}`, legend: name }],
  });
}

const now = {
  title: "Now and in sum",
  panels: [
    figure({
      title: "Sent",
      description: "Bytes per second from crawler pods to vendors.",
      unit: "Bps",
      width: 6,
      queries: [{ expr: sum(sent), legend: "sent" }],
    }),
    figure({
      title: "Received",
      description: "Bytes per second from vendors to crawler pods.",
      unit: "Bps",
      width: 6,
      queries: [{ expr: sum(received), legend: "received" }],
    }),
    totalOf("24h", "24 h"),
    totalOf("7d", "7 d"),
    totalOf("30d", "30 d"),
  ],
};

const byVendor = {
  title: "By vendor and pool",
  panels: [
    ...bytesByVendor(8),
    lines({
      title: "Both directions by pool",
      description: "Bytes per second by pool of each vendor, the ten biggest.",
      unit: "Bps",
      width: 8,
      queries: [
        {
          expr: top(
            MOST,
            both(recorded(series.POOL_SENT_RATE), recorded(series.POOL_RECEIVED_RATE), LABEL_VENDOR, LABEL_POOL),
          ),
          legend: `${VENDOR_LEGEND} {{${LABEL_POOL}}}`,
        },
      ],
    }),
    totalsTable({ what: "Sent", unit: "decbytes", growths: [SENT], width: 12 }),
    totalsTable({ what: "Received", unit: "decbytes", growths: [RECEIVED], width: 12 }),
  ],
};

const byPod = {
  title: "By pod and workload",
  panels: [
    bars({
      title: "Top 10 pods, sent",
      description: "The pods that send the most to vendors, over the past five minutes.",
      unit: "Bps",
      width: 12,
      queries: [{ expr: `sort_desc(${top(MOST, sum(podSent, ...POD))})`, legend: POD_LEGEND }],
    }),
    bars({
      title: "Top 10 pods, received",
      description: "The pods that receive the most from vendors, over the past five minutes.",
      unit: "Bps",
      width: 12,
      queries: [{ expr: `sort_desc(${top(MOST, sum(podReceived, ...POD))})`, legend: POD_LEGEND }],
    }),
    lines({
      title: "Bytes by workload",
      points: MOST_POINTS,
      description: "Bytes per second of both directions by what owns the pods, the ten biggest.",
      unit: "Bps",
      width: 12,
      queries: [
        { expr: top(MOST, both(podSent, podReceived, "namespace", "workload")), legend: "{{namespace}}/{{workload}}" },
      ],
    }),
    heatmap({
      title: "Transfer rate of pods",
      description:
        "How many pods transfer how much, both directions together. A band that splits or climbs alone is a leak or a stuck shard.",
      unit: "Bps",
      cellUnit: "short",
      isCumulative: false,
      width: 12,
      expr: countedByPowersOfTwo(both(podSent, podReceived, ...POD)),
    }),
  ],
};

const failed = both(recorded(series.FAILED_SENT_RATE), recorded(series.FAILED_RECEIVED_RATE), LABEL_VENDOR);
const vendorBytes = both(recorded(series.VENDOR_SENT_RATE), recorded(series.VENDOR_RECEIVED_RATE), LABEL_VENDOR);

const waste = {
  title: "What of it was wasted",
  panels: [
    lines({
      title: "Bytes of failed requests",
      description:
        "Bytes per second of both directions that belong to requests which did not end well, by how they ended.",
      unit: "Bps",
      width: 8,
      isStacked: true,
      queries: [
        {
          expr: both(recorded(series.FAILED_SENT_RATE), recorded(series.FAILED_RECEIVED_RATE), LABEL_OUTCOME),
          legend: `{{${LABEL_OUTCOME}}}`,
        },
      ],
      noValue: "nothing failed",
    }),
    lines({
      title: "Failed share by vendor",
      description:
        "Share of each vendor's bytes that belongs to failed requests. Whether it is billed depends on the contract.",
      unit: "percentunit",
      width: 8,
      limits: WASTE,
      queries: [{ expr: share(failed, vendorBytes), legend: VENDOR_LEGEND }],
    }),
    lines({
      title: "Handshake overhead",
      description: "Bytes per second spent on talking to the proxy, and on TLS up to the first application data.",
      unit: "Bps",
      width: 8,
      isStacked: true,
      queries: [
        {
          expr: both(recorded(series.OVERHEAD_SENT_RATE), recorded(series.OVERHEAD_RECEIVED_RATE), LABEL_KIND),
          legend: `{{${LABEL_KIND}}}`,
        },
      ],
    }),
  ],
};

const byCountry = {
  title: "By exit country",
  panels: [
    shares({
      title: "Bytes by exit country",
      description:
        "Bytes of both directions over the past day by the country that the proxy username asks for, the ten biggest.",
      unit: "decbytes",
      width: 24,
      queries: [
        {
          expr: top(
            MOST,
            [
              sum(
                total({ increase: series.COUNTRY_SENT_INCREASE, rate: series.COUNTRY_SENT_RATE }, "24h"),
                LABEL_COUNTRY,
              ),
              sum(
                total({ increase: series.COUNTRY_RECEIVED_INCREASE, rate: series.COUNTRY_RECEIVED_RATE }, "24h"),
                LABEL_COUNTRY,
              ),
            ].join(" + "),
          ),
          legend: `{{${LABEL_COUNTRY}}}`,
        },
      ],
      noValue: "no country in usernames",
    }),
  ],
};

export function bandwidth() {
  return dashboard("bandwidth", {
    variables: ["cluster", "namespace", "vendor", "pool"],
    rows: [now, cost, byVendor, byPod, waste, byCountry],
  });
}
