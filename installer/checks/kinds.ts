// SPDX-License-Identifier: Apache-2.0
/**
 * The parts of Kubernetes and Istio objects that the checks read, and which kinds are gathered.
 * Everything is optional: the objects come from a cluster that others wrote to.
 */
import type { KubeObject } from "../objects/object.ts";

export interface Port {
  name?: string;
  number?: number;
  port?: number;
  protocol?: string;
  appProtocol?: string;
}

export interface Service extends KubeObject {
  spec?: { clusterIP?: string; type?: string; ports?: Port[] };
}

export interface ServiceEntry extends KubeObject {
  spec?: {
    hosts?: string[];
    addresses?: string[];
    exportTo?: string[];
    resolution?: string;
    ports?: Port[];
  };
}

export interface Container {
  name: string;
  args?: string[];
  env?: { name: string; value?: string }[];
}

export interface Pod extends KubeObject {
  spec?: { containers?: Container[]; initContainers?: Container[]; hostNetwork?: boolean };
  status?: { phase?: string; podIP?: string };
}

interface PluginPart {
  url?: string;
  sha256?: string;
  pluginName?: string;
  failStrategy?: string;
  imagePullSecret?: string;
  pluginConfig?: Record<string, unknown>;
}

/** A WasmPlugin has the plugin's members in `spec`, a TrafficExtension below `spec.wasm`. */
export interface Plugin extends KubeObject {
  spec?: PluginPart & { selector?: { matchLabels?: Record<string, string> }; wasm?: PluginPart };
}

export interface Sidecar extends KubeObject {
  spec?: { outboundTrafficPolicy?: { mode?: string } };
}

export interface AdmissionPolicy extends KubeObject {
  spec?: {
    matchConstraints?: { objectSelector?: LabelSelector };
    variables?: { name?: string; expression?: string }[];
    validations?: { expression?: string }[];
  };
}

export interface AdmissionBinding extends KubeObject {
  spec?: { policyName?: string; validationActions?: string[] };
}

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export interface PrometheusObject extends KubeObject {
  spec?: { podMonitorSelector?: LabelSelector; podMonitorNamespaceSelector?: LabelSelector };
}

/** Members of Facts.objects and the kinds behind them. */
export interface Objects {
  namespaces: KubeObject;
  services: Service;
  serviceEntries: ServiceEntry;
  wasmPlugins: Plugin;
  trafficExtensions: Plugin;
  envoyFilters: KubeObject;
  telemetries: KubeObject;
  sidecars: Sidecar;
  destinationRules: KubeObject;
  virtualServices: KubeObject;
  admissionPolicies: AdmissionPolicy;
  admissionBindings: AdmissionBinding;
  podMonitors: KubeObject;
  prometheuses: PrometheusObject;
}

/** `apiVersion` and kind of each list that is read whole; pods are read by namespace. */
export const GATHERED: { readonly [K in keyof Objects]: readonly [string, string] } = {
  namespaces: ["v1", "Namespace"],
  services: ["v1", "Service"],
  serviceEntries: ["networking.istio.io/v1", "ServiceEntry"],
  wasmPlugins: ["extensions.istio.io/v1alpha1", "WasmPlugin"],
  trafficExtensions: ["extensions.istio.io/v1alpha1", "TrafficExtension"],
  envoyFilters: ["networking.istio.io/v1alpha3", "EnvoyFilter"],
  telemetries: ["telemetry.istio.io/v1", "Telemetry"],
  sidecars: ["networking.istio.io/v1", "Sidecar"],
  destinationRules: ["networking.istio.io/v1", "DestinationRule"],
  virtualServices: ["networking.istio.io/v1", "VirtualService"],
  admissionPolicies: ["admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"],
  admissionBindings: ["admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"],
  podMonitors: ["monitoring.coreos.com/v1", "PodMonitor"],
  prometheuses: ["monitoring.coreos.com/v1", "Prometheus"],
};

/** Whether labels satisfy a selector; an empty one selects everything, an absent one nothing. */
export function selects(selector: LabelSelector | undefined, labels: Record<string, string> = {}): boolean {
  if (selector === undefined) return false;
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return equal && (selector.matchExpressions ?? []).every((expression) => holds(expression, labels));
}

function holds(
  { key, operator, values = [] }: { key: string; operator: string; values?: string[] },
  labels: Record<string, string>,
): boolean {
  const value = labels[key];
  if (operator === "Exists") return value !== undefined;
  if (operator === "DoesNotExist") return value === undefined;
  if (operator === "In") return value !== undefined && values.includes(value);
  return value === undefined || !values.includes(value);
}
