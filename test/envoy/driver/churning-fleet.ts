// SPDX-License-Identifier: Apache-2.0
/**
 * The history of a fleet whose pods come and go, as scrapes see it, and the truth beside it: what the pods really sent, also after
 * their last scrape. Seeded; the families are those of the filter.
 */
import * as contract from "../../../filter/core/contract.ts";
import { seededRandom } from "../../../loadgen/random.ts";
import type { Labels, WrittenSeries } from "./blocks.ts";

export interface FleetOptions {
  seed: number;
  /** Seconds of the epoch. */
  from: number;
  to: number;
  /** Pods that run at any time. */
  slots: number;
  /** Bounds of a pod's life in seconds. */
  life: readonly [least: number, most: number];
  interval: number;
  /** Share of the pods whose sidecar begins anew once. */
  restarts: number;
  /** No scrape succeeds in these times, in seconds of the epoch. */
  outages?: readonly (readonly [from: number, to: number])[];
}

/** One thing that a pod did: a request that flowed at one moment. */
export interface Exchange {
  /** Seconds of the epoch. */
  time: number;
  vendor: string;
  pool: string;
  destination: string;
  outcome: string;
  sent: number;
  received: number;
  /** Of these, the proxy's handshake. */
  handshakeSent: number;
  handshakeReceived: number;
  /** Whether a scrape came after it and before its pod's end or its sidecar's restart. */
  wasScraped: boolean;
}

export interface Fleet {
  series: WrittenSeries[];
  truth: Exchange[];
  pods: number;
}

const VENDORS = ["acme", "globex"] as const;
/** Each by a pool of its own, so that there are no more series than it takes. */
const TARGETS = [
  { destination: "shop-01.example", pool: "residential" },
  { destination: "shop-02.example", pool: "datacenter" },
  { destination: "shop-03.example:8443", pool: "residential" },
];
const EXCHANGES_A_SECOND = 0.3;
const REFUSED = 0.04;

export function churningFleet(options: FleetOptions): Fleet {
  const random = seededRandom(options.seed);
  const fleet: Fleet = { series: [], truth: [], pods: 0 };
  for (let slot = 0; slot < options.slots; slot++) {
    let begin = options.from + Math.floor(random() * 60);
    while (begin < options.to) {
      const [least, most] = options.life;
      const end = Math.min(begin + Math.floor(least + random() * (most - least)), options.to);
      addPod(fleet, { name: `crawler-7d9f8b6c5d-${podSuffix(fleet.pods++)}`, begin, end }, options, random);
      begin = end + 1 + Math.floor(random() * 5);
    }
  }
  return fleet;
}

interface Life {
  name: string;
  begin: number;
  end: number;
}

function addPod(fleet: Fleet, pod: Life, options: FleetOptions, random: () => number): void {
  const restartsAt = random() < options.restarts ? pod.begin + (pod.end - pod.begin) * (0.2 + 0.6 * random()) : pod.end;
  const phase = random() * options.interval;
  const labels = { job: "proxymeter", namespace: "crawl", pod: pod.name, instance: `203.0.113.7:${fleet.pods}` };
  const samples = new Map<string, WrittenSeries & { samples: [number, number][] }>();
  for (const [begin, end] of [
    [pod.begin, restartsAt],
    [restartsAt, pod.end],
  ] as const) {
    const counters = startCounters(labels);
    const exchanges = exchangesOf(begin, end, random);
    let next = 0;
    for (let time = firstScrape(begin, pod.begin + phase, options.interval); time < end; time += options.interval) {
      if (options.outages?.some(([from, to]) => time >= from && time < to)) continue;
      for (; (exchanges[next]?.time ?? Number.POSITIVE_INFINITY) < time; next++) {
        const exchange = exchanges[next];
        if (exchange) counters.count(exchange);
      }
      counters.write(samples, round(time), time - begin);
      for (const exchange of exchanges.slice(0, next)) exchange.wasScraped = true;
    }
    // A fleet of many requests; spreading the list would be too many arguments.
    for (const exchange of exchanges) fleet.truth.push(exchange);
  }
  fleet.series.push(...samples.values());
}

function exchangesOf(begin: number, end: number, random: () => number): Exchange[] {
  const exchanges: Exchange[] = [];
  for (let time = begin; ; ) {
    time += -Math.log(1 - random()) / EXCHANGES_A_SECOND;
    if (time >= end) return exchanges;
    exchanges.push(exchangeAt(round(time), random));
  }
}

