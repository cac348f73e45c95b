// SPDX-License-Identifier: Apache-2.0
/**
 * Access as a service account: a token by the API's own TokenRequest, in a kubeconfig.
 */
import { writeFileSync } from "node:fs";
import type { Credentials } from "./credentials.ts";
import type { Kube } from "./kube.ts";

export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/** Writes the kubeconfig to `file`. The account must be there. */
export async function writeKubeconfig(
  { url, caFile }: Pick<Credentials, "url" | "caFile">,
  kube: Kube,
  { namespace, name }: Account,
  file: string,
): Promise<void> {
  const body = JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} });
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const { status } = (await kube.call("POST", path, body, "application/json")) as { status: { token: string } };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "local", cluster: { server: url, "certificate-authority": caFile } }],
    users: [{ name, user: { token: status.token } }],
    contexts: [{ name: "local", context: { cluster: "local", user: name } }],
    "current-context": "local",
  };
  writeFileSync(file, JSON.stringify(config));
}
