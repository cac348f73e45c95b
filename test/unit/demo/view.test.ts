// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about what is shown of a run: the figures, the screen they make, the lines for logs, and where the figures of a process come from.
 */
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { cpuSeconds, processUse, residentBytes } from "../../../demo/process/use.ts";
import type { Sample } from "../../../demo/prometheus/query.ts";
import type { TrafficSnapshot } from "../../../demo/traffic/traffic.ts";
import { type Look, podFigures, topDestinations, vendorFigures } from "../../../demo/view/figures.ts";
import { lineViewer } from "../../../demo/view/lines.ts";
import { screenText } from "../../../demo/view/screen.ts";
import * as contract from "../../../filter/core/contract.ts";

function sample(metric: string, value: number, labels: Record<string, string> = {}): Sample {
  const target = { pod: "crawler-0", namespace: "crawl" };
  return { labels: { __name__: metric, ...target, proxy_vendor: "acme", ...labels }, value };
}

/** What a run looks like `seconds` after its start: 10 requests, 1,000 bytes and 20,000 bytes each second. */
function look(seconds: number): Look {
  const shop = (index: number) => ({ destination_host: `shop-0${index}.example` });
  return {
    atMs: 5000 + seconds * 1000,
    samples: [
      sample(contract.VENDOR_REQUESTS, 10 * seconds),
      sample(contract.VENDOR_SENT_BYTES, 1000 * seconds),
      sample(contract.VENDOR_RECEIVED_BYTES, 20_000 * seconds),
      sample(contract.VENDOR_REQUESTS, 0, { proxy_vendor: "unknown" }),
      sample(contract.REQUESTS, 9 * seconds, { ...shop(1), outcome: "ok" }),
      sample(contract.REQUESTS, seconds, { ...shop(2), outcome: "vendor_error" }),
      sample(contract.SENT_BYTES, 100 * seconds, shop(1)),
      sample(contract.SENT_BYTES, 900 * seconds, shop(2)),
    ],
    processes: [{ name: "crawler-0", cpuSeconds: 0.25 * seconds, residentBytes: 96_500_000 }],
  };
}

const traffic: TrafficSnapshot = {
  ...{ elapsedMs: 8400, ok: 1234, failed: 5, dropped: 0, openVisits: 17 },
  destinations: [],
};

describe("figures", () => {
  it("give a vendor's totals, its rates of late, and the share of requests that went well", () => {
    expect(vendorFigures(look(3), look(8))).toEqual([
      {
        ...{ name: "acme", requests: 80, sentBytes: 8000, receivedBytes: 160_000 },
        perSecond: { requests: 10, sentBytes: 1000, receivedBytes: 20_000 },
        okShare: 0.9,
      },
    ]);
  });

  it("give a pod's use of processors of late, and none before there are two looks at it", () => {
    expect(podFigures(look(3), look(8))[0]).toMatchObject({ name: "crawler-0", cpus: 0.25, residentBytes: 96_500_000 });
    expect(podFigures({ ...look(3), processes: [] }, look(8))[0]?.cpus).toBeUndefined();
  });

  it("order destinations by their bytes and leave out the rest", () => {
    expect(topDestinations(look(3), look(8), 1).map(({ name }) => name)).toEqual(["shop-02.example"]);
  });

  it("have rates of 0 when both looks are the same", () => {
    expect(vendorFigures(look(3), look(3))[0]?.perSecond).toEqual({ requests: 0, sentBytes: 0, receivedBytes: 0 });
  });
});

describe("screenText", () => {
  const screen = { stage: "making load for 20 s", durationMs: 20_000, traffic, earlier: look(3), now: look(8) };
  const text = screenText(screen);

  it("shows time, answers and failures, and a row for each vendor, destination and pod", () => {
    expect(text).toContain("8 of 20 s, 1,234 requests answered, 5 failed, 17 visits open");
    expect(text).toMatch(/^acme +10\.0 +1\.0 kB +20\.0 kB +80 +8\.0 kB +160\.0 kB +90\.0 % *$/m);
    expect(text).toMatch(/^shop-02\.example /m);
    expect(text).toMatch(/^crawler-0 .* 25\.0 % +96\.5 MB *$/m);
  });

  it("leaves out the end of a run that has none", () => {
    expect(screenText({ ...screen, durationMs: undefined })).toContain("\n8 s, 1,234");
  });

  it("fits a terminal of 80 columns", () => {
    expect(Math.max(...text.split("\n").map((line) => line.trimEnd().length))).toBeLessThanOrEqual(80);
  });

  it("stands without figures at the start", () => {
    const empty = { ...look(0), samples: [], processes: [] };
    expect(screenText({ ...screen, earlier: empty, now: empty })).toContain("vendor");
  });
});

describe("lineViewer", () => {
  it("writes a line for each step, and one for every fifth tick", () => {
    const output = new PassThrough();
    const viewer = lineViewer(output);
    const scene = { durationMs: undefined, traffic: () => traffic, samples: async () => [], processes: () => [] };
    viewer.stage("starting");
    for (let tick = 0; tick < 11; tick += 1) viewer.tick(scene);
    viewer.loaded(traffic);
    const progress = "demo: 8 s: 1234 requests answered, 5 failed, 17 visits open";
    const end = "demo: load over: 1234 requests answered, 5 failed, 0 dropped";
    expect(String(output.read()).trimEnd().split("\n")).toEqual(["demo: starting", progress, progress, end]);
  });
});

describe("processUse", () => {
  it("reads processor time behind a program's name with blanks and brackets", () => {
    const stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 10 0 0 0 150 50 0 0 20 0 7 0 100 1000 200";
    expect(cpuSeconds(stat)).toBe(2);
  });

  it("reads resident memory, and none of a process that has ended", () => {
    expect(residentBytes("Name:\tenvoy\nVmRSS:\t   97600 kB\nThreads:\t7\n")).toBe(97_600 * 1024);
    expect(residentBytes("Name:\tenvoy\nState:\tZ (zombie)\n")).toBe(0);
  });

  it("answers for this process, and not for one that does not exist", () => {
    expect(processUse("node", process.pid)?.residentBytes).toBeGreaterThan(1_000_000);
    expect(processUse("nobody", 2 ** 30)).toBeUndefined();
  });
});
