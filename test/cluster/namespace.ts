// SPDX-License-Identifier: Apache-2.0
/**
 * The private Linux namespaces in which the cluster runs: network (only `lo`), processes, mounts.
 * Fixed ports never clash, nothing reaches a real network, and every process ends when the first one does.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, mkdirSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { execa } from "execa";

/** The user a sidecar runs as, in Istio and here: https://istio.io/latest/docs/ops/deployment/application-requirements/ */
export const SIDECAR_UID = 1337;

/** Addresses of the pod network and of the vendors' gateways (TEST-NET-3, RFC 5737). */
export const POD_ADDRESS = "10.244.0.5";
const GATEWAY_NETWORK = "203.0.113.0/24";

/** Files of the run: in memory, in the namespace's own mount, so that even a killed run leaves nothing behind. */
export const RUN_FOLDER = "/var/lib/proxymeter";

const UNSHARE = ["--net", "--pid", "--mount", "--mount-proc", "--fork", "--kill-child"];

/** Whether this machine lets us make such namespaces; a container without CAP_SYS_ADMIN does not. */
export async function canUnshare(): Promise<boolean> {
  const { failed } = await execa("unshare", [...UNSHARE, "true"], { reject: false });
  return !failed;
}

/** Runs a command in new namespaces with this terminal. Its end, by whatever cause, ends everything it started. */
export function runInNamespace(command: readonly string[], environment: Record<string, string>): Promise<number> {
  const child = spawn("unshare", [...UNSHARE, "--", ...command], {
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  const unhook = forwardSignals(child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      unhook();
      resolve(signal ? 130 : (code ?? 1));
    });
  });
}

/** The first process of a namespace is deaf to signals it does not handle, so unshare is killed and takes it along. */
function forwardSignals(child: ChildProcess): () => void {
  const end = () => child.kill("SIGKILL");
  process.once("SIGINT", end).once("SIGTERM", end);
  return () => process.off("SIGINT", end).off("SIGTERM", end);
}

/** Inside: brings `lo` up with the pod's address, and gives the sidecar the folder that pilot-agent writes modules to. */
export async function prepareNamespace(): Promise<void> {
  const others = Object.keys(networkInterfaces()).filter((name) => name !== "lo");
  if (others.length > 0) {
    throw new Error(
      `cannot prepare the namespace: found interface "${others[0]}" (expected a new namespace with only "lo")`,
    );
  }
  await execa("ip", ["link", "set", "lo", "up"]);
  await execa("ip", ["addr", "add", `${POD_ADDRESS}/32`, "dev", "lo"]);
  await execa("ip", ["route", "add", GATEWAY_NETWORK, "dev", "lo", "src", POD_ADDRESS]);
  // pilot-agent keeps modules at a fixed place below /var/lib; an empty one of our own leaves the machine's alone.
  await execa("mount", ["-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/var/lib"]);
  // Where the kubelet puts a pod's service account.
  await execa("mount", ["-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run"]);
  mkdirSync(RUN_FOLDER);
  mkdirSync("/var/lib/istio/data", { recursive: true });
  chownSync("/var/lib/istio/data", SIDECAR_UID, SIDECAR_UID);
}

/** Gives the namespace's loopback one more address of the pod network. */
export async function addAddress(address: string): Promise<void> {
  await execa("ip", ["addr", "replace", `${address}/32`, "dev", "lo"]);
}
