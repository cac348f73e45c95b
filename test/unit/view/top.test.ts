// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about `proxymeter top`: what it asks, the rows that answers make, their order, and that no name can move the cursor.
 */
import { describe, expect, it } from "vitest";
import { lookOnce } from "../../../view/terminal/live.ts";
import { topText } from "../../../view/terminal/screen.ts";
import { GROUPINGS, questions, type Row, rowsOf, topRows } from "../../../view/terminal/top.ts";

const scope = { job: "proxymeter", window: "60s" };
const of = (vendor: string, value: number) => ({ labels: { proxy_vendor: vendor }, value });

describe("questions", () => {
  it.each(GROUPINGS)("select our job in every selector by %s", (grouping) => {
    for (const expression of Object.values(questions(grouping, scope))) {
      expect(expression).toMatch(/proxymeter_\w+\{job="proxymeter"/);
    }
  });

  it("are narrowed to a vendor and namespaces, quoted", () => {
    const { requests } = questions("vendor", { ...scope, vendor: 'a"b', namespaces: ["crawl", "c.awl"] });
    expect(requests).toBe(
      'sum by (proxy_vendor) (proxymeter_vendor_requests_total{job="proxymeter", proxy_vendor="a\\"b", namespace=~"crawl|c\\\\.awl"})',
    );
  });
});

describe("the share of success", () => {
  it("is of requests whose outcome is known: pods that were not restarted yet tell none", () => {
    const { all, ok } = questions("vendor", scope);
    expect(all).toBe('sum by (proxy_vendor) (rate(proxymeter_requests_total{job="proxymeter", outcome!=""}[60s]))');
    expect(ok).toBe('sum by (proxy_vendor) (rate(proxymeter_requests_total{job="proxymeter", outcome="ok"}[60s]))');
  });
});

describe("rowsOf", () => {
  it("puts the answers of a name into one row, and leaves out what was never used", () => {
    const rows = rowsOf("vendor", {
      requests: [of("acme", 10), of("idle", 0)],
      sentBytes: [of("acme", 100)],
      receivedBytes: [of("acme", 1000)],
      requestsPerSecond: [of("acme", 2)],
      all: [of("acme", 2)],
      ok: [of("acme", 1.5)],
      connections: [of("acme", 3)],
    });
    expect(rows).toEqual([
      {
        ...{ name: "acme", requestsPerSecond: 2, sentBytesPerSecond: 0, receivedBytesPerSecond: 0, okShare: 0.75 },
        ...{ requests: 10, sentBytes: 100, receivedBytes: 1000, connections: 3 },
      },
    ]);
  });

  it("knows no share of success without an outcome", () => {
    expect(rowsOf("vendor", { requests: [of("acme", 1)] })[0]?.okShare).toBeNull();
  });
});

describe("topRows", () => {
  const row = (name: string, requests: number, okShare: number | null): Row => ({
    ...{ name, requests, okShare, requestsPerSecond: 0, sentBytesPerSecond: 0, receivedBytesPerSecond: 0 },
    ...{ sentBytes: 0, receivedBytes: 0, connections: null },
  });
  const rows = [row("b", 1, 0.5), row("a", 3, null), row("c", 2, 0.1)];

  it.each([
    ["requests", ["a", "c"]],
    ["name", ["a", "b"]],
    ["okShare", ["c", "b"]],
  ] as const)("has the first two by %s", (key, want) => {
    expect(topRows(rows, key, 2).map(({ name }) => name)).toEqual(want);
  });
});

describe("topText", () => {
  it("draws what one look found, and how many more there are", async () => {
    const query = async (expression: string) =>
      expression.includes("vendor_requests_total") ? [of("acme", 5), of("globex", 4)] : [];
    const sections = await lookOnce(
      { address: "", query },
      { groupings: ["vendor"], scope, sort: "requests", limit: 1 },
    );
    expect(topText(sections)).toMatch(/^vendor +req\/s .*\nacme .*\nand 1 more$/);
  });

  it("writes control and direction characters out", () => {
    const name = "a\u001b[2J\u202eb\nc";
    const rows = rowsOf("vendor", { requests: [of(name, 1)] });
    const text = topText([{ grouping: "vendor", rows, count: 1 }]);
    expect(text).toContain("a\\u001b[2J\\u202eb\\u000ac");
    expect(text.split("\n")).toHaveLength(2);
  });

  it("says that nothing was sent yet", () => {
    expect(topText([{ grouping: "pod", rows: [], count: 0 }])).toBe("pod: nothing was sent yet");
  });
});
