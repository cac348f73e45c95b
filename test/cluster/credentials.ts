// SPDX-License-Identifier: Apache-2.0
/**
 * Secrets of one throwaway API server: the administrator's token and the key that signs service account tokens.
 * The serving certificate is not made here: the API server signs its own into its certificate folder.
 */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import type { KubeAccess } from "./kube.ts";

export interface Credentials extends KubeAccess {
  readonly certificateFolder: string;
  readonly tokenFile: string;
  readonly signingKeyFile: string;
  readonly kubeconfigFile: string;
}

/** Writes the files under `folder` for an API server at `url`. */
export function makeCredentials(folder: string, url: string): Credentials {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const token = randomBytes(24).toString("hex");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const credentials = {
    url,
    token,
    certificateFolder: folder,
    caFile: `${folder}/apiserver.crt`,
    tokenFile: `${folder}/tokens.csv`,
    signingKeyFile: `${folder}/service-account.key`,
    kubeconfigFile: `${folder}/kubeconfig`,
  };
  writeFileSync(credentials.signingKeyFile, privateKey.export({ type: "pkcs8", format: "pem" }));
  // token, user, uid, "groups": https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
  writeFileSync(credentials.tokenFile, `${token},admin,admin,"system:masters"\n`);
  writeFileSync(credentials.kubeconfigFile, kubeconfig(credentials));
  return credentials;
}

function kubeconfig(access: KubeAccess): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "local", cluster: { server: access.url, "certificate-authority": access.caFile } }],
    users: [{ name: "admin", user: { token: access.token } }],
    contexts: [{ name: "local", context: { cluster: "local", user: "admin" } }],
    "current-context": "local",
  });
}
