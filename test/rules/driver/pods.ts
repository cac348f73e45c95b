// SPDX-License-Identifier: Apache-2.0
/**
 * Pods as Prometheus sees them, for stories: counters that grow by the minute, with restarts, outages and ends.
 */
import * as contract from "../../../filter/core/contract.ts";
import { labelsText, type Series } from "./promtool.ts";

/** Scrapes a minute in the stories that give no other interval. */
export const SCRAPES = 4;

/** A piece of a counter's life: how long, how much a minute; or a scrape outage, in which it grows unseen; or nothing. */
export type Piece =
  | { minutes: number; perMinute: number }
  | { minutes: number; perMinute: number; unseen: true }
  | { minutes: number; absent: true }
  | { restart: true };

/** Samples of a counter that begins at 0, or at `start`, in promtool's notation; the first scrape without it says that it ended. */
export function counter(pieces: readonly Piece[], start = 0, scrapes = SCRAPES): string {
  let value = start;
  const values: string[] = [];
  const missing = () => (values.length === 0 || /^[_s]/.test(values.at(-1) ?? "") ? "_" : "stale");
  for (const piece of pieces) {
    if ("restart" in piece) value = 0;
    else if ("absent" in piece) {
      for (let scrape = 0; scrape < piece.minutes * scrapes; scrape += 1) values.push(missing());
    } else {
      for (let scrape = 0; scrape < piece.minutes * scrapes; scrape += 1) {
        values.push("unseen" in piece ? missing() : String(value));
        value += piece.perMinute / scrapes;
      }
    }
  }
  return values.join(" ");
}

/** The same growth for so long. */
export function steady(perMinute: number, minutes: number): string {
  return counter([{ minutes, perMinute }]);
}

export interface Target {
  pod: string;
  instance?: string;
  job?: string;
  namespace?: string;
  workload?: string;
}

export function targetLabels({ pod, instance, job, namespace, workload }: Target): Record<string, string> {
  return {
    job: job ?? "proxymeter",
    instance: instance ?? `${pod}:15090`,
    namespace: namespace ?? "crawl",
    workload: workload ?? "crawler",
    pod,
  };
}

export function sample(metric: string, target: Target, values: string, labels: Record<string, string> = {}): Series {
  return { series: `${metric}${labelsText({ ...targetLabels(target), ...labels })}`, values };
}

/** What every metered pod shows: that it answers, and the heartbeat of two workers. */
export function alive(target: Target, pieces: readonly Piece[], encoding: string = contract.ENCODING_FULL): Series[] {
  const seen = pieces.map((piece) =>
    "minutes" in piece && !("absent" in piece) ? { ...piece, perMinute: 120 } : piece,
  );
  const ones = counter(seen).replace(/\d+(\.\d+)?/g, "1");
  return [
    sample("up", target, ones.replace(/_|stale/g, "0")),
    sample(contract.HEARTBEAT_SECONDS, target, counter(seen)),
    sample(contract.INFO, target, ones, { encoding }),
  ];
}

/** The families of one vendor. */
export function vendor(
  name: string,
  target: Target,
  { requests, sent, received }: { requests?: string; sent?: string; received?: string },
): Series[] {
  const labels = { [contract.LABEL_VENDOR]: name };
  return [
    ...(requests === undefined ? [] : [sample(contract.VENDOR_REQUESTS, target, requests, labels)]),
    ...(sent === undefined ? [] : [sample(contract.VENDOR_SENT_BYTES, target, sent, labels)]),
    ...(received === undefined ? [] : [sample(contract.VENDOR_RECEIVED_BYTES, target, received, labels)]),
  ];
}

/** Requests of one outcome to one destination. */
export function requests(
  name: string,
  target: Target,
  values: string,
  more: { outcome?: string; code?: string; pool?: string; destination?: string; protocol?: string } = {},
): Series {
  const { outcome, code = "200", pool = "none", destination = "shop.example", protocol = "connect" } = more;
  return sample(contract.REQUESTS, target, values, {
    [contract.LABEL_VENDOR]: name,
    [contract.LABEL_POOL]: pool,
    [contract.LABEL_DESTINATION]: destination,
    [contract.LABEL_PROTOCOL]: protocol,
    [contract.LABEL_RESPONSE_CODE]: code,
    ...(outcome !== undefined && { [contract.LABEL_OUTCOME]: outcome, [contract.LABEL_PROTOCOL_VERSION]: "1.1" }),
  });
}
