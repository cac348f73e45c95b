// SPDX-License-Identifier: Apache-2.0
/**
 * A real istiod on loopback: certificate authority, and xDS on port 25012.
 * Switches off the two features whose filters only Istio's own build of Envoy holds; metering does not touch them.
 */
import type { Credentials } from "./credentials.ts";
import { type Daemon, startDaemon } from "./daemon.ts";

export const XDS_ADDRESS = "localhost:25012";
const HTTP_ADDRESS = "127.0.0.1:28081";

/** Environment of pilot-discovery: https://istio.io/latest/docs/reference/commands/pilot-discovery/#envvars */
const ENVIRONMENT = {
  PILOT_ENABLE_ALPN_FILTER: "false",
  PILOT_ENABLE_METADATA_EXCHANGE: "false",
  PILOT_ENABLE_GATEWAY_API: "false",
  PILOT_CERT_PROVIDER: "istiod",
  ENABLE_CA_SERVER: "true",
  ENABLE_LEADER_ELECTION: "false",
  // The names that go into istiod's own certificate.
  ISTIOD_CUSTOM_HOST: "localhost",
  POD_NAME: "istiod-0",
  POD_NAMESPACE: "istio-system",
  CLUSTER_ID: "Kubernetes",
  REVISION: "default",
  PILOT_DEBOUNCE_AFTER: "10ms",
  PILOT_DEBOUNCE_MAX: "1s",
  INJECTION_WEBHOOK_CONFIG_NAME: "",
  VALIDATION_WEBHOOK_CONFIG_NAME: "",
};

export function startIstiod(binary: string, directory: string, credentials: Credentials): Promise<Daemon> {
  return startDaemon({
    name: "istiod",
    command: binary,
    args: [
      "discovery",
      `--kubeconfig=${credentials.kubeconfigFile}`,
      `--httpAddr=${HTTP_ADDRESS}`,
      "--httpsAddr=127.0.0.1:25017",
      "--grpcAddr=127.0.0.1:25010",
      "--secureGRPCAddr=127.0.0.1:25012",
      "--monitoringAddr=127.0.0.1:25014",
      "--ctrlz_port=0",
      "--ctrlz_address=127.0.0.1",
    ],
    env: ENVIRONMENT,
    directory,
    ready: async () => (await fetch(`http://${HTTP_ADDRESS}/ready`)).ok,
    stopSignal: "SIGKILL",
  });
}
