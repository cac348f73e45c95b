// SPDX-License-Identifier: Apache-2.0
/**
 * The EnvoyFilter that makes sidecars write the ledger: an access log of our own beside those of the mesh, on all outbound
 * listeners of an opted-in namespace. It says nothing of vendors, so that it changes no listener again.
 */
import { LEDGER_CONDITION, ledgerFormat } from "../../filter/core/access-log.ts";
import { baseOf } from "./base.ts";
import { placed } from "./labels.ts";
import { LEDGER } from "./names.ts";
import type { KubeObject } from "./object.ts";
import type { Target } from "./target.ts";

const LEDGER_FILE = "45-ledger.yaml";

/** Seconds between the interim lines of a connection, unless the user says otherwise. */
export const LEDGER_SECONDS = 60;

interface AccessLog {
  filter: { extension_filter: { typed_config: { expression: string } } };
  typed_config: { log_format: { text_format_source: { inline_string: string } } };
}

interface Logged {
  "@type": string;
  access_log: AccessLog[];
  access_log_options?: { access_log_flush_interval: string };
}

/** https://istio.io/latest/docs/reference/config/networking/envoy-filter/ */
export interface LedgerFilter extends KubeObject {
  spec: {
    configPatches: { patch: { operation: string; value: { name: string; typed_config: Logged } } }[];
  };
}

/** @param seconds  between interim lines; 0 for none */
export function ledgerOf(namespace: string, seconds: number, target: Target): LedgerFilter {
  const base = baseOf<LedgerFilter>(LEDGER_FILE, "EnvoyFilter");
  const configPatches = base.spec.configPatches.map(({ patch, ...rest }) => ({
    ...rest,
    patch: { ...patch, value: { ...patch.value, typed_config: logged(patch.value.typed_config, seconds) } },
  }));
  const object: LedgerFilter = { ...base, spec: { ...base.spec, configPatches } };
  return placed(object, { name: LEDGER, namespace, component: "ledger" }, target);
}

function logged({ access_log, access_log_options: _interval, ...typed }: Logged, seconds: number): Logged {
  const logs = structuredClone(access_log);
  for (const log of logs) {
    log.filter.extension_filter.typed_config.expression = LEDGER_CONDITION;
    log.typed_config.log_format.text_format_source.inline_string = ledgerFormat();
  }
  return {
    ...typed,
    access_log: logs,
    ...(seconds > 0 && { access_log_options: { access_log_flush_interval: `${seconds}s` } }),
  };
}