function exchangeAt(time: number, random: () => number): Exchange {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const head = {
    ...{ time, vendor: pick(VENDORS), ...pick(TARGETS), wasScraped: false },
    ...{ handshakeSent: 120 + Math.floor(random() * 60), handshakeReceived: 39 },
  };
  if (random() < REFUSED) {
    return {
      ...head,
      outcome: contract.OUTCOME_VENDOR_ERROR,
      sent: head.handshakeSent,
      received: head.handshakeReceived,
    };
  }
  // Sizes of pages are skewed: many small, few large.
  const page = Math.floor(2000 * (1 - random()) ** -0.8);
  const sent = head.handshakeSent + 800 + Math.floor(random() * 500);
  return { ...head, outcome: contract.OUTCOME_OK, sent, received: head.handshakeReceived + Math.min(page, 3_000_000) };
}

function startCounters(pod: Labels) {
  const values = new Map<string, { metric: string; labels: Labels; value: number }>();
  const add = (metric: string, labels: Labels, value: number) => {
    const key = JSON.stringify([metric, labels]);
    const known = values.get(key) ?? { metric, labels: { ...pod, ...labels }, value: 0 };
    known.value += value;
    values.set(key, known);
  };
  for (const vendor of VENDORS) {
    const labels = { [contract.LABEL_VENDOR]: vendor };
    for (const metric of [contract.VENDOR_REQUESTS, contract.VENDOR_SENT_BYTES, contract.VENDOR_RECEIVED_BYTES])
      add(metric, labels, 0);
  }
  return {
    count: (exchange: Exchange) => countExchange(exchange, add),
    write(samples: Map<string, WrittenSeries & { samples: [number, number][] }>, time: number, age: number) {
      const beat = { metric: contract.HEARTBEAT_SECONDS, labels: pod, value: Math.floor(age) };
      for (const { metric, labels, value } of [beat, ...values.values()]) {
        const key = JSON.stringify([metric, labels]);
        const series = samples.get(key) ?? { metric, labels, samples: [] };
        series.samples.push([time, value]);
        samples.set(key, series);
      }
    },
  };
}

function countExchange(exchange: Exchange, add: (metric: string, labels: Labels, value: number) => void): void {
  const { vendor, pool, destination, outcome, sent, received, handshakeSent, handshakeReceived } = exchange;
  const ofVendor = { [contract.LABEL_VENDOR]: vendor };
  const split = {
    ...ofVendor,
    [contract.LABEL_POOL]: pool,
    [contract.LABEL_DESTINATION]: destination,
    [contract.LABEL_PROTOCOL]: contract.PROTOCOL_CONNECT,
  };
  const status = outcome === contract.OUTCOME_OK ? "200" : "502";
  add(contract.VENDOR_REQUESTS, ofVendor, 1);
  add(contract.VENDOR_SENT_BYTES, ofVendor, sent);
  add(contract.VENDOR_RECEIVED_BYTES, ofVendor, received);
  add(contract.REQUESTS, { ...split, [contract.LABEL_OUTCOME]: outcome, [contract.LABEL_RESPONSE_CODE]: status }, 1);
  add(contract.SENT_BYTES, split, sent);
  add(contract.RECEIVED_BYTES, split, received);
  const kind = { ...ofVendor, [contract.LABEL_KIND]: contract.KIND_PROXY_HANDSHAKE };
  add(contract.OVERHEAD_SENT_BYTES, kind, handshakeSent);
  add(contract.OVERHEAD_RECEIVED_BYTES, kind, handshakeReceived);
  if (outcome === contract.OUTCOME_OK) return;
  add(contract.FAILED_SENT_BYTES, { ...ofVendor, [contract.LABEL_OUTCOME]: outcome }, sent);
  add(contract.FAILED_RECEIVED_BYTES, { ...ofVendor, [contract.LABEL_OUTCOME]: outcome }, received);
}

function firstScrape(begin: number, origin: number, interval: number): number {
  return origin + Math.ceil(Math.max(0, begin - origin) / interval) * interval;
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

function podSuffix(index: number): string {
  const letters = "bcdfghjklmnpqrstvwxz";
  return [3, 2, 1, 0, 4]
    .map((place) => letters[Math.floor(index / letters.length ** (place % 3)) % letters.length])
    .join("");
}
