// SPDX-License-Identifier: Apache-2.0
/**
 * Where the traffic goes: shares, the vendor by destination table, speed, what could not be told, and single series.
 */
import * as contract from "../../filter/core/contract.ts";
import * as series from "../recorded.ts";
import { dashboard } from "./dashboard.ts";
import { BANS, FAULTS, UNKNOWN } from "./limits.ts";
import { bars, lines, shares } from "./panels.ts";
import { both, rate, recorded, scraped, share, sum, top, total } from "./selectors.ts";
import { table } from "./tables.ts";

const { LABEL_VENDOR, LABEL_DESTINATION, LABEL_POOL, LABEL_OUTCOME, LABEL_PROTOCOL } = contract;
const HOST_LEGEND = `{{${LABEL_DESTINATION}}}`;
const MOST = 10;

const requests = recorded(series.DESTINATION_REQUESTS_RATE);
const sent = recorded(series.DESTINATION_SENT_RATE);
const received = recorded(series.DESTINATION_RECEIVED_RATE);
const faults = recorded(series.DESTINATION_FAULTS_RATE);
const bans = recorded(series.DESTINATION_BANS_RATE);
const firstByte = recorded(series.DESTINATION_FIRST_BYTE_MEAN);

/** Weighted by requests, as a mean of means would not be. */
function meanFirstByte(...labels: string[]): string {
  const weight = `${requests} * (${firstByte} >= bool 0)`;
  return `${sum(`${requests} * ${firstByte}`, ...labels)} / (${sum(weight, ...labels)} > 0)`;
}

const where = {
  title: "Shares",
  panels: [
    shares({
      title: "Requests by destination",
      description:
        "Share of the requests of the past five minutes, the ten biggest. `other` is everything too small to go by name.",
      unit: "reqps",
      width: 8,
      queries: [{ expr: top(MOST, sum(requests, LABEL_DESTINATION)), legend: HOST_LEGEND }],
    }),
    shares({
      title: "Bytes by destination",
      description: "Share of the bytes of both directions, the ten biggest.",
      unit: "Bps",
      width: 8,
      queries: [{ expr: top(MOST, both(sent, received, LABEL_DESTINATION)), legend: HOST_LEGEND }],
    }),
    bars({
      title: "Most bytes in 24 h",
      description: "Bytes of both directions over the past day by destination, the ten biggest.",
      unit: "decbytes",
      width: 8,
      queries: [
        {
          expr: `sort_desc(${top(
            MOST,
            [series.DESTINATION_SENT_INCREASE, series.DESTINATION_RECEIVED_INCREASE]
              .map((increase, index) =>
                sum(
                  total(
                    { increase, rate: index === 0 ? series.DESTINATION_SENT_RATE : series.DESTINATION_RECEIVED_RATE },
                    "24h",
                  ),
                  LABEL_DESTINATION,
                ),
              )
              .join(" + "),
          )})`,
          legend: HOST_LEGEND,
        },
      ],
    }),
    lines({
      title: "Requests over time",
      description: "Proxy requests per second of the ten biggest destinations.",
      unit: "reqps",
      width: 12,
      queries: [{ expr: top(MOST, sum(requests, LABEL_DESTINATION)), legend: HOST_LEGEND }],
    }),
    lines({
      title: "Received over time",
      description: "Bytes per second from the ten destinations that send the most.",
      unit: "Bps",
      width: 12,
      queries: [{ expr: top(MOST, sum(received, LABEL_DESTINATION)), legend: HOST_LEGEND }],
    }),
  ],
};

const BY_BOTH = [LABEL_VENDOR, LABEL_DESTINATION];

const matrix = {
  title: "Vendor by destination",
  panels: [
    table({
      title: "Vendor by destination",
      description:
        "Which vendor serves which destination how well, over the past five minutes. `other` is a vendor's rest, so that rows add up.",
      width: 24,
      height: 12,
      labels: { [LABEL_VENDOR]: "Vendor", [LABEL_DESTINATION]: "Destination" },
      columns: [
        { name: "Requests", unit: "reqps", expr: sum(requests, ...BY_BOTH) },
        {
          name: "Vendor faults",
          unit: "percentunit",
          limits: FAULTS,
          expr: share(sum(faults, ...BY_BOTH), sum(requests, ...BY_BOTH)),
        },
        {
          name: "Banned",
          unit: "percentunit",
          limits: BANS,
          expr: share(sum(bans, ...BY_BOTH), sum(requests, ...BY_BOTH)),
        },
        { name: "Sent", unit: "Bps", expr: sum(sent, ...BY_BOTH) },
        { name: "Received", unit: "Bps", expr: sum(received, ...BY_BOTH) },
        { name: "First byte, mean", unit: "ms", expr: sum(firstByte, ...BY_BOTH) },
      ],
    }),
  ],
};

