// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the report: what is compared with what, and when a check fails. Evidence is built by hand, one pod and one vendor at a time.
 */
import { describe, expect, it } from "vitest";
import * as contract from "../../../filter/core/contract.ts";
import type { Sample } from "../../../demo/prometheus/query.ts";
import { ledgerRecord, relayRecord, type WireRecord } from "../../../demo/report/actual.ts";
import { problems } from "../../../demo/report/problems.ts";
import { buildReport, type Evidence } from "../../../demo/report/report.ts";
import { reportText } from "../../../demo/report/table.ts";

const TARGET = { pod: "crawler-0", namespace: "crawl" };

function sample(metric: string, value: number, labels: Record<string, string> = {}): Sample {
  return { labels: { __name__: metric, ...TARGET, proxy_vendor: "acme", ...labels }, value };
}

function vendorSamples(): Sample[] {
  return [
    sample(contract.VENDOR_REQUESTS, 3),
    sample(contract.VENDOR_SENT_BYTES, 300),
    sample(contract.VENDOR_RECEIVED_BYTES, 5000),
    sample(contract.VENDOR_REQUESTS, 0, { proxy_vendor: "unknown" }),
  ];
}

function splitSamples(): Sample[] {
  const shop = { destination_host: "shop-01.example", proxy_pool: "residential" };
  const other = { destination_host: "shop-02.example", proxy_pool: "residential" };
  return [
    sample(contract.REQUESTS, 1, { ...shop, outcome: "ok" }),
    sample(contract.REQUESTS, 1, { ...shop, outcome: "rate_limited" }),
    sample(contract.REQUESTS, 1, { ...other, outcome: "ok" }),
    sample(contract.SENT_BYTES, 200, shop),
    sample(contract.SENT_BYTES, 100, other),
    sample(contract.RECEIVED_BYTES, 4000, shop),
    sample(contract.RECEIVED_BYTES, 1000, other),
    sample(contract.COUNTRY_SENT_BYTES, 300, { proxy_country: "de" }),
    sample(contract.COUNTRY_RECEIVED_BYTES, 5000, { proxy_country: "de" }),
    sample(contract.FAILED_SENT_BYTES, 50, { outcome: "rate_limited" }),
    sample(contract.CONNECTIONS, 2, { protocol: "connect" }),
    sample(contract.CONNECTIONS, 1, { protocol: "http" }),
  ];
}

function record(): WireRecord {
  return {
    ...{ witness: "relay", ...TARGET, vendor: "acme", connections: 3, resets: 0 },
    ...{ requests: 3, sentBytes: 300, receivedBytes: 5000 },
    destinations: [
      { host: "shop-01.example", requests: 2, sentBytes: 200, receivedBytes: 4000 },
      { host: "shop-02.example", requests: 1, sentBytes: 100, receivedBytes: 1000 },
    ],
  };
}

function evidence(samples = [...vendorSamples(), ...splitSamples()], records = [record()]): Evidence {
  return { samples, records, settled: true, durationSeconds: 20, bytesPerReset: 0, isOwnLoad: true };
}

/** Evidence in which the counters of one metric have another value. */
function withValue(metric: string, value: number): Evidence {
  const whole = evidence();
  const samples = whole.samples.map((one) => (one.labels.__name__ === metric ? { ...one, value } : one));
  return { ...whole, samples };
}

function nameOf({ labels }: Sample): string | undefined {
  return labels.__name__;
}

function failedChecks(given: Evidence): string[] {
  return buildReport(given)
    .checks.filter(({ pass }) => !pass)
    .map(({ id }) => id);
}

