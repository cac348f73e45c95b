// SPDX-License-Identifier: Apache-2.0
/**
 * A report as people read it: a heading for each group, a sign for each check, evidence and hint below what does not pass.
 */
import pc from "picocolors";
import type { Status } from "./check.ts";
import type { CheckResult, Report } from "./run.ts";

export interface TextOptions {
  /** Only what fails or warns. */
  isShort: boolean;
  /** Whether the terminal shows more than ASCII. */
  isUnicode: boolean;
  hasColors: boolean;
}

const SIGNS: Readonly<Record<Status, readonly [string, string]>> = {
  pass: ["√", "+"],
  warn: ["‼", "!"],
  fail: ["×", "x"],
  skip: ["-", "-"],
};

export function reportText(report: Report, options: TextOptions): string {
  const { isShort } = options;
  const groups = report.groups.flatMap(({ id, checks }) => {
    const shown = isShort ? checks.filter(({ status }) => status === "fail" || status === "warn") : checks;
    return shown.length === 0 ? [] : [`${heading(id)}\n${groupText(shown, options)}`];
  });
  return [...groups, summaryOf(report)].join("\n\n");
}

/** `2 checks failed: 20 passed, 1 warning, 3 skipped` */
export function summaryOf({ ok, counts }: Report): string {
  const rest = [`${counts.pass} passed`, `${counts.warn} warned`, `${counts.skip} skipped`].join(", ");
  return ok ? `no check failed: ${rest}` : `${counts.fail} failed, ${rest}`;
}

function heading(id: string): string {
  return `${id}\n${"-".repeat(id.length)}`;
}

/** A group that is skipped for one reason says so once. */
function groupText(checks: readonly CheckResult[], options: TextOptions): string {
  const [first] = checks;
  const reason = first?.evidence[0];
  const isAllSkipped = checks.every(({ status, evidence }) => status === "skip" && evidence[0] === reason);
  if (isAllSkipped && checks.length > 1) return `${sign("skip", options)} not checked: ${reason}`;
  return checks.map((check) => checkText(check, options)).join("\n");
}

function checkText({ title, status, evidence, hint }: CheckResult, options: TextOptions): string {
  const line = `${sign(status, options)} ${title}`;
  if (status === "pass") return line;
  if (status === "skip") return `${line}\n    not checked: ${evidence.join("; ")}`;
  return [line, ...evidence.map((found) => `    ${found}`), `    see ${hint} for hints`].join("\n");
}

function sign(status: Status, { isUnicode, hasColors }: TextOptions): string {
  const colors = pc.createColors(hasColors);
  const paint = { pass: colors.green, warn: colors.yellow, fail: colors.red, skip: colors.dim }[status];
  return paint(SIGNS[status][isUnicode ? 0 : 1]);
}
