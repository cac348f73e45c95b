// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about every query of every dashboard, asked of a real Prometheus with our rules that scrapes a real run of the
 * main job: none fails and none is empty. Totals of a day, a week and a month rest on back-filled blocks (history.ts),
 * panels about containers on a stand-in (kubelet.ts).
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { poll } from "../../demo/poll.ts";
import { type Graph, readGraph } from "../../grafana/graph.ts";
import { ask, askAt } from "./ask.ts";
import { questionsOf, readDashboards } from "./checked-in.ts";
import { type Stage, startStage } from "./stage.ts";

const questions = readDashboards().flatMap(questionsOf);
const HOUR = 3600;
const DAY = 24 * HOUR;
/** Rules over five minutes, and those that other rules feed, need a while. */
const DEADLINE_MS = 150_000;
const SLOWEST_MS = 1500;

const now = () => Math.floor(Date.now() / 1000);
let stage: Stage;

describe("a real run with our rules", () => {
  beforeAll(async () => {
    stage = await startStage();
  });
  afterAll(() => stage?.teardown.run());

  it("answers every question of every panel over the past hour, with all values chosen", async () => {
    let silent: string[] = [];
    const check = async () => {
      const answers = await askAll(HOUR);
      silent = answers.filter(({ count }) => count < 1).map(({ name, error }) => `${name}${error ? `: ${error}` : ""}`);
      return silent.length === 0 ? true : undefined;
    };
    await poll(check, {
      what: "answers to all questions",
      deadlineMs: DEADLINE_MS,
      everyMs: 5000,
      signal: new AbortController().signal,
      detail: () => `, silent are\n${silent.join("\n")}`,
      hint: "",
    });
    expect(silent).toEqual([]);
  });

  it.each([5 * 60, DAY, 7 * DAY, 30 * DAY])("fails no question over %i seconds", async (rangeSeconds) => {
    const answers = await askAll(rangeSeconds);
    expect(answers.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  it("fails no question where values are chosen, and answers about the chosen vendor only", async () => {
    const chosen = {
      namespace: "crawl",
      vendor: "(acme|globex)",
      pool: "datacenter",
      destination: "shop-01\\\\.example",
    };
    const answers = await askAll(HOUR, chosen);
    expect(answers.filter(({ error }) => error !== undefined)).toEqual([]);
    const vendors = new Set(answers.flatMap(({ labels }) => labels.map(({ proxy_vendor }) => proxy_vendor)));
    vendors.delete(undefined);
    expect([...vendors].sort()).toEqual(["acme", "globex"]);
  });

  it("names every line by a label that it has", async () => {
    const unnamed: string[] = [];
    for (const question of questions) {
      const names = [...(question.target.legendFormat ?? "").matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
      const { labels } = await ask(stage.prometheus.url, question, { end: now(), rangeSeconds: HOUR });
      const absent = names.filter((label) => !labels.some((each) => each[label]));
      if (absent.length > 0) unnamed.push(`${question.name}: ${absent.join(", ")}`);
    }
    expect(unnamed).toEqual([]);
  });

  it.each([
    ["growths", HOUR],
    ["rates, before the first growth", 20],
  ])("is a graph whose links join its nodes, and whose senders add up to their vendors, of %s", async (_, seconds) => {
    const { nodes, links } = await graphOf(seconds);
    const ids = new Set(nodes.map(({ id }) => id));
    expect(links.filter(({ source, target }) => !ids.has(source) || !ids.has(target))).toEqual([]);
    const vendors = nodes.filter(({ kind, bytes }) => kind === "vendor" && bytes > 0);
    expect(vendors.map(({ name }) => name)).toEqual(expect.arrayContaining(["acme", "globex", "initech"]));
    for (const { id, bytes, requests } of vendors) {
      const into = links.filter(({ target }) => target === id);
      expect(into.reduce((sum, link) => sum + link.requests, 0) / requests).toBeCloseTo(1, 6);
      expect(into.reduce((sum, link) => sum + link.bytes, 0) / bytes).toBeCloseTo(1, 6);
    }
  });

  it("answers each question in less than 1.5 s", async () => {
    const answers = await askAll(HOUR);
    expect(answers.filter(({ milliseconds }) => milliseconds > SLOWEST_MS).map(({ name }) => name)).toEqual([]);
  });
});

/** The graph up to so long ago that every rule has written its answer, once the pods of the run are in it. */
function graphOf(seconds: number): Promise<Graph> {
  const read = async () => {
    const to = now() - 10;
    const options = {
      range: { from: to - seconds, to },
      sender: "pod",
      top: 1000,
      namespaces: [],
      vendors: [],
    } as const;
    const graph = await readGraph(options, (promql, time) => askAt(stage.prometheus.url, promql, time));
    return graph.nodes.some(({ id }) => id === "pod/crawl/crawler-0") ? graph : undefined;
  };
  return poll(read, {
    what: "the pods of the run in the graph",
    deadlineMs: DEADLINE_MS,
    everyMs: 2000,
    signal: new AbortController().signal,
    hint: "",
  });
}

async function askAll(rangeSeconds: number, chosen: Record<string, string> = {}) {
  const answers = [];
  for (const question of questions) {
    const answer = await ask(stage.prometheus.url, question, { end: now(), rangeSeconds, chosen });
    answers.push({ name: question.name, ...answer });
  }
  return answers;
}
