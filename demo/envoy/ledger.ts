// SPDX-License-Identifier: Apache-2.0
/**
 * The ledger of a pod's Envoy: the access log that the installer adds to a sidecar's listeners, here into a file.
 * What the line says is in filter/core/access-log.ts; what it is worth is decided by who reads it.
 */
import { LEDGER_CONDITION, ledgerFormat } from "../../filter/core/access-log.ts";
import type { Pod } from "../pod.ts";

const LOGGERS = "type.googleapis.com/envoy.extensions.access_loggers";

export interface LedgerSettings {
  /** Appended to. */
  file: string;
  /** How often a connection that stays open writes an interim line. */
  intervalSeconds: number;
}

/** Members that a tcp_proxy, and an HTTP connection manager, gets for its ledger; none where there is none. */
export function accessLogOf(pod: Pod, ledger: LedgerSettings | undefined) {
  if (ledger === undefined) return {};
  return {
    access_log: [
      {
        name: "envoy.access_loggers.file",
        filter: {
          extension_filter: {
            name: "envoy.access_loggers.extension_filters.cel",
            typed_config: { "@type": `${LOGGERS}.filters.cel.v3.ExpressionFilter`, expression: LEDGER_CONDITION },
          },
        },
        typed_config: {
          "@type": `${LOGGERS}.file.v3.FileAccessLog`,
          path: ledger.file,
          log_format: { text_format_source: { inline_string: ledgerFormat(placementOf(pod)) } },
        },
      },
    ],
    access_log_options: { access_log_flush_interval: `${ledger.intervalSeconds}s` },
  };
}

/** No pilot-agent tells an Envoy of the rig where it runs. */
function placementOf({ name, namespace, labels }: Pod) {
  return { pod: name, namespace, workload: labels.app ?? name, node: "localhost" };
}

/** Argument by which pilot-agent has lines reach the log within a second; Envoy by itself takes ten. */
export const PROMPT_LOGS = ["--file-flush-interval-msec", "1000"];
