// SPDX-License-Identifier: Apache-2.0
/**
 * What an installation is going to do, as one page for people and as one document for programs. Pure.
 */
import type { Prepared } from "./prepare.ts";
import { effectLines, stepLines, summary } from "./show.ts";

export function planText(prepared: Prepared): string {
  const { survey, wish, plan, optIn } = prepared;
  const { istio, optedIn } = survey;
  const namespaces =
    optedIn.length > 0 ? optedIn.join(", ") : "none: label one with proxymeter.io/enabled=true, or give --namespaces";
  return [
    `Istio ${istio.version}, revision ${istio.revision}, in namespace ${istio.namespace}; filter ${wish.request.image}`,
    `Opted-in namespaces: ${namespaces}`,
    "",
    `Plan: ${summary(plan)}`,
    ...optIn.map((namespace) => `  + label proxymeter.io/enabled=true on Namespace ${namespace}`),
    ...meshLines(prepared),
    ...stepLines(plan.steps),
    "",
    ...effectLines(plan.effects, istio.drainSeconds),
    "",
  ].join("\n");
}

function meshLines({ mesh, leftMeshes, wish }: Prepared): string[] {
  const left = leftMeshes.map(
    ({ namespace, name }) =>
      `  - ConfigMap ${namespace}/${name}: the mesh configuration of the revision before loses our stat tags`,
  );
  if (mesh.after === mesh.current) return left;
  const [sign, how] = wish.request.statTags === "mesh" ? ["~", "gets our stat tags"] : ["-", "loses our stat tags"];
  const effect = "; pods take them when they start, running ones report fewer labels";
  return [
    ...left,
    `  ${sign} ConfigMap ${mesh.namespace}/${mesh.name}: the mesh configuration ${how}${sign === "~" ? effect : ""}`,
  ];
}

export function documentOf({ survey, wish, plan, optIn, mesh, leftMeshes }: Prepared) {
  const { version, revision, namespace, drainSeconds } = survey.istio;
  return {
    istio: { version, revision, namespace },
    image: wish.request.image,
    namespaces: survey.optedIn,
    optIn,
    meshConfig: { namespace: mesh.namespace, name: mesh.name, isEdited: mesh.after !== mesh.current },
    restoredMeshConfigs: leftMeshes.map(({ namespace, name }) => ({ namespace, name })),
    steps: plan.steps.map(({ action, reference, changes, isWidened }) => ({
      action,
      ...reference,
      changes,
      isWidened,
    })),
    effects: plan.effects,
    drainSeconds,
  };
}
