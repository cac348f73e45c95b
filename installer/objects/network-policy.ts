// SPDX-License-Identifier: Apache-2.0
/**
 * The NetworkPolicy that lets a Prometheus reach the sidecars of an opted-in namespace. Only where the user says from
 * which namespace: in a namespace without policies a first one would shut out all other incoming traffic.
 */
import { baseOf } from "./base.ts";
import { placed } from "./labels.ts";
import { NETWORK_POLICY } from "./names.ts";
import type { KubeObject } from "./object.ts";
import type { Target } from "./target.ts";

const NETWORK_POLICY_FILE = "70-network-policy.yaml";
/** Set by the API server on every namespace. */
const NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";

/** https://kubernetes.io/docs/concepts/services-networking/network-policies/ */
interface NetworkPolicy extends KubeObject {
  spec: { ingress: { from: object[]; ports: object[] }[]; [member: string]: unknown };
}

export function networkPoliciesOf(target: Target): KubeObject[] {
  const { scrapeFrom, monitor } = target.parts;
  if (scrapeFrom === undefined || monitor === "none") return [];
  const from = [{ namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: scrapeFrom } } }];
  return target.namespaces.map((namespace) => {
    const base = baseOf<NetworkPolicy>(NETWORK_POLICY_FILE, "NetworkPolicy");
    const object = { ...base, spec: { ...base.spec, ingress: base.spec.ingress.map((rule) => ({ ...rule, from })) } };
    return placed(object, { name: NETWORK_POLICY, namespace, component: "scrape" }, target);
  });
}
