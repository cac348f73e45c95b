// SPDX-License-Identifier: Apache-2.0
/**
 * What istiod writes into a cluster by itself, and what `istioctl uninstall --purge` therefore leaves behind. A table; no I/O.
 *
 * @see https://istio.io/latest/docs/tasks/security/cert-management/
 */
import { type KubeObject, nameOf } from "../objects/object.ts";

/** In every namespace: the certificates that sidecars trust istiod by. */
export const ROOT_CERTIFICATES: readonly string[] = ["istio-ca-root-cert", "istio-ca-crl"];

/** In the namespace of istiod. */
const OF_ISTIOD: readonly RegExp[] = [
  /^Secret [^/]+\/istio-ca-secret$/,
  // Locks of its controllers; the name ends in the revision where there is one.
  /^ConfigMap [^/]+\/istio-[a-z-]*(leader|election)(-.+)?$/,
  /^Lease [^/]+\/istio-.+$/,
];

/** Kinds of what istiod leaves in its own namespace. */
export const LEFTOVER_KINDS: readonly (readonly [apiVersion: string, kind: string])[] = [
  ["v1", "Secret"],
  ["v1", "ConfigMap"],
  ["coordination.k8s.io/v1", "Lease"],
];

/** Whether istiod has written an object of its namespace by itself. A user's own certificate authority is called `cacerts`. */
export function isLeftover(object: KubeObject): boolean {
  return OF_ISTIOD.some((pattern) => pattern.test(nameOf(object)));
}
