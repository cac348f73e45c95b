// SPDX-License-Identifier: Apache-2.0
/**
 * The table of checks as a whole: a cluster in order passes, every check has its page, a broken check breaks no other.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { fail, pass } from "../../../../installer/checks/check.ts";
import { known } from "../../../../installer/checks/facts.ts";
import { GROUPS, runChecks } from "../../../../installer/checks/run.ts";
import { facts } from "./facts.ts";

const PAGE = readFileSync(new URL("../../../../docs/checks.md", import.meta.url), "utf8");
const CHECKS = GROUPS.flatMap(({ checks }) => checks);

describe("runChecks", () => {
  it("passes every check of a cluster in order but the one that has nothing to look at", () => {
    const odd = runChecks(facts())
      .groups.flatMap(({ checks }) => checks)
      .filter(({ status }) => status !== "pass");
    expect(odd.map(({ id, evidence }) => [id, evidence])).toEqual([
      ["monitor-selected", ["there is no PodMonitor of ours"]],
    ]);
  });

  it("leaves checks of an installation out of a preflight, and the preflight's out of the examination", () => {
    const idsOf = (stage: "before" | "after") =>
      runChecks(facts({ stage })).groups.flatMap(({ checks }) => checks.map(({ id }) => id));
    expect(idsOf("before")).toContain("rights-to-install");
    expect(idsOf("before")).not.toContain("plugins-present");
    expect(idsOf("after")).toContain("plugins-present");
    expect(idsOf("after")).not.toContain("rights-to-install");
  });

  it("skips a check with the reason why its fact is not known", () => {
    const check = {
      id: "x",
      title: "x",
      stage: "always" as const,
      run: () => {
        known({ unknown: "pods is forbidden" });
        return pass();
      },
    };
    const report = runChecks(facts(), [{ id: "g", checks: [check] }]);
    expect(report.groups[0]?.checks[0]).toMatchObject({ status: "skip", evidence: ["pods is forbidden"] });
    expect(report.ok).toBe(true);
  });

  it("warns of a check that breaks on what it found, and runs the others", () => {
    const broken = {
      id: "x",
      title: "x",
      stage: "always" as const,
      run: () => {
        throw new TypeError("spec is null");
      },
    };
    const failing = { id: "y", title: "y", stage: "always" as const, run: () => fail("found") };
    const report = runChecks(facts(), [{ id: "g", checks: [broken, failing] }]);
    expect(report.groups[0]?.checks.map(({ status }) => status)).toEqual(["warn", "fail"]);
    expect(report).toMatchObject({ ok: false, counts: { warn: 1, fail: 1 } });
  });

  it("skips everything but the first check where the API does not answer", () => {
    const lost = { unknown: "the Kubernetes API does not answer" };
    const objects = Object.fromEntries(Object.keys(facts().objects).map((name) => [name, lost]));
    const all = {
      ...facts({ api: { unknown: "cannot reach the API server" }, rights: lost, kinds: lost, istio: lost, mesh: lost }),
      ...{ objects, pods: lost, istioPods: lost, vendors: lost, rejects: lost, prometheus: lost },
    } as unknown as ReturnType<typeof facts>;
    const report = runChecks(all);
    expect(report.counts).toMatchObject({ fail: 1, pass: 0, warn: 0 });
  });
});

describe("hints", () => {
  const hints = runChecks(facts({ stage: "before" }))
    .groups.concat(runChecks(facts()).groups)
    .flatMap(({ checks }) => checks.map(({ id, hint }): [string, string] => [id, hint]));

  it("are given by every check of the table", () => {
    expect(new Set(hints.map(([id]) => id))).toEqual(new Set(CHECKS.map(({ id }) => id)));
  });

  it.each(hints)("of %s lead to a section of a page that comes with the program", (_id, hint) => {
    const { protocol, hash } = new URL(hint);
    expect(protocol).toBe("file:");
    const headings = [...readFileSync(fileURLToPath(hint), "utf8").matchAll(/^#+ (.+)$/gm)].map(([, text]) => text);
    expect(headings).toContain(hash.slice(1));
  });
});

describe("docs/checks.md", () => {
  it.each(CHECKS.map(({ id, title }) => [id, title]))("explains %s under its own heading and title", (id, title) => {
    const [, section] = PAGE.split(`\n### ${id}\n`);
    expect(section?.trimStart().startsWith(`*${title}*`)).toBe(true);
    const text = section?.split(/\n##+ /)[0] ?? "";
    expect(text).toContain("**What breaks:**");
    expect(text).toContain("**Mend it:**");
  });

  it("explains no check that does not exist", () => {
    const headings = [...PAGE.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(CHECKS.map(({ id }) => id));
  });
});

describe("the table", () => {
  it("has no id twice", () => {
    const ids = CHECKS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
