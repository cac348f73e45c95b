// SPDX-License-Identifier: Apache-2.0
/**
 * Service accounts, roles and bindings: what this program may do at most, and what a Prometheus needs to find pods.
 * The rules are those of istio/60-access.yaml; here only the namespaces and names of this cluster go in.
 */
import { baseOf } from "./base.ts";
import { type Place, placed } from "./labels.ts";
import { INSTALLER, MESH_ACCESS, PROMETHEUS } from "./names.ts";
import type { KubeObject } from "./object.ts";
import type { Target } from "./target.ts";

const ACCESS_FILE = "60-access.yaml";

interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

/** A role has rules, a binding subjects; a service account neither. */
interface Access {
  rules?: Rule[];
  subjects?: { kind: string; name: string; namespace: string }[];
}

export function accessObjectsOf(target: Target): KubeObject[] {
  const { systemNamespace: namespace, istio, namespaces, parts } = target;
  const ours = { component: "access" } as const;
  const installer = [
    access("ServiceAccount", { name: INSTALLER, namespace, ...ours }, target),
    access("ClusterRole", { name: INSTALLER, ...ours }, target),
    access("ClusterRoleBinding", { name: INSTALLER, ...ours }, target),
    access("Role", { name: INSTALLER, namespace, ...ours }, target),
    access("RoleBinding", { name: INSTALLER, namespace, ...ours }, target),
    access("Role", { name: MESH_ACCESS, namespace: istio.namespace, ...ours }, target),
    access("RoleBinding", { name: MESH_ACCESS, namespace: istio.namespace, ...ours }, target),
  ];
  if (parts.monitor === "none") return installer;
  return [
    ...installer,
    access("ServiceAccount", { name: PROMETHEUS, namespace, ...ours }, target),
    access("ClusterRole", { name: PROMETHEUS, ...ours }, target),
    ...namespaces.map((crawlers) => access("RoleBinding", { name: PROMETHEUS, namespace: crawlers, ...ours }, target)),
  ];
}

/** The object of that kind and name in the manifest, moved to where it belongs here. */
function access(kind: string, place: Place, target: Target): KubeObject {
  const { rules, subjects, ...base } = baseOf<Access>(ACCESS_FILE, kind, place.name);
  const object = {
    ...base,
    ...(rules && { rules: rules.map((rule) => ruleFor(rule, target)) }),
    ...(subjects && { subjects: subjects.map((subject) => ({ ...subject, namespace: target.systemNamespace })) }),
  } as KubeObject;
  return placed(object, place, target);
}

/** Objects that a rule names and that are called otherwise here: our namespace, and the mesh configuration of a revision. */
function ruleFor(rule: Rule, { systemNamespace, istio }: Target): Rule {
  const [resource] = rule.resources;
  if (rule.resourceNames === undefined) return rule;
  if (resource === "namespaces") return { ...rule, resourceNames: [systemNamespace] };
  return resource === "configmaps" ? { ...rule, resourceNames: [istio.meshConfigMap ?? "istio"] } : rule;
}
