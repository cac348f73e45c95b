// SPDX-License-Identifier: Apache-2.0
/**
 * Alerts on traffic that is not as usual: stopped, far from the past week, not attributed, beyond the limits.
 */
import { describe, expect, it } from "vitest";
import * as contract from "../../filter/core/contract.ts";
import * as recorded from "../../grafana/recorded.ts";
import { alive, counter, type Piece, sample, steady, type Target, vendor } from "./driver/pods.ts";
import { differences, type Expectation, fires, type Series, silent } from "./driver/promtool.ts";
import { levels, recordedSeries } from "./driver/recorded.ts";

const ACME = { proxy_vendor: "acme" };
const A: Target = { pod: "a" };
const story = (series: readonly Series[], ...expected: Expectation[]) => differences({ series, expect: expected });

function pod(target: Target, pieces: readonly Piece[]): Series[] {
  const bytes = pieces.map((piece) => ("perMinute" in piece ? { ...piece, perMinute: piece.perMinute * 1000 } : piece));
  return [
    ...alive(target, pieces),
    ...vendor("acme", target, { requests: counter(pieces), sent: counter(bytes), received: counter(bytes) }),
  ];
}

describe("ProxymeterVendorTrafficStopped", () => {
  const NAME = "ProxymeterVendorTrafficStopped";

  it("fires when a vendor's pods go on without a request", () => {
    const series = pod(A, [
      { minutes: 60, perMinute: 10 },
      { minutes: 30, perMinute: 0 },
    ]);
    expect(story(series, silent("60m", NAME), fires("85m", NAME, ACME))).toBe("");
  });

  it("stays silent while a long tunnel moves bytes", () => {
    const series = [
      ...alive(A, [{ minutes: 90, perMinute: 1 }]),
      ...vendor("acme", A, {
        requests: counter([
          { minutes: 60, perMinute: 10 },
          { minutes: 30, perMinute: 0 },
        ]),
        sent: steady(1000, 90),
        received: steady(9000, 90),
      }),
    ];
    expect(story(series, silent("85m", NAME))).toBe("");
  });

  it.each<[string, Piece[]]>([
    [
      "scraping is out",
      [
        { minutes: 60, perMinute: 10 },
        { minutes: 30, perMinute: 10, unseen: true },
      ],
    ],
    [
      "the vendor or its pods were removed",
      [
        { minutes: 60, perMinute: 10 },
        { minutes: 30, absent: true },
      ],
    ],
    [
      "the volume was low before",
      [
        { minutes: 60, perMinute: 0.5 },
        { minutes: 30, perMinute: 0 },
      ],
    ],
    ["a counter begins anew", [{ minutes: 60, perMinute: 10 }, { restart: true }, { minutes: 30, perMinute: 10 }]],
  ])("stays silent when %s", (_what, pieces) => {
    expect(story(pod(A, pieces), silent("85m", NAME))).toBe("");
  });

  it("stays silent at an hour at which yesterday was idle too", () => {
    const day = (record: string, busy: number) =>
      recordedSeries(record, ACME, levels([busy, 60], [0, 23 * 60], [busy, 60], [0, 60]));
    const series = [
      day(recorded.VENDOR_REQUESTS_RATE, 1),
      day(recorded.VENDOR_RECEIVED_RATE, 5000),
      day(recorded.VENDOR_REQUESTS_INCREASE, 300),
    ];
    expect(differences({ rules: ["alerts"], scrape: "1m", series, expect: [silent("25h40m", NAME)] })).toBe("");
  });
});

/** Eight days in steps of five minutes: the same every day but for the last two hours. */
const DAY = 288;
function week(record: string, usual: number, now: number, days = 7): Series {
  return recordedSeries(record, ACME, levels(["_", (7 - days) * DAY], [usual, days * DAY], [now, 25]));
}
const weekly = (series: readonly Series[], ...expected: Expectation[]) =>
  differences({ rules: ["alerts"], scrape: "5m", evaluation: "1h", series, expect: expected });
const AFTER_A_WEEK = "170h";