describe("buildReport", () => {
  it("puts metered beside actual for vendors, pods and destinations", () => {
    const pairs = {
      requests: { metered: 3, actual: 3 },
      sentBytes: { metered: 300, actual: 300 },
      receivedBytes: { metered: 5000, actual: 5000 },
    };
    const report = buildReport(evidence());
    expect(report.vendors).toEqual([{ vendor: "acme", ...pairs }]);
    expect(report.pods).toEqual([{ pod: "crawler-0", namespace: "crawl", vendor: "acme", ...pairs }]);
    expect(report.destinations.map(({ host, requests }) => [host, requests])).toEqual([
      ["shop-01.example", { metered: 2, actual: 2 }],
      ["shop-02.example", { metered: 1, actual: 1 }],
    ]);
  });

  it("is ok when both sides agree to the byte, with checks A, B, C, D and books", () => {
    const report = buildReport(evidence());
    expect(report.ok).toBe(true);
    expect(report.checks.map(({ id }) => id)).toEqual(["A", "B", "C", "D", "books"]);
    expect(problems(report, evidence())).toEqual([]);
  });

  it("is not ok when the run did not settle, though every check passes", () => {
    const report = buildReport({ ...evidence(), settled: false });
    expect(report.checks.every(({ pass }) => pass)).toBe(true);
    expect(report.ok).toBe(false);
  });

  it("leaves out vendors that have only zeros", () => {
    expect(buildReport(evidence()).vendors.map(({ vendor }) => vendor)).toEqual(["acme"]);
  });

  it("counts the connections that were reset, and excuses nothing by them where none was to be", () => {
    const given = evidence(undefined, [{ ...record(), resets: 2 }]);
    expect(buildReport(given).resets).toEqual({ connections: 2, bytesBound: 0 });
    expect(failedChecks({ ...given, records: [{ ...record(), resets: 2, sentBytes: 299 }] })).toContain("C");
  });

  it("bounds the difference by the resets in a run with reset faults, row by row", () => {
    const given = { ...evidence(undefined, [{ ...record(), resets: 2 }]), bytesPerReset: 40 };
    const report = buildReport(given);
    expect(report.resets).toEqual({ connections: 2, bytesBound: 80 });
    expect(report.vendors[0]?.sentBytes).toEqual({ metered: 300, actual: 300, bound: 80 });
    expect(report.vendors[0]?.requests).toEqual({ metered: 3, actual: 3 });
    const within = sample(contract.VENDOR_SENT_BYTES, 380);
    const beyond = sample(contract.VENDOR_SENT_BYTES, 381);
    const checkC = (one: Sample) =>
      buildReport({ ...given, samples: given.samples.map((old) => (nameOf(old) === nameOf(one) ? one : old)) })
        .checks[2];
    expect(checkC(within)?.pass).toBe(true);
    expect(checkC(beyond)?.pass).toBe(false);
  });

  it("shows the bound of other clients' resets only where both sides differ", () => {
    const given = { ...evidence(undefined, [{ ...record(), resets: 1, sentBytes: 269 }]), bytesPerReset: 40 };
    const [row] = buildReport({ ...given, isOwnLoad: false }).vendors;
    expect(row?.sentBytes).toEqual({ metered: 300, actual: 269, bound: 40 });
    expect(row?.receivedBytes).toEqual({ metered: 5000, actual: 5000 });
  });

  it("shows traffic that the filter gave to a vendor without a relay", () => {
    const stray = sample(contract.VENDOR_SENT_BYTES, 7, { proxy_vendor: "unknown" });
    const given = evidence([...evidence().samples, stray]);
    expect(buildReport(given).vendors.map(({ vendor, sentBytes }) => [vendor, sentBytes])).toContainEqual([
      "unknown",
      { metered: 7, actual: 0 },
    ]);
    expect(failedChecks(given)).toContain("C");
  });
});

describe("checks", () => {
  it.each([
    ["a request too many", contract.VENDOR_REQUESTS, 4, ["A", "books"]],
    ["a sent byte too few", contract.VENDOR_SENT_BYTES, 299, ["C", "books"]],
    ["a received byte too many", contract.VENDOR_RECEIVED_BYTES, 5001, ["D", "books"]],
    ["a country's bytes that do not add up", contract.COUNTRY_SENT_BYTES, 299, ["books"]],
    ["failed bytes larger than the whole", contract.FAILED_SENT_BYTES, 301, ["books"]],
  ])("fail for %s", (_name, metric, value, ids) => {
    expect(failedChecks(withValue(metric, value))).toEqual(ids);
  });

  it("fail for bytes booked on the wrong destination, though vendor totals agree", () => {
    const samples = evidence().samples.map((one) =>
      one.labels.destination_host === "shop-02.example"
        ? { ...one, labels: { ...one.labels, destination_host: "shop-03.example" } }
        : one,
    );
    expect(failedChecks(evidence(samples))).toEqual(["B"]);
  });

  it("fail without traffic", () => {
    const silent = { connections: 0, requests: 0, sentBytes: 0, receivedBytes: 0, destinations: [] };
    expect(failedChecks(evidence([sample(contract.VENDOR_REQUESTS, 0)], [{ ...record(), ...silent }]))).toEqual([
      ...["A", "B", "C", "D"],
    ]);
  });

  it("fail when a pod has no series for a vendor that it used", () => {
    const given = evidence([]);
    expect(failedChecks(given)).toContain("books");
    expect(problems(buildReport(given), given).join("\n")).toContain("no series for acme");
  });

  it("fail when a relay's own records do not add up", () => {
    const torn = record();
    torn.destinations.pop();
    expect(failedChecks(evidence(undefined, [torn]))).toEqual(["B", "books"]);
  });
});

