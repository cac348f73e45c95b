// SPDX-License-Identifier: Apache-2.0
/**
 * One etcd on loopback with throwaway data, the store of the API server.
 */
import { type Daemon, startDaemon } from "./daemon.ts";

export const ETCD_URL = "http://127.0.0.1:12379";
const PEER_URL = "http://127.0.0.1:12380";

export function startEtcd(binary: string, directory: string): Promise<Daemon> {
  return startDaemon({
    name: "etcd",
    command: binary,
    args: [
      "--name=e0",
      `--data-dir=${directory}/etcd-data`,
      `--listen-client-urls=${ETCD_URL}`,
      `--advertise-client-urls=${ETCD_URL}`,
      `--listen-peer-urls=${PEER_URL}`,
      `--initial-advertise-peer-urls=${PEER_URL}`,
      `--initial-cluster=e0=${PEER_URL}`,
      "--unsafe-no-fsync",
    ],
    directory,
    ready: async () => (await fetch(`${ETCD_URL}/health`)).ok,
    stopSignal: "SIGKILL",
  });
}
