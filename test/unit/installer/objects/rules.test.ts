// SPDX-License-Identifier: Apache-2.0
/**
 * Rules in the cluster: which object holds them where, that they are the checked-in ones, and the vendors' constants,
 * all judged by the real promtool.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse, stringify } from "yaml";
import { findTool } from "../../../../demo/paths.ts";
import * as recorded from "../../../../grafana/recorded.ts";
import { RUNBOOKS } from "../../../../grafana/rules/files.ts";
import type { KubeObject } from "../../../../installer/objects/object.ts";
import { objectsOf } from "../../../../installer/objects/objects.ts";
import { PROMETHEUS_RULE_KIND } from "../../../../installer/objects/rules.ts";
import { POD_MONITOR_KIND } from "../../../../installer/objects/scrape.ts";
import type { Parts } from "../../../../installer/objects/target.ts";
import { constantsOf } from "../../../../installer/objects/vendor-constants.ts";
import { DEFAULTS } from "../../../../installer/vendors/defaults.ts";
import type { VendorsFile } from "../../../../installer/vendors/model.ts";
import { goldenVendors, PARTS, target, vendors } from "./fixtures.ts";

const FULL = goldenVendors("full");
const FOLDER = join(import.meta.dirname, "../../../../grafana/rules");

interface Rule {
  record: string;
  expr: string;
  labels: Record<string, string>;
}

const BOTH_KINDS = [POD_MONITOR_KIND, PROMETHEUS_RULE_KIND];

function rulesObjects(monitor: Parts["monitor"], kinds = BOTH_KINDS, file: VendorsFile = FULL): KubeObject[] {
  const to = target({ parts: { ...PARTS, monitor }, optionalKinds: new Set(kinds) });
  return objectsOf(file, to).filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/component"] === "rules");
}

function promtoolSays(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "rules-object-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return execFileSync(findTool("promtool"), ["check", "rules", ...Object.keys(files)], {
    cwd: folder,
    encoding: "utf8",
  });
}

describe("rules in the cluster", () => {
  it.each<[string, Parts["monitor"], string[] | undefined, string[]]>([
    ["a PrometheusRule beside the PodMonitor", "pod-monitor", undefined, ["PrometheusRule"]],
    ["files where the operator lacks the kind", "pod-monitor", [POD_MONITOR_KIND], ["ConfigMap"]],
    ["files beside the scrape configuration", "scrape-config", undefined, ["ConfigMap"]],
    ["nothing where nothing is scraped", "none", undefined, []],
  ])("are %s", (_what, monitor, kinds, expected) => {
    expect(rulesObjects(monitor, kinds).map(({ kind }) => kind)).toEqual(expected);
  });

  it("are in both forms the checked-in files and the vendors' constants, and promtool takes them", () => {
    const [map] = rulesObjects("scrape-config") as (KubeObject & { data: Record<string, string> })[];
    const [rule] = rulesObjects("pod-monitor");
    const data = map?.data ?? {};
    expect(Object.keys(data)).toEqual(["vendors.yaml", "recording.yaml", "alerts.yaml"]);
    for (const name of ["recording.yaml", "alerts.yaml"]) {
      expect(data[name]).toBe(readFileSync(join(FOLDER, name), "utf8"));
    }
    const groups = Object.values(data).flatMap((text) => (parse(text) as { groups: object[] }).groups);
    expect(rule?.spec).toEqual({ groups });
    expect(promtoolSays(data)).not.toContain("FAILED");
    expect(promtoolSays({ "rule.yaml": stringify(rule?.spec) })).toMatch(/SUCCESS: 1\d\d rules found/);
  });
});

describe("the runbooks' address", () => {
  const PAGE = "https://wiki.example:8443/proxy/alerts%20page.md?of=1&v=2";

  /** Of every alert, in the files of a ConfigMap and in a PrometheusRule, without the heading. */
  function pages(file: VendorsFile): string[][] {
    const [map] = rulesObjects("scrape-config", BOTH_KINDS, file) as (KubeObject & { data: Record<string, string> })[];
    const [rule] = rulesObjects("pod-monitor", BOTH_KINDS, file) as (KubeObject & { spec: object })[];
    const inFiles = Object.values(map?.data ?? {}).flatMap((text) => (parse(text) as { groups: object[] }).groups);
    expect(rule?.spec).toEqual({ groups: inFiles });
    const groups = inFiles as { rules: { alert?: string; annotations?: { runbook_url: string } }[] }[];
    return groups
      .flatMap(({ rules }) => rules)
      .flatMap(({ alert, annotations }) => (alert === undefined ? [] : [[alert, annotations?.runbook_url ?? ""]]));
  }

  it("is that of vendors.yaml in every alert of both forms, before the alert's heading", () => {
    const found = pages({ ...FULL, alerts: { runbookUrl: PAGE } });
    expect(found.length).toBeGreaterThan(20);
    expect(found.map(([, url]) => url)).toEqual(found.map(([alert = ""]) => `${PAGE}#${alert.toLowerCase()}`));
  });

  it("does not stay for the next file", () => {
    pages({ ...FULL, alerts: { runbookUrl: PAGE } });
    expect(pages(FULL).every(([, url]) => url?.startsWith(`${RUNBOOKS}#`))).toBe(true);
  });

  it("is that of the checked-in files where vendors.yaml says nothing", () => {
    expect(DEFAULTS.pages.runbookUrl).toBe(RUNBOOKS);
    expect(vendors("  []").alerts).toEqual({ runbookUrl: RUNBOOKS });
  });
});

