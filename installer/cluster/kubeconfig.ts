// SPDX-License-Identifier: Apache-2.0
/**
 * Which cluster and account the commands use: the kubeconfig that is named, else the usual ones, else the pod's service account.
 * Reading it is the client library's; this says what is wrong with it.
 */
import { KubeConfig } from "@kubernetes/client-node";
import { ProxymeterError } from "../errors.ts";

/** What the library makes up where it finds nothing. */
const MADE_UP = { context: "loaded-context", server: "http://localhost:8080" };

/** @throws ProxymeterError E_KUBECONFIG, exit status 2 */
export function loadKubeconfig(file: string | undefined, context: string | undefined): KubeConfig {
  const config = read(file, context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    const names = config.getContexts().map(({ name }) => name);
    throw failure(
      `cannot find context "${config.getCurrentContext()}" with a cluster (expected one of: ${names.join(", ") || "none"})`,
      "give --context",
    );
  }
  if (config.getCurrentContext() === MADE_UP.context && cluster.server === MADE_UP.server) {
    throw failure(
      "cannot find a cluster: found no kubeconfig (expected $KUBECONFIG, ~/.kube/config, or a pod's service account)",
      "give --kubeconfig FILE",
    );
  }
  return config;
}

function read(file: string | undefined, context: string | undefined): KubeConfig {
  const config = new KubeConfig();
  try {
    if (file === undefined) config.loadFromDefault();
    else config.loadFromFile(file);
    if (context !== undefined) config.setCurrentContext(context);
    return config;
  } catch (cause) {
    const message = `cannot read the kubeconfig${file ? ` "${file}"` : ""}: ${(cause as Error).message}`;
    throw failure(message, "give --kubeconfig, or set KUBECONFIG", cause);
  }
}

function failure(message: string, hint: string, cause?: unknown): ProxymeterError {
  return new ProxymeterError("E_KUBECONFIG", message, hint, { cause, exitCode: 2 });
}
