// SPDX-License-Identifier: Apache-2.0
/**
 * The report as people read it, whole.
 */
import { describe, expect, it } from "vitest";
import { fail, type Group, pass, skip, warn } from "../../../../installer/checks/check.ts";
import { reportText } from "../../../../installer/checks/report-text.ts";
import { runChecks } from "../../../../installer/checks/run.ts";
import { documentation } from "../../../../installer/documentation.ts";
import { facts } from "./facts.ts";

const check = (id: string, title: string, outcome: ReturnType<typeof pass>) => ({
  id,
  title,
  stage: "always" as const,
  run: () => outcome,
});
const GROUPS: Group[] = [
  {
    id: "istio",
    checks: [
      check("istio-found", "Istio is in the cluster", pass()),
      check("istio-version", "Istio is 1.28 to 1.31", warn("found 1.32.0")),
      check("istio-kinds", "the kinds are there", fail("no kind A", "no kind B")),
      check("xds", "no proxy rejected", skip("no pod of istiod was found")),
    ],
  },
  { id: "vendors", checks: [check("a", "A", skip("no vendors.yaml")), check("b", "B", skip("no vendors.yaml"))] },
];
const REPORT = runChecks(facts(), GROUPS);
const PLAIN = { isShort: false, isUnicode: true, hasColors: false };

describe("reportText", () => {
  it("shows groups, signs, evidence and hints", () => {
    expect(reportText(REPORT, PLAIN)).toBe(`istio
-----
√ Istio is in the cluster
‼ Istio is 1.28 to 1.31
    found 1.32.0
    see ${documentation("checks.md", "istio-version")} for hints
× the kinds are there
    no kind A
    no kind B
    see ${documentation("checks.md", "istio-kinds")} for hints
- no proxy rejected
    not checked: no pod of istiod was found

vendors
-------
- not checked: no vendors.yaml

1 failed, 1 passed, 1 warned, 3 skipped`);
  });

  it("shows only what does not pass when it is to be short", () => {
    expect(reportText(REPORT, { ...PLAIN, isShort: true })).toBe(`istio
-----
‼ Istio is 1.28 to 1.31
    found 1.32.0
    see ${documentation("checks.md", "istio-version")} for hints
× the kinds are there
    no kind A
    no kind B
    see ${documentation("checks.md", "istio-kinds")} for hints

1 failed, 1 passed, 1 warned, 3 skipped`);
  });

  it("keeps to ASCII where the terminal knows no more", () => {
    const text = reportText(REPORT, { ...PLAIN, isUnicode: false });
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    expect(text).toContain("x the kinds are there");
  });

  it("colours the signs where there are colours", () => {
    expect(reportText(REPORT, { ...PLAIN, hasColors: true })).toContain("\u001b[31m×");
  });
});