describe("the vendors' constants", () => {
  const rules = (text: string) => constantsOf(vendors(text)).rules as Rule[];
  const PLAIN = "  - {name: acme, gateways: [{host: gw.acme.example, ports: [8080]}]";
  const named = (found: Rule[], record: string) => found.filter((rule) => rule.record === record);

  it("have names that rules and dashboards know", () => {
    const known = new Set(
      Object.values(recorded).flatMap((name) => (typeof name === "string" ? [name] : Object.values(name))),
    );
    const found = constantsOf(FULL).rules as Rule[];
    expect(found.map(({ record }) => record).filter((name) => !known.has(name))).toEqual([]);
  });

  it("are the defaults, and no price, where a vendor says nothing", () => {
    const found = rules(`${PLAIN}}`);
    expect(found.every(({ labels }) => labels.proxy_vendor === "acme")).toBe(true);
    expect(named(found, recorded.SUCCESS_TARGET).map(({ expr }) => expr)).toEqual(["vector(0.95)"]);
    expect(named(found, recorded.HANDSHAKE_TARGET).map(({ expr }) => expr)).toEqual(["vector(2000)"]);
    expect(named(found, recorded.PRICE_PER_BYTE)).toEqual([]);
    expect(named(found, recorded.MONTHLY_BUDGET)).toEqual([]);
  });

  it.each([
    ["decimal", 4 / 1e9],
    ["binary", 4 / 2 ** 30],
  ])("hold the price of a byte of a %s GB, and the budget, with their currency", (gigabyte, perByte) => {
    const found = rules(
      `${PLAIN}, price: {currency: EUR, perGB: 4, gigabyte: ${gigabyte}}, alerts: {monthlyBudget: 500}}`,
    );
    const [price] = named(found, recorded.PRICE_PER_BYTE);
    expect(Number(/vector\((.*)\)/.exec(price?.expr ?? "")?.[1])).toBeCloseTo(perByte, 20);
    expect([price?.labels.currency, named(found, recorded.MONTHLY_BUDGET)[0]?.expr]).toEqual(["EUR", "vector(500)"]);
  });

  it("say which directions, handshakes and outcomes the vendor leaves out", () => {
    const found = rules(`${PLAIN}, billing: {directions: received, handshake: false, unbilledOutcomes: [reset]}}`);
    expect(named(found, recorded.BILLS_SENT)[0]?.expr).toBe("vector(0)");
    expect(named(found, recorded.BILLS_RECEIVED)[0]?.expr).toBe("vector(1)");
    expect(named(found, recorded.UNBILLED_KIND).map(({ labels }) => labels.kind)).toContain("proxy_handshake");
    expect(named(found, recorded.UNBILLED_OUTCOME).map(({ labels }) => labels.outcome)).toEqual(["reset"]);
  });
});
