// SPDX-License-Identifier: Apache-2.0
/**
 * What a check is, and the words in which it answers. A check decides over facts that were gathered before; it asks nobody.
 */
import type { Facts } from "./facts.ts";

export type Status = "pass" | "warn" | "fail" | "skip";

export interface Outcome {
  status: Status;
  /** What was found, a line each; for `skip` the reason. */
  evidence: string[];
}

/** Whether a check makes sense before the installation, after it, or both. */
export type Stage = "before" | "after" | "always";

export interface Check {
  /** Also the anchor of its section in docs/checks.md. */
  id: string;
  /** A sentence that is true when the check passes. */
  title: string;
  stage: Stage;
  /** May throw Unknown of facts.ts, which skips the check with that reason. */
  run(facts: Facts): Outcome;
}

export interface Group {
  id: string;
  checks: readonly Check[];
}

export function pass(...evidence: string[]): Outcome {
  return { status: "pass", evidence };
}

export function warn(...evidence: string[]): Outcome {
  return { status: "warn", evidence };
}

export function fail(...evidence: string[]): Outcome {
  return { status: "fail", evidence };
}

export function skip(reason: string): Outcome {
  return { status: "skip", evidence: [reason] };
}

/** Fails, or warns, with these findings; passes where there are none. */
export function unless(findings: readonly string[], status: "warn" | "fail" = "fail"): Outcome {
  return findings.length === 0 ? pass() : { status, evidence: [...findings] };
}

/** The worse of several outcomes, with the findings of all that did not pass. */
export function worst(...outcomes: readonly Outcome[]): Outcome {
  const bad = outcomes.filter(({ status }) => status === "fail" || status === "warn");
  if (bad.length === 0) return pass();
  const status = bad.some((outcome) => outcome.status === "fail") ? "fail" : "warn";
  return { status, evidence: bad.flatMap(({ evidence }) => evidence) };
}

/** `1 pod`, `3 pods`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

const SHOWN = 5;

/** Names for a line of evidence: the first ones, and how many more there are. */
export function named(names: readonly string[], shown = SHOWN): string {
  const rest = names.length - shown;
  return names.slice(0, shown).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
