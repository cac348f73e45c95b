// SPDX-License-Identifier: Apache-2.0
/**
 * Whether sidecars answer DNS themselves, so that a host without addresses gets one of Istio's. Pure.
 *
 * @see https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/
 */

export const DNS_CAPTURE = "ISTIO_META_DNS_CAPTURE";

/** @param config  `defaultConfig` of the mesh, or a pod's own proxy configuration */
export function capturesDns(config: { proxyMetadata?: { readonly [name: string]: unknown } } | undefined): boolean {
  return String(config?.proxyMetadata?.[DNS_CAPTURE]) === "true";
}
