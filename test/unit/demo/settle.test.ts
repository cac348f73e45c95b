// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about when the two sides of a report can be compared.
 */
import { describe, expect, it } from "vitest";
import { isSettled } from "../../../demo/settle.ts";

const CLOSED_AT = 1_000_000;

/** One pod, last scraped so many milliseconds after the last connection closed. */
function scrapedAfter(milliseconds: number, { openConnections = 0, pods = 1 } = {}): Promise<boolean> {
  const scrape = { labels: { pod: "crawler-0" }, value: (CLOSED_AT + milliseconds) / 1000 };
  const activity = () => ({ openConnections, lastCloseAt: CLOSED_AT });
  return isSettled({ activity, query: async () => [scrape], podCount: pods });
}

describe("isSettled", () => {
  it("is true when every pod was scraped later than the filter holds counts back after the last close", async () => {
    expect(await scrapedAfter(2000)).toBe(true);
  });

  it("is false when the scrape may have come before the filter's tick", async () => {
    expect(await scrapedAfter(900)).toBe(false);
  });

  it("is false while a connection is open", async () => {
    expect(await scrapedAfter(2000, { openConnections: 1 })).toBe(false);
  });

  it("is false when a pod could not be scraped", async () => {
    expect(await scrapedAfter(2000, { pods: 2 })).toBe(false);
  });

  it("looks at what is open after it has asked, not before", async () => {
    let openConnections = 0;
    const activity = () => ({ openConnections, lastCloseAt: CLOSED_AT });
    const query = async () => {
      openConnections = 1;
      return [{ labels: {}, value: CLOSED_AT }];
    };
    expect(await isSettled({ activity, query, podCount: 1 })).toBe(false);
  });
});
