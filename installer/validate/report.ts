// SPDX-License-Identifier: Apache-2.0
/**
 * What a validation found, as an object for programs and as text for people. Pure.
 */
import pc from "picocolors";
import type { State, Verdict } from "./checks.ts";

export interface Report {
  /** FAIL if any check failed, SKIP if one could not be decided, else PASS. */
  state: State;
  /** Where Prometheus is. */
  prometheus: string;
  /** RFC 3339; within `lagSeconds` what went over a socket is in Prometheus. */
  window: { start: string; end: string; seconds: number; lagSeconds: number };
  pods: {
    seen: number;
    /** Pods by the encoding of their stats. */
    encodings: Record<string, number>;
    /** `namespace/name` of those whose counters began anew within the window, counted from then on. */
    reset: string[];
  };
  checks: Verdict[];
}

const COLOURS: Record<State, (text: string) => string> = { PASS: pc.green, FAIL: pc.red, SKIP: pc.yellow };

export function overallState(checks: readonly Verdict[]): State {
  const states = checks.map(({ state }) => state);
  if (states.includes("FAIL")) return "FAIL";
  return states.includes("SKIP") ? "SKIP" : "PASS";
}

/** A block for each check: its verdict, what speaks against it, what speaks for it, and what it rests on. */
export function reportText(report: Report): string {
  return [head(report), ...report.checks.map((check) => block(check))].join("\n\n");
}

function head({ window, pods, prometheus }: Report): string {
  const encodings = Object.entries(pods.encodings).map(([name, count]) => `${count} ${name}`);
  const lines = [
    `${pods.seen} ${pods.seen === 1 ? "pod" : "pods"}${encodings.length > 0 ? ` (encodings: ${encodings.join(", ")})` : ""}, ${window.seconds.toFixed(0)} s until ${window.end}, from Prometheus at ${prometheus}`,
  ];
  if (pods.reset.length > 0) {
    lines.push(`counters began anew in the window, and are counted from then on: ${pods.reset.join(", ")}`);
  }
  return lines.join("\n");
}

function block({ id, title, state, oracle, evidence, problems, promql }: Verdict): string {
  const row = (name: string) => (text: string) => `      ${name} ${text}`;
  return [
    `${COLOURS[state](state)}  ${id}: ${title}`,
    ...problems.map(row("!")),
    ...evidence.map(row("-")),
    row("held against:")(oracle),
    ...promql.map(row("promql:")),
  ].join("\n");
}
