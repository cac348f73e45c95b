// SPDX-License-Identifier: Apache-2.0
/**
 * A plan as people read it, before they confirm it. Pure text; decides nothing.
 */
import { nameOf } from "../objects/object.ts";
import type { FieldChange } from "./diff.ts";
import type { Effect } from "./effects.ts";
import type { Action, Plan, Step } from "./plan.ts";

const SIGNS: Readonly<Record<Action, string>> = { create: "+", change: "~", unchanged: "=", remove: "-", hold: "." };
const LONGEST_VALUE = 100;

/** The steps, one line each, changed fields below; objects that stay as they are in one line. */
export function stepLines(steps: readonly Step[]): string[] {
  const unchanged = steps.filter(({ action }) => action === "unchanged");
  const others = steps.filter(({ action }) => action !== "unchanged");
  const lines = others.flatMap((step) => [stepLine(step), ...step.changes.map(changeLine)]);
  if (unchanged.length > 0) lines.push(`  = ${unchanged.length} ${plural("object", unchanged.length)} unchanged`);
  const widened = steps.filter(({ isWidened }) => isWidened).map(({ reference }) => nameOf(reference));
  if (widened.length > 0)
    lines.push(
      `  . ${widened.join(", ")}: stays, or keeps ports, addresses or its access log, though no longer wanted; --drain removes that`,
    );
  return lines;
}

function stepLine({ action, reference }: Step): string {
  const note = action === "hold" ? " (no longer wanted, stays until --drain: removing it cuts what is open)" : "";
  return `  ${SIGNS[action]} ${nameOf(reference)}${note}`;
}

export function changeLine({ path, before, after }: FieldChange): string {
  return `      ${path}: ${valueText(before)} -> ${valueText(after)}`;
}

function valueText(value: unknown): string {
  if (value === undefined) return "(none)";
  const text = JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}...` : text;
}

/** What the plan cuts, one line for each namespace and kind of connection. */
export function effectLines(effects: readonly Effect[], drainSeconds: number): string[] {
  if (effects.length === 0) return ["No open connection is cut."];
  return [
    `Open connections that this cuts, ${drainSeconds} seconds after the change (drainDuration of the mesh; pods may have their own):`,
    ...effects.flatMap((effect) => [`  ! ${effectLine(effect)}`, ...effect.causes.map((cause) => `      ${cause}`)]),
  ];
}

const SCOPES: Readonly<Record<Effect["scope"], (ports: readonly number[]) => string>> = {
  ports: (ports) => `on ${plural("port", ports.length)} ${ports.join(", ")}`,
  undeclared: () => "to addresses that no ServiceEntry or Service declares",
  all: () => "on every listener",
};

export function effectLine({ namespace, pods, scope, ports }: Effect): string {
  return `${SCOPES[scope](ports)}, in ${pods} running ${plural("pod", pods)} of namespace ${namespace}`;
}

/** Counts by action, such as `2 to create, 1 to change`. */
export function summary({ steps }: Plan): string {
  const count = (action: Action) => steps.filter((step) => step.action === action).length;
  const parts = (["create", "change", "remove"] as const)
    .map((action) => [count(action), action] as const)
    .filter(([number]) => number > 0)
    .map(([number, action]) => `${number} to ${action}`);
  return parts.length === 0 ? "nothing to change" : parts.join(", ");
}

export function plural(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`;
}
