// SPDX-License-Identifier: Apache-2.0
/**
 * A real kube-apiserver on loopback. No controller, scheduler or kubelet runs beside it, so objects stay as applied.
 */
import type { Credentials } from "./credentials.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { ETCD_URL } from "./etcd.ts";
import { Kube } from "./kube.ts";

export const API_PORT = 16_443;

export interface ApiserverPlace {
  readonly port: number;
  /** Under which the store keeps its objects: another one is another, empty cluster. */
  readonly etcdPrefix: string;
}

export async function startApiserver(
  binary: string,
  directory: string,
  credentials: Credentials,
  { port, etcdPrefix }: ApiserverPlace = { port: API_PORT, etcdPrefix: "/registry" },
): Promise<Daemon> {
  return startDaemon({
    name: "apiserver",
    command: binary,
    args: [
      `--etcd-servers=${ETCD_URL}`,
      `--etcd-prefix=${etcdPrefix}`,
      "--bind-address=127.0.0.1",
      "--advertise-address=127.0.0.1",
      `--secure-port=${port}`,
      // The server makes a certificate for 127.0.0.1 here on its first start.
      `--cert-dir=${credentials.certificateFolder}`,
      `--token-auth-file=${credentials.tokenFile}`,
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${credentials.signingKeyFile}`,
      `--service-account-signing-key-file=${credentials.signingKeyFile}`,
      "--service-cluster-ip-range=10.96.0.0/16",
      "--authorization-mode=RBAC",
      // Without the token controller a pod would wait for a default service account that nobody makes.
      "--disable-admission-plugins=ServiceAccount",
      "--endpoint-reconciler-type=none",
      "--profiling=false",
    ],
    directory,
    ready: () => isReady(credentials),
    stopSignal: "SIGKILL",
  });
}

async function isReady(credentials: Credentials): Promise<boolean> {
  const kube = new Kube(credentials);
  try {
    return (await kube.call("GET", "/readyz")) === "ok";
  } finally {
    await kube.close();
  }
}