const speed = {
  title: "Speed",
  panels: [
    bars({
      title: "Slowest destinations",
      description: "Mean time to the first byte by destination over all chosen vendors, the ten slowest.",
      unit: "ms",
      width: 8,
      queries: [{ expr: `sort_desc(${top(MOST, meanFirstByte(LABEL_DESTINATION))})`, legend: HOST_LEGEND }],
    }),
    lines({
      title: "Mean first byte over time",
      description: "Mean time to the first byte of the ten slowest destinations.",
      unit: "ms",
      width: 16,
      queries: [{ expr: top(MOST, meanFirstByte(LABEL_DESTINATION)), legend: HOST_LEGEND }],
    }),
  ],
};

const unknown = {
  title: "What could not be told",
  panels: [
    lines({
      title: "Not attributed",
      description:
        "Share of all bytes: of an unknown vendor, without a destination, or inside TLS to the gateway itself.",
      unit: "percentunit",
      width: 8,
      limits: UNKNOWN,
      queries: [{ expr: recorded(series.UNATTRIBUTED_SHARE), legend: `{{${contract.LABEL_REASON}}}` }],
      noValue: "everything is attributed",
    }),
    lines({
      title: "Destinations without a slot",
      description:
        "Requests per second whose destination was counted as `other` because its pod's slots were taken: raise limits.destinations where it matters.",
      unit: "reqps",
      width: 8,
      // Envoy shows the counter from its first increment on.
      queries: [
        { expr: `${sum(rate(scraped(contract.DESTINATIONS_OVERFLOW)))} or ${sum(requests)} * 0`, legend: "to other" },
      ],
    }),
    lines({
      title: "Contradictions",
      description: "Requests per second whose header named another vendor than the gateway that was used.",
      unit: "reqps",
      width: 8,
      queries: [{ expr: sum(rate(scraped(contract.CONTRADICTIONS)), LABEL_VENDOR), legend: `{{${LABEL_VENDOR}}}` }],
      noValue: "no contradictions",
    }),
  ],
};

const detail = {
  title: "In detail",
  panels: [
    table({
      title: "By pool and protocol",
      description: "How the chosen pools are asked, over all destinations. The 100 biggest rows.",
      width: 12,
      labels: { [LABEL_VENDOR]: "Vendor", [LABEL_POOL]: "Pool", [LABEL_PROTOCOL]: "Protocol" },
      columns: [
        {
          name: "Requests",
          unit: "reqps",
          expr: top(100, sum(recorded(series.POOL_OUTCOME_RATE), LABEL_VENDOR, LABEL_POOL, LABEL_PROTOCOL)),
        },
      ],
    }),
    table({
      title: "By outcome",
      description: "How requests for the chosen destinations end, of those that go by name. The 100 biggest rows.",
      width: 12,
      labels: {
        [LABEL_VENDOR]: "Vendor",
        [LABEL_DESTINATION]: "Destination",
        [LABEL_OUTCOME]: "Outcome",
        [contract.LABEL_RESPONSE_CODE]: "Code",
      },
      columns: [
        {
          name: "Requests",
          unit: "reqps",
          expr: top(
            100,
            sum(
              recorded(series.DESTINATION_OUTCOME_RATE),
              ...[LABEL_VENDOR, LABEL_DESTINATION, LABEL_OUTCOME, contract.LABEL_RESPONSE_CODE],
            ),
          ),
        },
      ],
    }),
    bars({
      title: "Turns inside tunnels",
      description:
        "Times per second that clients spoke after the server inside a tunnel: an estimate of the requests in it, the ten biggest.",
      unit: "reqps",
      width: 24,
      queries: [
        {
          expr: `sort_desc(${top(MOST, sum(recorded(series.DESTINATION_TURNS_RATE), LABEL_DESTINATION))})`,
          legend: HOST_LEGEND,
        },
      ],
      noValue: "no tunnels",
    }),
  ],
};

export function destinations() {
  return dashboard("destinations", {
    variables: ["cluster", "namespace", "vendor", "pool", "destination"],
    rows: [where, matrix, speed, unknown, detail],
  });
}
