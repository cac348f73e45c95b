// SPDX-License-Identifier: Apache-2.0
/**
 * One cluster has one installation: what says so before anything is planned. Objects are found by their label, wherever they
 * are, so a second installation would take the first one for its own leftovers.
 */
import type { Cluster } from "../cluster/cluster.ts";
import { ProxymeterError } from "../errors.ts";
import { MANAGED_BY, MANAGED_BY_LABEL } from "../objects/target.ts";
import { RECORD_NAME } from "./record.ts";

/** @throws ProxymeterError E_OTHER_NAMESPACE where the record of an installation is in another namespace; KubeError */
export async function refuseElsewhere(cluster: Pick<Cluster, "list">, systemNamespace: string): Promise<void> {
  const labelSelector = `${MANAGED_BY_LABEL}=${MANAGED_BY}`;
  const maps = await cluster.list("v1", "ConfigMap", { labelSelector });
  const records = maps.filter(({ metadata }) => metadata.name === RECORD_NAME);
  const other = records.find(({ metadata }) => metadata.namespace !== systemNamespace)?.metadata.namespace;
  if (other === undefined) return;
  throw new ProxymeterError(
    "E_OTHER_NAMESPACE",
    `found an installation in namespace ${other} (expected it in ${systemNamespace}, and one for a cluster)`,
    `give -n ${other}; to move it, uninstall it there first`,
    { exitCode: 2 },
  );
}
