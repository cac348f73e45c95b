// SPDX-License-Identifier: Apache-2.0
/**
 * The simulated pods of the fleet benchmark against a real Envoy with the real filter: same families, labels, types, buckets.
 */
import { readFileSync } from "node:fs";
import { ProxyAgent, request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { poll } from "../../demo/poll.ts";
import type { Announcement } from "../../demo/serve/announcement.ts";
import { expositionOf, sampleCount } from "../fleet/exposition.ts";
import { makePod } from "../fleet/pod.ts";
import { type Demo, startDemo } from "./driver/demo-process.ts";
import { parseExposition } from "./driver/exposition.ts";

const simulated = expositionOf(makePod(0, 0))(600);

/** `TYPE` lines, and names with their labels' names in order. */
function shapeOf(text: string): string[] {
  const types = text.split("\n").filter((line) => line.startsWith("# TYPE"));
  const series = parseExposition(text).map(({ name, labels }) => `${name}{${Object.keys(labels).join(",")}}`);
  return [...new Set([...types, ...series])].sort();
}

function boundsOf(text: string): string[] {
  return [...new Set(parseExposition(text).flatMap(({ labels }) => labels.le ?? []))];
}

describe("a simulated pod", () => {
  const ends: (() => Promise<void>)[] = [];
  let demo: Demo;
  let real = "";

  beforeAll(async () => {
    demo = startDemo(["--serve"], { atEnd: (step) => ends.push(step) });
    const at = JSON.parse(await demo.says("\n", "stdout")) as Announcement;
    const ca = readFileSync(at.ca, "utf8");
    for (const { proxy } of at.vendors.filter(({ protocol }) => protocol === "http")) {
      const dispatcher = new ProxyAgent({ uri: proxy, requestTls: { ca } });
      const { body } = await request("https://shop-01.example/bytes?size=1000", { dispatcher });
      await body.dump();
      await expect(request("https://nowhere.example/", { dispatcher })).rejects.toThrow();
      await dispatcher.close();
    }
    const read = async () => {
      real = await (await fetch(`${at.admin}/stats/prometheus?filter=proxymeter_`)).text();
      return real.includes("proxymeter_duration_milliseconds_bucket") || undefined;
    };
    await poll(read, { what: "the counters", deadlineMs: 20_000, signal: new AbortController().signal, hint: "" });
  });
  afterAll(async () => {
    for (const end of ends) await end();
  });

  it("has every family, type and label of a real one, and no other", () => {
    expect(shapeOf(simulated).filter((line) => !shapeOf(real).includes(line))).toEqual([]);
    expect(shapeOf(real).filter((line) => !shapeOf(simulated).includes(line))).toEqual([]);
  });

  it("has Envoy's buckets", () => {
    expect(boundsOf(simulated)).toEqual(boundsOf(real));
  });

  it("has as many samples as it says, none twice", () => {
    expect(parseExposition(simulated).length).toBe(sampleCount(makePod(0, 0)));
  });

  it("is another one after it was replaced, and the same in every run", () => {
    expect(makePod(3, 1)).toEqual(makePod(3, 1));
    expect(makePod(3, 1).pod).not.toBe(makePod(3, 0).pod);
  });
});
