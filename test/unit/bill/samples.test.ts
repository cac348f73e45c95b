// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about reading raw samples of pods: few pods at once, and smaller pieces where a piece was too much, with nothing lost or
 * doubled.
 */
import { describe, expect, it } from "vitest";
import type { RawSeries } from "../../../bill/usage/prometheus/growth.ts";
import { samplesInBatches } from "../../../bill/usage/prometheus/samples.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
const PODS = ["a", "b", "c"];
const REQUEST = {
  metric: "m_total",
  scope: { job: "j", matchers: [] },
  window: { from: 0, to: DAY * 1000 },
  pods: PODS,
};
const TOO_MANY = new Error("query processing would load too many samples into memory in query execution");

/** Has a sample of each pod every hour, and refuses more than so many of them, whose ends belong to what is asked. */
function limited(most: number, refusal: Error = TOO_MANY) {
  const asked: number[] = [];
  const raw = async (selector: string, time = 0): Promise<RawSeries[]> => {
    const [, names = "", span = ""] = /pod=~"([^"]*)"}\[(\d+)ms\]/.exec(selector) ?? [];
    const series = names.split("|").map((pod): RawSeries => {
      const points: [number, number][] = [];
      for (let at = time - Number(span) / 1000; at <= time; at += HOUR) points.push([at, at + DAY]);
      return { labels: { pod }, points };
    });
    const samples = series.reduce((sum, { points }) => sum + points.length, 0);
    asked.push(samples);
    if (samples > most) throw refusal;
    return series;
  };
  return { raw, asked };
}

async function read(source: ReturnType<typeof limited>) {
  const found: RawSeries[] = [];
  for await (const batch of samplesInBatches(source, REQUEST)) found.push(...batch);
  return found;
}

describe("raw samples of pods", () => {
  const whole = 49;

  it("are asked for two pods at once", async () => {
    const source = limited(Number.POSITIVE_INFINITY);
    expect((await read(source)).map(({ labels }) => labels.pod)).toEqual(PODS);
    expect(source.asked).toEqual([2 * whole, whole]);
  });

  it.each([
    ["one pod", whole],
    ["half the time", 25],
    ["an eighth of the time", 7],
  ])("are the same where no more than %s is answered at once", async (_title, most) => {
    expect(await read(limited(most))).toEqual(await read(limited(Number.POSITIVE_INFINITY)));
  });

  it("are given up where pieces of hours are too much, and at once where that is not the reason", async () => {
    await expect(read(limited(3))).rejects.toBe(TOO_MANY);
    const gone = limited(0, new Error("connection refused"));
    await expect(read(gone)).rejects.toThrow("connection refused");
    expect(gone.asked).toHaveLength(1);
  });

  it("are read in smaller pieces after what stood for too much on any way", async () => {
    const refusals = [
      Object.assign(new Error("refused"), { code: "E_PROMQL" }),
      Object.assign(new Error("no"), { cause: new DOMException("The operation was aborted", "TimeoutError") }),
      Object.assign(new Error("no"), { cause: Object.assign(new Error(""), { code: "ERR_STRING_TOO_LONG" }) }),
      new RangeError("Invalid string length"),
    ];
    for (const refusal of refusals) expect(await read(limited(whole, refusal))).toHaveLength(PODS.length);
  });
});
