// SPDX-License-Identifier: Apache-2.0
/**
 * What taking out an Istio of ours will do, as lines for people and as a document for programs. Pure.
 */
import { plural } from "../install/show.ts";
import { type Istioctl, uninstallArgs } from "./istioctl.ts";
import type { OwnIstio } from "../install/record.ts";
import type { IstioRemoval } from "./removal.ts";

export function istioRemovalText(removal: IstioRemoval, istioctl: Istioctl): string {
  const { own, scope, shared, going, definitions, namespace, namespaceStays, sidecars } = removal;
  const args = uninstallArgs(istioctl, scope === "purge" ? "purge" : { revision: own.revision });
  return [
    `Then Istio ${own.version}, revision ${own.revision}, which install brought:`,
    `  $ ${istioctl.path} ${args.join(" ")}`,
    ...going.map((name) => `  - ${name}`),
    ...(definitions.length > 0
      ? [
          `  - ${definitions.length} ${plural("definition", definitions.length)} of Istio's kinds: nothing of others is of them`,
        ]
      : []),
    ...shared.map((reason) => `  . definitions and what is shared stay: ${reason}`),
    ...(scope === "purge"
      ? [
          "  - what istiod wrote by itself: certificates in every namespace, its own secret and locks, webhooks of its revisions and tags",
        ]
      : []),
    ...(namespace === undefined ? [] : [`  - Namespace ${namespace}, which install made`]),
    ...(namespaceStays === undefined ? [] : [`  . ${namespaceStays}`]),
    ...sidecarLines(sidecars),
    "",
  ].join("\n");
}

function sidecarLines(sidecars: IstioRemoval["sidecars"]): string[] {
  if (sidecars.size === 0) return ["No pod has a sidecar."];
  const lines = [...sidecars].map(
    ([namespace, pods]) => `  ! ${pods} ${plural("pod", pods)} of namespace ${namespace}`,
  );
  return [
    "Pods with a sidecar lose their control plane. They go on with what they know, until their certificates end (24 hours);",
    "take the injection label off and restart them:",
    ...lines,
  ];
}

/** For an uninstall that leaves it. */
export function istioStaysLine({ version, namespace }: OwnIstio): string {
  return `  . Istio ${version} in namespace ${namespace}, which install brought, stays; --istio removes it too, and later nothing here knows of it`;
}

export function istioRemovalDocument({ own, sidecars, ...removal }: IstioRemoval) {
  const { version, revision } = own;
  return { version, revision, ...removal, sidecars: Object.fromEntries(sidecars) };
}
