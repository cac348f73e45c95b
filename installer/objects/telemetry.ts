// SPDX-License-Identifier: Apache-2.0
/**
 * The Telemetry of an opted-in namespace: vendor and pool on Istio's own metrics, read from what the plugins publish, and an
 * access log where one is wanted. Names no provider of metrics, so that a mesh without stays without, and selects nothing, so
 * that an older one of the namespace's owner goes before it.
 */
import { LABEL_POOL, LABEL_VENDOR, STATE_POOL, STATE_VENDOR } from "../../filter/core/contract.ts";
import { type AccessLogging, accessLogging } from "./access-log.ts";
import { baseOf } from "./base.ts";
import { placed } from "./labels.ts";
import { TELEMETRY } from "./names.ts";
import type { KubeObject } from "./object.ts";
import type { Target } from "./target.ts";

const TELEMETRY_FILE = "40-telemetry.yaml";

interface Override {
  match: { metric: string; mode: "CLIENT" };
  tagOverrides: Record<string, { value: string }>;
}

/** https://istio.io/latest/docs/reference/config/telemetry/ */
export interface Telemetry extends KubeObject {
  spec: { metrics: { overrides: Override[] }[]; accessLogging?: AccessLogging[] };
}

export function telemetryOf(namespace: string, target: Target): Telemetry {
  const base = baseOf<Telemetry>(TELEMETRY_FILE, "Telemetry");
  const metrics = base.spec.metrics.map((metric) => ({
    ...metric,
    overrides: metric.overrides.map((override) => ({ ...override, tagOverrides: TAGS })),
  }));
  const logging = target.parts.accessLog ? { accessLogging: accessLogging() } : {};
  const object: Telemetry = { ...base, spec: { ...base.spec, metrics, ...logging } };
  return placed(object, { name: TELEMETRY, namespace, component: "telemetry" }, target);
}

/** Tags and their CEL: Envoy keeps what a Wasm filter publishes under `wasm.`. A missing one yields `unknown`. */
const TAGS = {
  [LABEL_VENDOR]: { value: `filter_state['wasm.${STATE_VENDOR}']` },
  [LABEL_POOL]: { value: `filter_state['wasm.${STATE_POOL}']` },
};
