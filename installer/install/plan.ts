// SPDX-License-Identifier: Apache-2.0
/**
 * What has to happen so that the server has the desired objects: create, change, leave, remove, hold; and what that cuts. Pure.
 * Reading the server is `look.ts`, doing it `apply.ts`, showing it `show.ts`.
 */
import { type KubeObject, type Reference, referenceOf } from "../objects/object.ts";
import { inApplyOrder } from "../objects/order.ts";
import { type FieldChange, fieldChanges } from "./diff.ts";
import { type Effect, effectsOf, type Surroundings, type Transition } from "./effects.ts";
import type { Pruning } from "./hold.ts";
import { keyOf } from "./listeners.ts";

export type Action = "create" | "change" | "unchanged" | "remove" | "hold";

export interface Step {
  action: Action;
  reference: Reference;
  /** To apply; absent where the object is removed or held. */
  object?: KubeObject;
  /** Fields, where the object changes. */
  changes: readonly FieldChange[];
  /** Whether it keeps listeners that are no longer wanted, until they are drained. */
  isWidened: boolean;
}

export interface Plan {
  /** In the order of doing. */
  steps: readonly Step[];
  effects: readonly Effect[];
}

export interface PlanInput extends Surroundings {
  pruning: Pruning;
  /** Our objects on the server, by `keyOf`. */
  live: ReadonlyMap<string, KubeObject>;
  /** What the server would make of those that exist, by `keyOf`: its answer to a dry run. */
  answers: ReadonlyMap<string, KubeObject>;
}

export function planOf({ pruning, live, answers, ...surroundings }: PlanInput): Plan {
  const kept = inApplyOrder(pruning.objects).map((object): Step => {
    const key = keyOf(object);
    const [before, after] = [live.get(key), answers.get(key)];
    const changes = before && after ? fieldChanges(before, after) : [];
    const action = before === undefined ? "create" : changes.length > 0 ? "change" : "unchanged";
    return { action, reference: referenceOf(object), object, changes, isWidened: pruning.widened.has(key) };
  });
  const without =
    (action: Action) =>
    (object: KubeObject): Step => {
      return { action, reference: referenceOf(object), changes: [], isWidened: false };
    };
  const steps = [
    ...kept,
    ...inApplyOrder(pruning.removable).reverse().map(without("remove")),
    ...pruning.held.map(without("hold")),
  ];
  const transitions = steps.map((step): Transition => {
    const key = keyOf(step.reference);
    const before = live.get(key);
    if (step.action === "remove") return { before };
    if (step.action === "create") return { after: step.object };
    return { before, after: step.action === "change" ? answers.get(key) : before };
  });
  return { steps, effects: effectsOf(transitions, surroundings) };
}

/** A plan of removing everything. */
export function removalOf(live: ReadonlyMap<string, KubeObject>, surroundings: Surroundings): Plan {
  const pruning = { objects: [], removable: [...live.values()], held: [], widened: new Set<string>() };
  return planOf({ pruning, live, answers: new Map(), ...surroundings });
}

export function hasChanges({ steps }: Plan): boolean {
  return steps.some(({ action }) => action !== "unchanged" && action !== "hold");
}
