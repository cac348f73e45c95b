// SPDX-License-Identifier: Apache-2.0
/**
 * A real istiod on loopback: certificate authority, and xDS on port 25012.
 * Switches off the two features whose filters only Istio's own build of Envoy holds; metering does not touch them.
 */
import type { Credentials } from "./credentials.ts";
import { type Daemon, startDaemon } from "./daemon.ts";

export const XDS_ADDRESS = "localhost:25012";
const PORTS = { http: 28_081, https: 25_017, grpc: 25_010, secureGrpc: 25_012, monitoring: 25_014 };

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

export interface IstiodPlace {
  /** Added to every port, for one that runs beside another. */
  readonly portOffset: number;
  readonly env: Readonly<Record<string, string>>;
}

export function startIstiod(
  binary: string,
  directory: string,
  credentials: Credentials,
  { portOffset, env }: IstiodPlace = { portOffset: 0, env: {} },
): Promise<Daemon> {
  const at = (port: keyof typeof PORTS) => `127.0.0.1:${PORTS[port] + portOffset}`;
  return startDaemon({
    name: "istiod",
    command: binary,
    args: [
      "discovery",
      `--kubeconfig=${credentials.kubeconfigFile}`,
      `--httpAddr=${at("http")}`,
      `--httpsAddr=${at("https")}`,
      `--grpcAddr=${at("grpc")}`,
      `--secureGRPCAddr=${at("secureGrpc")}`,
      `--monitoringAddr=${at("monitoring")}`,
      "--ctrlz_port=0",
      "--ctrlz_address=127.0.0.1",
    ],
    env: { ...ENVIRONMENT, ...env },
    directory,
    ready: async () => (await fetch(`http://${at("http")}/ready`)).ok,
    stopSignal: "SIGKILL",
  });
}
