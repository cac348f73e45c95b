// SPDX-License-Identifier: Apache-2.0
/**
 * The access log that a Telemetry of ours asks for: the provider that the mesh configuration has to offer, and what the
 * Telemetry says of it. Which namespaces get it, and how it comes into the mesh configuration, is decided elsewhere.
 */
import {
  LABEL_DESTINATION,
  LABEL_OUTCOME,
  LABEL_POOL,
  LABEL_VENDOR,
  STATE_DESTINATION,
  STATE_OUTCOME,
  STATE_POOL,
  STATE_VENDOR,
} from "../../filter/core/contract.ts";
import type { KubeObject } from "./object.ts";

/** Name under which the mesh configuration offers it. */
export const ACCESS_LOG_PROVIDER = "proxymeter-access-log";

const published = (state: string) => `%FILTER_STATE(wasm.${state}:PLAIN)%`;

/**
 * Members of a line: Istio's own under their names, then ours. No path, no query, no header but the host: what a crawler
 * asks for there is nobody's business here. Bytes are Envoy's: received from the crawler, sent to it.
 */
const LABELS: Readonly<Record<string, string>> = {
  start_time: "%START_TIME%",
  access_log_type: "%ACCESS_LOG_TYPE%",
  connection_id: "%CONNECTION_ID%",
  duration: "%DURATION%",
  method: "%REQ(:METHOD)%",
  authority: "%REQ(:AUTHORITY)%",
  protocol: "%PROTOCOL%",
  response_code: "%RESPONSE_CODE%",
  response_code_details: "%RESPONSE_CODE_DETAILS%",
  response_flags: "%RESPONSE_FLAGS%",
  connection_termination_details: "%CONNECTION_TERMINATION_DETAILS%",
  upstream_transport_failure_reason: "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
  bytes_received: "%BYTES_RECEIVED%",
  bytes_sent: "%BYTES_SENT%",
  upstream_host: "%UPSTREAM_HOST%",
  upstream_cluster: "%UPSTREAM_CLUSTER_RAW%",
  downstream_local_address: "%DOWNSTREAM_LOCAL_ADDRESS%",
  downstream_remote_address: "%DOWNSTREAM_REMOTE_ADDRESS%",
  requested_server_name: "%REQUESTED_SERVER_NAME%",
  route_name: "%ROUTE_NAME%",
  [LABEL_VENDOR]: published(STATE_VENDOR),
  [LABEL_POOL]: published(STATE_POOL),
  [LABEL_DESTINATION]: published(STATE_DESTINATION),
  [LABEL_OUTCOME]: published(STATE_OUTCOME),
};

/** Lines of JSON; a member without a value is left out. */
export const ACCESS_LOG = {
  name: ACCESS_LOG_PROVIDER,
  envoyFileAccessLog: { path: "/dev/stdout", omitEmptyValues: true, logFormat: { labels: LABELS } },
};

/** https://istio.io/latest/docs/reference/config/telemetry/#AccessLogging */
export interface AccessLogging {
  match?: { mode?: string };
  providers?: { name: string }[];
}

/** Of outgoing connections only: those that come in are no business of ours. */
export function accessLogging(): AccessLogging[] {
  return [{ match: { mode: "CLIENT" }, providers: [{ name: ACCESS_LOG_PROVIDER }] }];
}

/** What a Telemetry says of access logs; empty for every other object. */
export function accessLoggingOf({ kind, spec }: KubeObject): AccessLogging[] {
  if (kind !== "Telemetry") return [];
  return (spec as { accessLogging?: AccessLogging[] } | undefined)?.accessLogging ?? [];
}

export function usesAccessLog(object: KubeObject): boolean {
  return accessLoggingOf(object).some(({ providers = [] }) =>
    providers.some(({ name }) => name === ACCESS_LOG_PROVIDER),
  );
}
