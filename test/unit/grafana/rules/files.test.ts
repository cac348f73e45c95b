// SPDX-License-Identifier: Apache-2.0
/**
 * The rule files as a whole: fresh, complete, held to our conventions, with a runbook for each alert.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findTool } from "../../../../demo/paths.ts";
import * as contract from "../../../../filter/core/contract.ts";
import * as recorded from "../../../../grafana/recorded.ts";
import { ALERT_GROUPS, alertmanagerFile, RECORDING_GROUPS, ruleFiles } from "../../../../grafana/rules/files.ts";
import { BROKEN, COUNTED, ENDED, RESUMED, STARTED, TARGET } from "../../../../grafana/rules/promql.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const FOLDER = join(ROOT, "grafana/rules");
const rules = RECORDING_GROUPS.flatMap((group) => group.rules);
const alerts = ALERT_GROUPS.flatMap((group) => group.alerts);
const names = Object.values(recorded).flatMap((name) => (typeof name === "string" ? [name] : Object.values(name)));
/** Which targets are counted: what is summed is joined with one of them. */
const MARKS = [BROKEN, COUNTED, ENDED, RESUMED, STARTED];
/** From vendors.yaml, written by the installer. */
const CONSTANTS = [
  recorded.SUCCESS_TARGET,
  recorded.HANDSHAKE_TARGET,
  recorded.PRICE_PER_BYTE,
  recorded.MONTHLY_BUDGET,
  recorded.BILLS_SENT,
  recorded.BILLS_RECEIVED,
  recorded.UNBILLED_KIND,
  recorded.UNBILLED_OUTCOME,
] as string[];

describe("the checked-in files", () => {
  it.each([...ruleFiles(), alertmanagerFile()].map(({ name, text }) => [name, text]))(
    "%s is fresh (npm run generate writes it)",
    (name, text) => {
      expect(readFileSync(join(FOLDER, name), "utf8")).toBe(text);
    },
  );

  it("pass promtool check rules", () => {
    const files = ruleFiles().map(({ name }) => name);
    const said = execFileSync(findTool("promtool"), ["check", "rules", ...files], { cwd: FOLDER, encoding: "utf8" });
    expect(said.match(/SUCCESS: \d+ rules found/g)).toHaveLength(files.length);
  });
});

