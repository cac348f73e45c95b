// SPDX-License-Identifier: Apache-2.0
/**
 * What an installation is going to do, as one page for people and as one document for programs. Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { EXTRA_STAT_TAGS } from "../../filter/core/stat-tags.ts";
import { ACCESS_LOG_PROVIDER } from "../objects/access-log.ts";
import { statTagsOf } from "../objects/mesh-config.ts";
import { accessLogIn } from "../objects/mesh-provider.ts";
import type { Prepared } from "./prepare.ts";
import type { MeshEdit } from "./record.ts";
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
    ...accessLogText(prepared),
    "",
    ...effectLines(plan.effects, istio.drainSeconds),
    "",
  ].join("\n");
}

function meshLines({ mesh, leftMeshes }: Prepared): string[] {
  const left = leftMeshes.map(
    (edit) =>
      `  - ConfigMap ${edit.namespace}/${edit.name}: the mesh configuration of the revision before loses what we put in${isProviderOurs(edit) ? LOG_EFFECT : ""}`,
  );
  const line = (sign: string, what: string) =>
    `  ${sign} ConfigMap ${mesh.namespace}/${mesh.name}: the mesh configuration ${what}`;
  return [...left, ...meshChanges(mesh).map(([sign, what]) => line(sign, what))];
}

/** Istio passes over a provider that it does not know. */
const LOG_EFFECT = "; pods of that revision have no access log of ours from then on, until they are restarted";

function isProviderOurs({ before, after }: MeshEdit): boolean {
  return accessLogIn(before) === undefined && accessLogIn(after) !== undefined;
}

const TAGS_EFFECT = "; pods take them when they start, running ones report fewer labels";

/** What the edit adds and takes out, each with its sign. */
function meshChanges({ current, after }: Prepared["mesh"]): [sign: "~" | "-", what: string][] {
  const tags = (text: string) => statTagsOf(text).filter((tag) => EXTRA_STAT_TAGS.includes(tag)).length;
  const [log, next] = [accessLogIn(current), accessLogIn(after)];
  const provider = `the log provider ${ACCESS_LOG_PROVIDER}`;
  const rows: [is: boolean, sign: "~" | "-", what: string][] = [
    [tags(after) > tags(current), "~", `gets our stat tags${TAGS_EFFECT}`],
    [tags(after) < tags(current), "-", "loses our stat tags"],
    [log === undefined && next !== undefined, "~", `gets ${provider}`],
    [log !== undefined && next === undefined, "-", `loses ${provider}, after the Telemetries that name it`],
    [log !== undefined && next !== undefined && !isDeepStrictEqual(log, next), "~", `gets ${provider} as it is now`],
  ];
  return rows.filter(([is]) => is).map(([, sign, what]) => [sign, what]);
}

function accessLogText({ accessLogLines }: Prepared): string[] {
  return accessLogLines.length === 0
    ? []
    : ["", `Access log ${ACCESS_LOG_PROVIDER}:`, ...accessLogLines.map((line) => `  i ${line}`)];
}

export function documentOf({ survey, wish, plan, optIn, mesh, leftMeshes, accessLogLines }: Prepared) {
  const { version, revision, namespace, drainSeconds } = survey.istio;
  return {
    istio: { version, revision, namespace },
    image: wish.request.image,
    namespaces: survey.optedIn,
    optIn,
    meshConfig: { namespace: mesh.namespace, name: mesh.name, isEdited: mesh.after !== mesh.current },
    restoredMeshConfigs: leftMeshes.map(({ namespace, name }) => ({ namespace, name })),
    ...(accessLogLines.length > 0 && { accessLog: accessLogLines }),
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
