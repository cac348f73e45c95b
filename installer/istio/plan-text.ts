// SPDX-License-Identifier: Apache-2.0
/**
 * What installing Istio will do, as lines for people and as a document for programs. Pure.
 */
import { changeLine, plural } from "../install/show.ts";
import type { KubeObject } from "../objects/object.ts";
import { installArgs } from "./istioctl.ts";
import type { IstioPlan } from "./plan.ts";
import type { IstioAction } from "./decision.ts";

const SENTENCES: Readonly<Record<IstioAction, (plan: IstioPlan) => string>> = {
  install: () => "no Istio is there: install it",
  resume: () => "its installation was broken off: go on",
  repair: () => "the one that an earlier installation brought is gone: install it again",
  upgrade: ({ record, version }) => `upgrade in place from ${record?.istio?.version} to ${version}; istiod restarts`,
  change: () => "other settings than the installed ones: apply them",
  none: () => "the one that an earlier installation brought is as wanted: leave it alone",
};

export function istioPlanText(plan: IstioPlan): string {
  const { istioctl, version, place, presence, rendered, overlay, readinessSeconds, meshChanges } = plan;
  const { namespace, revision, profile } = place;
  const made = presence.hasNamespace ? "" : ", which it makes";
  return [
    `First Istio ${version}, by ${istioctl.path}: ${SENTENCES[plan.action](plan)}`,
    `  $ istioctl ${installArgs(istioctl, "OVERLAY", readinessSeconds).join(" ")}`,
    `  in namespace ${namespace}${made}; revision ${revision}, profile ${profile}`,
    `  + ${rendered.length} objects: ${kindsText(rendered)}`,
    ...meshLines(meshChanges),
    ...definitionLines(plan),
    ...(plan.capturesDns ? ["  sidecars answer DNS, since a gateway in vendors.yaml has no addresses"] : []),
    "  OVERLAY is:",
    ...overlay
      .trimEnd()
      .split("\n")
      .map((line) => `    ${line}`),
    "No pod gets a sidecar by this alone: label the namespaces of crawlers " +
      `${injectionLabel(revision)}, then \`proxymeter restart\`.`,
    "",
  ].join("\n");
}

export function injectionLabel(revision: string): string {
  return revision === "default" ? "istio-injection=enabled" : `istio.io/rev=${revision}`;
}

function meshLines(changes: IstioPlan["meshChanges"]): string[] {
  if (changes.length === 0) return [];
  return ["  ~ the mesh configuration is written anew; against the one that is there:", ...changes.map(changeLine)];
}

function definitionLines({ presence: { definitions }, record, action }: IstioPlan): string[] {
  if (action !== "install" || definitions.length === 0 || record?.istio) return [];
  return [
    `  ${definitions.length} of Istio's kinds are there already: they get this version, and stay when Istio goes`,
  ];
}

function kindsText(objects: readonly KubeObject[]): string {
  const counted = [...Map.groupBy(objects, ({ kind }) => kind)].map(([kind, of]) => [kind, of.length] as const);
  return counted
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([kind, count]) => `${count} ${plural(kind, count)}`)
    .join(", ");
}

export function istioPlanDocument({ action, version, place, overlay, istioctl, rendered, meshChanges }: IstioPlan) {
  return {
    action,
    version,
    istioctl: istioctl.path,
    ...place,
    overlay,
    objects: rendered.map(({ apiVersion, kind, metadata: { name, namespace } }) => ({
      apiVersion,
      kind,
      metadata: { name, ...(namespace !== undefined && { namespace }) },
    })),
    meshChanges,
  };
}