describe("recording rules", () => {
  it("write every name of recorded.ts, but for the constants", () => {
    const written = new Set(rules.map(({ record }) => record));
    const missing = names.filter((name) => name.includes(":") && !written.has(name) && !CONSTANTS.includes(name));
    expect(missing).toEqual([]);
  });

  it.each([...new Set(rules.map(({ record }) => record))].map((record) => [record]))(
    "%s is level:metric:operation",
    (record) => {
      expect(record).toMatch(/^(vendor(_[a-z]+)*|namespace|pod|fleet):proxymeter_[a-z_]+:[a-z0-9_]+$/);
    },
  );

  it("read raw series from our scrape job only", () => {
    for (const { record, expr } of rules) {
      for (const [selector] of expr.matchAll(/(?<![\w:])(proxymeter_\w+|up)(\{[^}]*\})?(?![\w:])/g)) {
        expect(selector, record).toContain(`job="${recorded.JOB}"`);
      }
    }
  });

  it("count one target of a pod wherever they sum a family of the filter", () => {
    const reading = /\b(?:rate|increase|last_over_time)\(proxymeter_\w+\{[^}]*\}\[\w+\](?: offset \w+)?\)/g;
    const joined = MARKS.flatMap((mark) =>
      ["", "last_over_time("].map((before) => ` and on (${TARGET}) ${before}${mark}`),
    );
    const sums = rules.filter(({ record }) => !MARKS.includes(record));
    const found = sums.flatMap(({ record, expr }) =>
      [...expr.matchAll(reading)].map(({ 0: text, index }) => [record, expr.slice(index + text.length)] as const),
    );
    expect(found.length).toBeGreaterThan(50);
    for (const [record, rest] of found)
      expect(
        joined.some((text) => rest.startsWith(text)),
        record,
      ).toBe(true);
  });

  it("name families and labels of the contract", () => {
    const families = Object.values<string>(contract).filter((value) => value.startsWith("proxymeter_"));
    for (const { record, expr } of rules) {
      for (const [, family = ""] of expr.matchAll(/(?<![\w:])(proxymeter_\w+)\{/g)) {
        expect(families, record).toContain(
          family.replace(/_milliseconds_(bucket|sum|count)$/, (whole) =>
            families.includes(family) ? whole : "_milliseconds",
          ),
        );
      }
    }
  });

  it("are read before they are written only by themselves or from another interval", () => {
    for (const { interval, rules: all } of RECORDING_GROUPS) {
      all.forEach(({ record, expr }, at) => {
        const later = all.slice(at + 1).filter((rule) => rule.record !== record && expr.includes(rule.record));
        const isOwnPast = later.every((rule) => expr.includes(`last_over_time(${rule.record}`));
        expect(isOwnPast, `${interval} ${record}`).toBe(true);
      });
    }
  });

  it("of growths are read by other groups over a range only: at the moment that they are written the last are too old", () => {
    const readers = [...RECORDING_GROUPS, ...ALERT_GROUPS].map((group) => ({
      name: group.name,
      exprs: "rules" in group ? group.rules.map(({ expr }) => expr) : group.alerts.map(({ expr }) => expr),
    }));
    for (const { name, interval, rules: all } of RECORDING_GROUPS) {
      if (interval !== "5m") continue;
      const others = readers.filter((group) => group.name !== name).flatMap(({ exprs }) => exprs);
      for (const { record } of all) {
        const instant = new RegExp(`(?<![\\w:])${record}(?![\\w:])(\\{[^}]*\\})?(?!\\[|\\{)`);
        expect(
          others.filter((expr) => instant.test(expr)),
          record,
        ).toEqual([]);
      }
    }
  });
});

describe("alerts", () => {
  const page = readFileSync(join(ROOT, "docs/alerts.md"), "utf8");
  const STORIES = join(ROOT, "test/rules");
  const stories = readdirSync(STORIES)
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => readFileSync(join(STORIES, name), "utf8"))
    .join();

  it.each([...new Set(alerts.map(({ alert }) => alert))].map((alert) => [alert]))("%s has a runbook", (alert) => {
    const [, text = ""] = page.split(`\n### ${alert}\n`);
    expect(text.split("\n## ")[0]?.split("\n### ")[0]).toMatch(
      /\*\*Meaning:\*\*[\s\S]*\*\*Impact[\s\S]*\*\*False alarms:\*\*/,
    );
  });

  it.each([...new Set(alerts.map(({ alert }) => alert))].map((alert) => [alert]))(
    "%s has a story in test/rules",
    (alert) => {
      expect(stories).toContain(`"${alert}"`);
    },
  );

  it("of the page all exist", () => {
    const known = new Set(alerts.map(({ alert }) => alert));
    expect([...page.matchAll(/^### (Proxymeter\w+)$/gm)].filter(([, name = ""]) => !known.has(name))).toEqual([]);
  });

  it.each(alerts.map((alert) => [`${alert.alert} ${JSON.stringify(alert.labels ?? {})}`, alert]))(
    "%s says in one line what is wrong and then what was found",
    (_name, { alert, summary, description }) => {
      expect(alert).toMatch(/^Proxymeter[A-Z]\w+$/);
      expect(summary).not.toMatch(/\n|\.$/);
      // Where nothing is there, there is no value either.
      const isAbsence = /Stopped|Nothing/.test(alert);
      expect(isAbsence || description.includes("$value"), description).toBe(true);
    },
  );

  it("read recorded series that are written", () => {
    const written = new Set([...rules.map(({ record }) => record), ...CONSTANTS]);
    for (const { alert, expr } of alerts) {
      const read = [...expr.matchAll(/[a-z_]+:proxymeter_[a-z_]+:[a-z0-9_]+/g)].map(([name]) => name);
      expect(
        read.filter((name) => !written.has(name)),
        alert,
      ).toEqual([]);
    }
  });
});
