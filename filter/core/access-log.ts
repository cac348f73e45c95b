// SPDX-License-Identifier: Apache-2.0
/**
 * The access log's half of the contract: the line that a sidecar writes for each metered connection, around what the filter
 * publishes. One JSON object; every member but the parts is text, so that an absent value (`-`) leaves it readable.
 * Not compiled into the filter; who puts it into a listener is decided elsewhere.
 */
import * as contract from "./contract.ts";

/** Version of the line's shape, and how every line begins, whatever a log collector puts in front of it. */
export const LEDGER_VERSION = 1;
export const LEDGER_MARK = `{"proxymeter":${LEDGER_VERSION},`;

/** Access log types of a connection or request that goes on; every other type is its end. */
export const INTERIM_TYPES: readonly string[] = ["TcpPeriodic", "DownstreamPeriodic", "UpstreamPeriodic"];

/** Who the sidecar is: texts, or Envoy's command operators for them. */
export interface Placement {
  pod: string;
  namespace: string;
  workload: string;
  node: string;
}

/** As pilot-agent hands them down to Envoy. */
const SIDECAR: Placement = {
  pod: "%ENVIRONMENT(POD_NAME)%",
  namespace: "%ENVIRONMENT(POD_NAMESPACE)%",
  workload: "%ENVIRONMENT(ISTIO_META_WORKLOAD_NAME)%",
  node: "%ENVIRONMENT(ISTIO_META_NODE_NAME)%",
};

/** Members of the line, in order, and what Envoy puts there. */
function membersOf({ pod, namespace, workload, node }: Placement): Record<string, string> {
  return {
    type: "%ACCESS_LOG_TYPE%",
    start: "%START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%",
    milliseconds: "%DURATION%",
    connection: "%CONNECTION_ID%",
    pod,
    namespace,
    workload,
    node,
    gateway: "%UPSTREAM_HOST%",
    flags: "%RESPONSE_FLAGS%",
  };
}

/** Format text of Envoy's access log, with its line end. */
export function ledgerFormat(placement: Placement = SIDECAR): string {
  const members = Object.entries(membersOf(placement)).map(([name, value]) => `"${name}":"${value}"`);
  const parts = `"parts":%FILTER_STATE(wasm.${contract.STATE_LEDGER}:PLAIN)%`;
  return `${LEDGER_MARK}${[...members, parts].join(",")}}\n`;
}

/** CEL that is true, and not an error, just where the filter published something: other connections write no line. */
export const LEDGER_CONDITION = `filter_state['wasm.${contract.STATE_LEDGER}'] != b''`;
