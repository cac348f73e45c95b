// SPDX-License-Identifier: Apache-2.0
/**
 * The namespaces that are opted in, or those of them that a user names.
 */
import { ProxymeterError } from "../errors.ts";
import type { KubeObject } from "../objects/object.ts";
import { OPT_IN_LABEL } from "../objects/target.ts";
import type { Cluster } from "./cluster.ts";

/**
 * Namespace objects in order of their names.
 *
 * @param only  names of `-n`; all where empty
 * @throws      ProxymeterError E_NOT_OPTED_IN for a name without the label; KubeError
 */
export async function optedIn(cluster: Pick<Cluster, "list">, only: readonly string[] = []): Promise<KubeObject[]> {
  const found = await cluster.list("v1", "Namespace", { labelSelector: `${OPT_IN_LABEL}=true` });
  const names = found.map(({ metadata }) => metadata.name);
  const missing = only.find((name) => !names.includes(name));
  if (missing !== undefined) throw notOptedIn(missing);
  return found
    .filter(({ metadata }) => only.length === 0 || only.includes(metadata.name))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

function notOptedIn(name: string): ProxymeterError {
  return new ProxymeterError(
    "E_NOT_OPTED_IN",
    `cannot use -n ${name}: namespace ${name} is not opted in (expected the label ${OPT_IN_LABEL}=true)`,
    `kubectl label namespace ${name} ${OPT_IN_LABEL}=true, or name another`,
    { exitCode: 2 },
  );
}
