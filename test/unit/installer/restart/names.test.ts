// SPDX-License-Identifier: Apache-2.0
/**
 * Workloads as they are named on the command line.
 */
import { describe, expect, it } from "vitest";
import type { RestartFacts, Workload } from "../../../../installer/restart/model.ts";
import { isNamed, mustExist, parseWorkloadName } from "../../../../installer/restart/names.ts";

const CRAWLER: Workload = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "crawler", namespace: "crawl" },
};
const FACTS: RestartFacts = {
  namespaces: [{ name: "crawl", labels: {}, pods: [], workloads: [CRAWLER], owned: [] }],
  meshTags: [],
  webhooks: [],
};

describe("a workload's name", () => {
  it.each([
    ["deployment/crawler", { kind: "Deployment", name: "crawler" }],
    ["deploy/crawler", { kind: "Deployment", name: "crawler" }],
    ["sts/frontier", { kind: "StatefulSet", name: "frontier" }],
    ["crawl/DaemonSet/probe", { kind: "DaemonSet", name: "probe", namespace: "crawl" }],
  ])("%j is read", (text, expected) => {
    expect(parseWorkloadName(text)).toEqual({ text, ...expected });
  });

  it.each(["crawler", "pod/crawler-0", "deployment/", "/deployment/crawler", "a/b/deployment/crawler", ""])(
    "%j is refused with what is expected",
    (text) => {
      expect(() => parseWorkloadName(text)).toThrow("expected KIND/NAME or NAMESPACE/KIND/NAME");
    },
  );

  it("without a namespace means every opted-in one", () => {
    const name = parseWorkloadName("deploy/crawler");
    const entry = { namespace: "crawl", kind: "Deployment", name: "crawler" };
    expect(isNamed(entry, [name])).toBe(true);
    expect(isNamed({ ...entry, kind: "StatefulSet" }, [name])).toBe(false);
    expect(isNamed(entry, [parseWorkloadName("fleet/deploy/crawler")])).toBe(false);
  });

  it.each([
    ["deploy/crawler", undefined],
    ["deploy/other", 'cannot find Deployment "other" in an opted-in namespace (searched: crawl)'],
    ["fleet/deploy/crawler", 'cannot restart "fleet/deploy/crawler": namespace fleet is not opted in'],
  ])("%s must be in an opted-in namespace", (text, message) => {
    const check = () => mustExist([parseWorkloadName(text)], FACTS);
    if (message === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(message);
  });

  it("is not needed for a refusal where no namespace is opted in", () => {
    expect(() => mustExist([], { ...FACTS, namespaces: [] })).toThrow("no namespace is opted in");
  });
});
