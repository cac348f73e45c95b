// SPDX-License-Identifier: Apache-2.0
/**
 * The table of all checks, and the report that running them over the facts gives.
 */
import { documentation } from "../documentation.ts";
import type { Check, Group, Outcome, Stage, Status } from "./check.ts";
import { type Facts, Unknown } from "./facts.ts";
import { FILTER } from "./filter.ts";
import { ISTIO } from "./istio.ts";
import { KUBERNETES_API } from "./kubernetes-api.ts";
import { METRICS } from "./metrics.ts";
import { PODS } from "./pods.ts";
import { VENDORS } from "./vendors.ts";

/** In the order in which they are shown: what the later ones stand on comes first. */
export const GROUPS: readonly Group[] = [KUBERNETES_API, ISTIO, VENDORS, PODS, FILTER, METRICS];

const PAGE = "checks.md";

export interface CheckResult {
  id: string;
  title: string;
  status: Status;
  evidence: string[];
  /** Where to read on: address of the check's section in the documentation. */
  hint: string;
}

export interface Report {
  context: string;
  stage: Facts["stage"];
  /** Whether no check failed; warnings are allowed. */
  ok: boolean;
  counts: Record<Status, number>;
  groups: { id: string; checks: CheckResult[] }[];
}

export function runChecks(facts: Facts, groups: readonly Group[] = GROUPS): Report {
  const counts: Record<Status, number> = { pass: 0, warn: 0, fail: 0, skip: 0 };
  const ran = groups
    .map(({ id, checks }) => ({
      id,
      checks: checks.filter(({ stage }) => isDue(stage, facts.stage)).map((check) => resultOf(check, facts)),
    }))
    .filter(({ checks }) => checks.length > 0);
  for (const { status } of ran.flatMap(({ checks }) => checks)) counts[status] += 1;
  return { context: facts.context, stage: facts.stage, ok: counts.fail === 0, counts, groups: ran };
}

function isDue(stage: Stage, asked: Facts["stage"]): boolean {
  return stage === "always" || stage === asked;
}

function resultOf(check: Check, facts: Facts): CheckResult {
  const { id, title } = check;
  return { id, title, ...decide(check, facts), hint: documentation(PAGE, id) };
}

function decide(check: Check, facts: Facts): Outcome {
  try {
    return check.run(facts);
  } catch (error) {
    if (error instanceof Unknown) return { status: "skip", evidence: [error.message] };
    // Objects of others may have shapes that nobody expects; the remaining checks are still worth having.
    return { status: "warn", evidence: [`this check broke on what it found: ${(error as Error).message}`] };
  }
}
