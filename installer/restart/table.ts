// SPDX-License-Identifier: Apache-2.0
/**
 * The plan of a restart for people.
 */
import { counted, named } from "../checks/check.ts";
import type { LeftAlone, PlannedRestart, RestartPlan } from "./plan.ts";

export function planText({ restart, leftAlone }: RestartPlan): string {
  return [
    restart.length === 0
      ? "Nothing to restart: no pod lacks anything that a restart would give it."
      : `To restart (${counted(restart.length, "workload")}):`,
    ...restart.map((entry) => `  ${lineOf(entry)}`),
    ...(leftAlone.length === 0 ? [] : ["Not restarted:"]),
    ...leftAlone.map((entry) => `  ${lineOf(entry)}\n    ${entry.reason}`),
  ].join("\n");
}

function lineOf({ namespace, kind, name, pods, lacks }: PlannedRestart | LeftAlone): string {
  const lack = lacks.map((one) => `without ${one === "sidecar" ? "sidecar" : "our stat tags"}`).join(" or ");
  const whose = kind === "Pod" ? lack : `${counted(pods.length, "pod")} ${lack}: ${named(pods)}`;
  return `${kind} ${namespace}/${name}: ${whose}`;
}
