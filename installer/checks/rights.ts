// SPDX-License-Identifier: Apache-2.0
/**
 * Which rights reading and installing need, as the questions of a SelfSubjectAccessReview. Asking is in gather.ts.
 * What installing needs is what our own role grants to write, so that the two cannot differ.
 */
import { accessObjectsOf } from "../objects/access.ts";
import type { Target } from "../objects/target.ts";
import type { Right } from "./facts.ts";

export type Question = Omit<Right, "isAllowed">;

/** Where the objects are that roles name. */
export interface Places {
  systemNamespace: string;
  istioNamespace: string;
  /** ConfigMap with the mesh configuration. */
  meshConfigMap: string;
}

const WRITING = ["create", "patch", "update", "delete"];

/** Group and resources that are listed. */
const LISTED: readonly [string, readonly string[]][] = [
  ["", ["namespaces", "pods", "services"]],
  ["apps", ["deployments"]],
  ["networking.istio.io", ["serviceentries", "sidecars"]],
  ["extensions.istio.io", ["wasmplugins"]],
  ["admissionregistration.k8s.io", ["validatingadmissionpolicies", "validatingadmissionpolicybindings"]],
];

export function questionsOf(places: Places): Question[] {
  return [...readingQuestions(places), ...installingQuestions(places)];
}

function readingQuestions({ istioNamespace, meshConfigMap }: Places): Question[] {
  const lists = LISTED.flatMap(([group, resources]) =>
    resources.map((resource): Question => ({ verb: "list", group, resource, needed: "check" })),
  );
  const mesh = { namespace: istioNamespace, name: meshConfigMap };
  return [...lists, { verb: "get", group: "", resource: "configmaps", ...mesh, needed: "check" }];
}

interface Role {
  kind: string;
  metadata: { namespace?: string };
  rules?: { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] }[];
}

function installingQuestions({ systemNamespace, istioNamespace, meshConfigMap }: Places): Question[] {
  const target: Target = {
    release: "",
    systemNamespace,
    namespaces: [],
    istio: { namespace: istioNamespace, minor: 0, meshConfigMap },
    module: { url: "", digest: "" },
    optionalKinds: new Set(),
    parts: { catchAll: true, telemetry: true, monitor: "none" },
  };
  return (accessObjectsOf(target) as unknown as Role[]).flatMap(({ metadata: { namespace }, rules = [] }) =>
    rules.flatMap(({ apiGroups, resources, resourceNames = [undefined], verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          resourceNames.flatMap((name) =>
            verbs
              .filter((verb) => WRITING.includes(verb))
              .map((verb) => ({
                verb,
                group,
                resource,
                ...(namespace !== undefined && { namespace }),
                ...(name !== undefined && { name }),
                needed: "install" as const,
              })),
          ),
        ),
      ),
    ),
  );
}
