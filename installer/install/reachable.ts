// SPDX-License-Identifier: Apache-2.0
/**
 * Whether each gateway gets a listener of its own. One without addresses has it only where sidecars capture DNS; elsewhere its
 * listener would take every connection to its port, whoever it is for.
 *
 * @see https://github.com/istio/istio/issues/58696
 */
import { capturesDns } from "../cluster/dns-capture.ts";
import { meshOf } from "../cluster/mesh-config-map.ts";
import { ProxymeterError } from "../errors.ts";
import { type KubeObject, nameOf } from "../objects/object.ts";
import type { ServiceEntry } from "../objects/service-entry.ts";

interface Mesh {
  defaultConfig?: { proxyMetadata?: { [name: string]: unknown } };
}

/** @throws ProxymeterError E_NO_ADDRESSES */
export function refuseBareGateways(objects: readonly KubeObject[], mesh: string): void {
  const bare = objects.filter((object) => object.kind === "ServiceEntry" && isBare((object as ServiceEntry).spec));
  if (bare.length === 0 || capturesDns((meshOf(mesh) as Mesh).defaultConfig)) return;
  throw new ProxymeterError(
    "E_NO_ADDRESSES",
    `cannot install: ${bare.map(nameOf).join(", ")}: found neither addresses nor DNS capture in the mesh ` +
      "(expected one of them: else its listener takes every connection to its port)",
    "add the gateway's addresses to vendors.yaml, or set ISTIO_META_DNS_CAPTURE in the mesh's proxyMetadata and restart the pods",
    { exitCode: 2 },
  );
}

/** Ports that are HTTP take nobody's connections: Envoy tells whom a request is for by its host. */
function isBare({ addresses, ports }: ServiceEntry["spec"]): boolean {
  return addresses === undefined && ports.some(({ protocol }) => protocol === "TCP");
}