describe("check of connections", () => {
  const more = (connections: number) => evidence(undefined, [{ ...record(), connections }]);

  it("fails when the filter saw fewer than the relay, or more", () => {
    expect(failedChecks(more(4))).toEqual(["books"]);
    expect(failedChecks(more(2))).toEqual(["books"]);
  });

  it("lets other clients open connections on which they say nothing", () => {
    expect(failedChecks({ ...more(4), isOwnLoad: false })).toEqual([]);
    expect(failedChecks({ ...more(2), isOwnLoad: false })).toEqual(["books"]);
  });
});

describe("header-routed requests", () => {
  const pod = { name: "crawler-0", namespace: "crawl", labels: {} };
  const ledger = ["shop-01.example", "shop-02.example"].map((host, index) => ({
    ...{ pod: "crawler-0", vendor: "initech-api", host, connections: 1, ok: 1 + index, failed: 0, reasons: {} },
    ...{ requests: 1 + index, sentBytes: 100 * (1 + index), receivedBytes: 1000 * (1 + index) },
  }));
  const own = { proxy_vendor: "initech-api" };
  const samples = (sent: number) => [
    sample(contract.VENDOR_REQUESTS, 3, own),
    sample(contract.VENDOR_SENT_BYTES, sent, own),
    sample(contract.VENDOR_RECEIVED_BYTES, 3000, own),
    ...[1, 2].flatMap((count) => [
      sample(contract.REQUESTS, count, { ...own, destination_host: `shop-0${count}.example` }),
      sample(contract.SENT_BYTES, (sent / 3) * count, { ...own, destination_host: `shop-0${count}.example` }),
      sample(contract.RECEIVED_BYTES, 1000 * count, { ...own, destination_host: `shop-0${count}.example` }),
    ]),
  ];
  const given = (sent: number): Evidence => ({
    ...evidence([...evidence().samples, ...samples(sent)]),
    records: [
      record(),
      ledgerRecord(pod, "initech-api", [...ledger, ...ledger.map((row) => ({ ...row, vendor: "acme" }))]),
    ],
  });

  it("are compared with the load generator's ledger, within the stated bound for each request", () => {
    const report = buildReport(given(3 * (100 - 24)));
    expect(report.ok).toBe(true);
    expect(report.vendors[1]).toEqual({
      vendor: "initech-api",
      requests: { metered: 3, actual: 3 },
      sentBytes: { metered: 228, actual: 300, bound: 192 },
      receivedBytes: { metered: 3000, actual: 3000, bound: 192 },
    });
    expect(report.destinations.find(({ vendor }) => vendor === "initech-api")?.sentBytes.bound).toBe(64);
  });

  it("leave the vendors with a gateway without a bound", () => {
    expect(buildReport(given(300)).vendors[0]?.sentBytes).toEqual({ metered: 300, actual: 300 });
  });

  it("fail the checks beyond the bound", () => {
    expect(failedChecks(given(3 * (100 - 65)))).toEqual(["B", "C", "books"]);
  });
});

describe("relayRecord", () => {
  it("calls bytes that belong to no readable request what the filter calls them", () => {
    const bare = { host: "", requests: 0, sentBytes: 5, receivedBytes: 6 };
    const snapshot = { ...{ connections: 1, openConnections: 0, lastCloseAt: 1, resets: 0 }, ...bare };
    const pod = { name: "crawler-0", namespace: "crawl", labels: {} };
    expect(relayRecord(pod, "acme", { ...snapshot, destinations: [bare] }).destinations).toEqual([
      { ...bare, host: "unknown" },
    ]);
  });
});

describe("reportText", () => {
  it("shows every row, every check and the difference", () => {
    const text = reportText(buildReport(withValue(contract.VENDOR_SENT_BYTES, 299)));
    expect(text).toContain("shop-02.example");
    expect(text).toContain("FAIL  C");
    expect(text).toContain("PASS  D");
    expect(text).toMatch(/299 │\s+300 │\s+-1 /);
  });
});