describe("ProxymeterVendorBytesUnusual", () => {
  const NAME = "ProxymeterVendorBytesUnusual";
  const bytes = (usual: number, now: number, days?: number) => [
    week(recorded.VENDOR_SENT_RATE, usual / 10, now / 10, days),
    week(recorded.VENDOR_RECEIVED_RATE, usual, now, days),
  ];

  it.each([
    ["there are three times the bytes", 3e6, "high"],
    ["there is a tenth", 1e5, "low"],
  ])("fires when %s", (_what, now, direction) => {
    expect(weekly(bytes(1e6, now), fires(AFTER_A_WEEK, NAME, { ...ACME, direction }))).toBe("");
  });

  it.each([
    ["within the usual", 1e6, 1.5e6, 7],
    ["for a rise at low volume", 1000, 5000, 7],
    ["for a fall at low volume", 1000, 10, 7],
    ["before it knows three days", 1e6, 3e6, 2],
  ])("stays silent %s", (_what, usual, now, days) => {
    expect(weekly(bytes(usual, now, days), silent(AFTER_A_WEEK, NAME))).toBe("");
  });
});

describe("ProxymeterVendorSuccessUnusual", () => {
  const NAME = "ProxymeterVendorSuccessUnusual";
  const faults = (usual: number, now: number, volume = 100) => [
    week(recorded.FAULT_RATIO["1h"], usual, now),
    week(recorded.VENDOR_REQUESTS_INCREASE, volume, volume),
  ];

  it("fires when faults rise from 2 % to 15 %", () => {
    expect(weekly(faults(0.02, 0.15), fires(AFTER_A_WEEK, NAME, ACME))).toBe("");
  });

  it("stays silent at the usual rate, however bad, and at low volume", () => {
    expect(weekly(faults(0.3, 0.4), silent(AFTER_A_WEEK, NAME))).toBe("");
    expect(weekly(faults(0.02, 0.15, 1), silent(AFTER_A_WEEK, NAME))).toBe("");
  });
});

describe("ProxymeterUnattributedShare", () => {
  const NAME = "ProxymeterUnattributedShare";
  const unknown = (share: number, reason = "unknown_vendor", perMinute = 1e7) => [
    ...alive(A, [{ minutes: 90, perMinute: 1 }]),
    ...vendor("acme", A, { sent: steady(perMinute / 10, 90), received: steady(perMinute, 90) }),
    sample(contract.UNATTRIBUTED_BYTES, A, steady(perMinute * 1.1 * share, 90), { reason }),
  ];

  it("fires when a tenth of the bytes has no known vendor", () => {
    expect(story(unknown(0.1), fires("85m", NAME, { reason: "unknown_vendor" }))).toBe("");
  });

  it("stays silent for TLS to the gateway, which hides destinations by design, for a small share and little traffic", () => {
    expect(story(unknown(0.9, "opaque_tls"), silent("85m", NAME))).toBe("");
    expect(story(unknown(0.02), silent("85m", NAME))).toBe("");
    expect(story(unknown(0.1, "unknown_vendor", 1e4), silent("85m", NAME))).toBe("");
  });
});

describe("ProxymeterDestinationsOverflow", () => {
  const NAME = "ProxymeterDestinationsOverflow";
  const overflow = (perMinute: number, requests = 60) => [
    ...alive(A, [{ minutes: 60, perMinute: 1 }]),
    ...vendor("acme", A, { requests: steady(requests, 60) }),
    sample(contract.DESTINATIONS_OVERFLOW, A, steady(perMinute, 60)),
  ];

  it("fires when a fifth of the requests goes to `other`", () => {
    expect(story(overflow(12), fires("55m", NAME, { namespace: "crawl", severity: "info" }))).toBe("");
  });

  it("stays silent for one in a hundred, and at low volume", () => {
    expect(story(overflow(0.6), silent("55m", NAME))).toBe("");
    expect(story(overflow(1, 2), silent("55m", NAME))).toBe("");
  });

  it("stays silent when only a second scrape of the pods would double it over the limit", () => {
    const series = [
      ...overflow(2),
      ...overflow(2).map(({ series: name, values }) => ({ series: name.replace("a:15090", "a:15020"), values })),
    ];
    expect(story(series, silent("55m", NAME))).toBe("");
  });
});
