// SPDX-License-Identifier: Apache-2.0
/**
 * One gateway and an Envoy before it with two listeners to it: with our network plugin and without. What goes through them is each
 * measure's own.
 */
import type { Envoy } from "../../../demo/envoy/envoy.ts";
import { startGateway } from "../load/outside.ts";
import type { Rig } from "../rig.ts";
import { bootstrap, listener, tcpFilters } from "./bootstrap.ts";
import { ourNetworkPlugin } from "./filters.ts";

const CLUSTER = "outbound|8080||gw.acme.example";

export interface TunnelPair {
  envoy: Envoy & { stop(): Promise<void> };
  /** Ports on loopback: through the filter, through Envoy alone, and the gateway itself. */
  ports: { filter: number; none: number; gateway: number };
}

/** The gateway ends with the rig; the Envoy too, unless it is stopped before. */
export async function startTunnelPair(rig: Rig): Promise<TunnelPair> {
  const gateway = await startGateway();
  rig.owns(gateway.stop);
  const listeners = [
    listener("filter", tcpFilters(CLUSTER, [ourNetworkPlugin(rig.modules.filter)])),
    listener("none", tcpFilters(CLUSTER)),
  ];
  const clusters = { [CLUSTER]: [{ host: "127.0.0.1", port: gateway.port }] };
  const envoy = await rig.start({ bootstrap: bootstrap(listeners, clusters) });
  const portOf = (name: string) => envoy.ports.get(name) ?? 0;
  return { envoy, ports: { filter: portOf("filter"), none: portOf("none"), gateway: gateway.port } };
}
