// SPDX-License-Identifier: Apache-2.0
/**
 * One ServiceEntry for each gateway in an opted-in namespace, so that sidecars give it a listener of its own.
 * Each namespace has its own, seen from there only: opting a namespace in or out touches no other, and a Sidecar
 * resource that limits a namespace to its own services still sees it.
 */
import { baseOf } from "./base.ts";
import type { DeclaredGateway, DeclaredPort } from "./declared-gateways.ts";
import { placed } from "./labels.ts";
import { serviceEntryName } from "./names.ts";
import type { KubeObject } from "./object.ts";
import type { Target } from "./target.ts";

const SERVICE_ENTRY_FILE = "10-service-entry.yaml";

/** https://istio.io/latest/docs/reference/config/networking/service-entry/ */
export interface ServiceEntry extends KubeObject {
  spec: {
    hosts: [string];
    addresses?: string[];
    exportTo: string[];
    location: "MESH_EXTERNAL";
    resolution: "NONE" | "DNS";
    ports: { number: number; name: string; protocol: "TCP" | "HTTP" }[];
  };
}

/** What `istioctl analyze` says of a TCP service without addresses; whether pods capture DNS it does not know, and our check does. */
const NO_ADDRESSES = { "galley.istio.io/analyze-suppress": "IST0134" };

export function serviceEntryOf(gateway: DeclaredGateway, namespace: string, target: Target): ServiceEntry {
  const { host, addresses, ports } = gateway;
  const base = baseOf<ServiceEntry>(SERVICE_ENTRY_FILE, "ServiceEntry");
  const { addresses: _addresses, ...spec } = base.spec;
  const object: ServiceEntry = {
    ...base,
    metadata: { ...base.metadata, ...(addresses.length === 0 && { annotations: NO_ADDRESSES }) },
    spec: {
      ...spec,
      hosts: [host],
      ...(addresses.length > 0 && { addresses: [...addresses] }),
      // Without addresses Istio allocates one, which crawlers get from the sidecar's DNS capture; it does so for DNS only.
      resolution: addresses.length > 0 ? "NONE" : "DNS",
      ports: ports.map(portOf),
    },
  };
  return placed(object, { name: serviceEntryName(host), namespace, component: "gateway" }, target);
}

function portOf({ number, mode }: DeclaredPort): ServiceEntry["spec"]["ports"][number] {
  return { number, name: `${mode}-${number}`, protocol: mode === "http" ? "HTTP" : "TCP" };
}
