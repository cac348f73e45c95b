// SPDX-License-Identifier: Apache-2.0
/**
 * What crawlers do, and when: seeded, weighted, with a long tail.
 */
import { describe, expect, it } from "vitest";
import { Clock, paceClosedLoop, paceOpenLoop } from "../../../loadgen/pace.ts";
import { exponential, geometric, logNormal, seededRandom } from "../../../loadgen/random.ts";
import { arrivals } from "../../../loadgen/schedule.ts";
import { DEFAULT_WORKLOAD, makeWorkload, type VendorShare } from "../../../loadgen/workload.ts";

const HOSTS = Array.from({ length: 50 }, (_, index) => new URL(`https://shop-${index}.example/`));
const share = (more: Partial<VendorShare>): VendorShare => ({
  weight: 1,
  sites: HOSTS,
  isLiteral: false,
  isTunnel: true,
  ...more,
});

function visits(count: number, shares: VendorShare[], more = {}, seed = 1) {
  const next = makeWorkload(shares, { ...DEFAULT_WORKLOAD, ...more }, seededRandom(seed));
  return Array.from({ length: count }, next);
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const draw = (count: number, one: (random: () => number) => number) => {
  const random = seededRandom(5);
  return Array.from({ length: count }, () => one(random));
};

describe("makeWorkload", () => {
  it("gives the same visits for the same seed and others for another", () => {
    expect(visits(50, [share({})])).toEqual(visits(50, [share({})]));
    expect(visits(50, [share({})])).not.toEqual(visits(50, [share({})], {}, 2));
  });

  it("shares visits out as the weights say", () => {
    const shares = [40, 35, 25].map((weight) => share({ weight }));
    const counts = [0, 0, 0];
    for (const { vendor } of visits(20_000, shares)) counts[vendor] = (counts[vendor] ?? 0) + 1;
    for (const [index, want] of [0.4, 0.35, 0.25].entries()) expect((counts[index] ?? 0) / 20_000).toBeCloseTo(want, 1);
  });

  it("asks every host for something and the first one for most", () => {
    const counts = new Map<string, number>();
    for (const { site } of visits(20_000, [share({})])) counts.set(site.host, (counts.get(site.host) ?? 0) + 1);
    expect(counts.size).toBe(HOSTS.length);
    const first = counts.get("shop-0.example") ?? 0;
    expect(first).toBe(Math.max(...counts.values()));
    expect(first / (counts.get("shop-49.example") ?? 0)).toBeGreaterThan(30);
  });

  it("keeps to one site in a tunnel and moves about without one", () => {
    const options = { requestsPerConnection: 5, pipelinedShare: 0 };
    const hosts = (isTunnel: boolean) =>
      visits(100, [share({ isTunnel })], options).map(({ steps }) => new Set(steps.map(({ site }) => site.host)).size);
    expect(Math.max(...hosts(true))).toBe(1);
    expect(Math.max(...hosts(false))).toBeGreaterThan(1);
  });

  it("pipelines to one site only, and never an upload", () => {
    const options = { requestsPerConnection: 5, pipelinedShare: 1, uploadShare: 1 };
    for (const { steps, site, isPipelined } of visits(100, [share({ isTunnel: false })], options)) {
      expect(isPipelined).toBe(true);
      expect(steps.every((step) => step.site === site && step.question.method === "GET")).toBe(true);
    }
  });

  it("asks for literal addresses as they stand", () => {
    const sites = [new URL("https://a.example/list?page=2")];
    for (const { steps } of visits(20, [share({ sites, isLiteral: true })], { uploadShare: 1 })) {
      expect(steps[0]?.question).toMatchObject({ method: "GET", path: "/list?page=2", authority: "a.example" });
    }
  });

  it("keeps bodies below the limit", () => {
    const options = { uploadShare: 0.5, maxBodyBytes: 9_000 };
    const sizes = visits(2_000, [share({})], options).flatMap(({ steps }) =>
      steps.map(({ question }) => question.requestBytes || Number(question.path.split("=")[1] ?? 0)),
    );
    expect(Math.max(...sizes)).toBe(9_000);
  });

  it("refuses to choose among no sites", () => {
    expect(() => visits(1, [share({ sites: [] })])).toThrow(/got none/);
  });
});

describe("the distributions", () => {
  it("have the means and medians that they are asked for", () => {
    expect(mean(draw(20_000, (random) => exponential(random, 50)))).toBeCloseTo(50, -1);
    expect(mean(draw(20_000, (random) => geometric(random, 4)))).toBeCloseTo(4, 0);
    expect(draw(100, (random) => geometric(random, 1))).toEqual(Array(100).fill(1));
    const sizes = draw(20_001, (random) => logNormal(random, 8_000, 1.3)).sort((a, b) => a - b);
    expect((sizes[10_000] ?? 0) / 8_000).toBeCloseTo(1, 1);
  });

  it("gives arrivals that keep the rate", () => {
    const times = arrivals(seededRandom(1), 100);
    let last = 0;
    for (let count = 0; count < 10_000; count += 1) last = times.next().value ?? 0;
    expect(last / 10_000).toBeCloseTo(10, 0);
  });
});

describe("pacing", () => {
  it("starts an open loop's visits on time although none of them ends", async () => {
    const clock = new Clock(200);
    const late: number[] = [];
    const options = { visitsPerSecond: 500, random: seededRandom(1) };
    await paceOpenLoop(clock, options, (at) => late.push(clock.elapsedMs - at));
    expect(late.length).toBeGreaterThan(60);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(-2);
    expect(clock.elapsedMs).toBeGreaterThan(195);
  });

  it("starts what was due before the end although it is late", async () => {
    const clock = new Clock(50);
    let last = 0;
    const options = { visitsPerSecond: 1_000, random: seededRandom(1) };
    await paceOpenLoop(clock, options, (at) => {
      last = at;
      if (clock.elapsedMs < 20) while (clock.elapsedMs < 80);
    });
    expect(last).toBeGreaterThan(40);
    expect(last).toBeLessThanOrEqual(50);
  });

  it("never has more visits open in a closed loop than there are crawlers", async () => {
    let open = 0;
    let most = 0;
    let count = 0;
    await paceClosedLoop(new Clock(100), { crawlers: 5, meanThinkMs: 1, random: seededRandom(1) }, async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 5));
      open -= 1;
      count += 1;
    });
    expect(most).toBeLessThanOrEqual(5);
    expect(most).toBeGreaterThan(1);
    expect(count).toBeGreaterThan(15);
    expect(open).toBe(0);
  });

  it("ends at once when it is stopped", async () => {
    const clock = new Clock(Number.POSITIVE_INFINITY);
    const pacing = paceOpenLoop(clock, { visitsPerSecond: 0.001, random: seededRandom(1) }, () => {});
    clock.stop();
    await pacing;
    expect(clock.elapsedMs).toBeLessThan(1_000);
  });
});
