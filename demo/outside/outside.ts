// SPDX-License-Identifier: Apache-2.0
/**
 * Everything beyond the pods: the sites, the stand-in for the internet that leads to them, and a gateway for each vendor.
 * All on loopback ports that the system chooses.
 */
import { makeAuthority } from "../../loadgen/certificate.ts";
import { startHttpGateway } from "../../loadgen/gateway/http.ts";
import { startInternet } from "../../loadgen/site/internet.ts";
import { startSites } from "../../loadgen/site/site.ts";
import type { Vendor } from "../vendors.ts";

export interface OutsideOptions {
  vendors: readonly Vendor[];
  /** Names of the sites. */
  hosts: readonly string[];
}

export interface Outside {
  /** PEM of the root certificate of all sites. */
  ca: string;
  /** Port of each vendor's gateway on 127.0.0.1, in the order of the vendors. */
  gatewayPorts: number[];
}

/** Starts all of it; it ends with the thread that it runs in. */
export async function startOutside({ vendors, hosts }: OutsideOptions): Promise<Outside> {
  const authority = await makeAuthority();
  const sites = await startSites({ authority, hosts: [...hosts] });
  const internet = await startInternet({ sites });
  const gateways = await Promise.all(
    vendors.map(({ username, password }) => startHttpGateway({ internetPort: internet.port, username, password })),
  );
  return { ca: authority.pem, gatewayPorts: gateways.map(({ port }) => port) };
}
