// SPDX-License-Identifier: Apache-2.0
/**
 * Which pod a name on the command line means: `namespace/name`, or a name that only one opted-in namespace has.
 */
import type { Pod } from "../checks/kinds.ts";
import { placeOf } from "../checks/workloads.ts";
import { ProxymeterError } from "../errors.ts";

export interface WantedPod {
  namespace: string;
  pod: string;
}

/**
 * @param pods  those of the opted-in namespaces; asked for only where the name has no namespace
 * @throws      ProxymeterError E_POD
 */
export async function wantedPod(text: string, pods: () => Promise<readonly Pod[]>): Promise<WantedPod> {
  const [first = "", second, ...rest] = text.split("/");
  if (first === "" || second === "" || rest.length > 0) {
    throw refusal(`cannot read "${text}" as a pod (expected NAME or NAMESPACE/NAME)`, "see `kubectl get pods -A`");
  }
  if (second !== undefined) return { namespace: first, pod: second };
  const found = (await pods()).filter(({ metadata }) => metadata.name === first);
  const [only] = found;
  if (only === undefined) {
    throw refusal(`cannot find pod "${first}" in any opted-in namespace`, "name it as NAMESPACE/NAME");
  }
  if (found.length > 1) {
    throw refusal(
      `pod "${first}" is in several namespaces: ${found.map(placeOf).join(", ")}`,
      "name it as NAMESPACE/NAME",
    );
  }
  return { namespace: only.metadata.namespace ?? "", pod: first };
}

function refusal(message: string, hint: string): ProxymeterError {
  return new ProxymeterError("E_POD", message, hint, { exitCode: 2 });
}
