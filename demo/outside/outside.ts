// SPDX-License-Identifier: Apache-2.0
/**
 * Everything beyond the pods: the sites, the stand-in for the internet that leads to them, and the vendors' gateways.
 * All on loopback ports that the system chooses.
 */
import { makeAuthority } from "../../loadgen/certificate.ts";
import { startHttpGateway } from "../../loadgen/gateway/http.ts";
import { startSocksGateway } from "../../loadgen/gateway/socks.ts";
import { startInternet } from "../../loadgen/site/internet.ts";
import { startSites } from "../../loadgen/site/site.ts";
import type { GatewayProtocol, Vendor } from "../vendors.ts";
import { startResets } from "./resets.ts";

export interface OutsideOptions {
  vendors: readonly Vendor[];
  /** Names of the sites. */
  hosts: readonly string[];
  /** Share of the tunnels that the gateways reset on the way, 0 to 1. */
  resetShare: number;
  /** The same seed resets the same connections. */
  seed: number;
}

export interface Outside {
  /** PEM of the root certificate of all sites. */
  ca: string;
  /** What an Envoy must connect to for each vendor, on 127.0.0.1, in the order of the vendors. */
  ports: number[];
}

interface Surroundings {
  internetPort: number;
  /** Where all sites answer plain HTTP. */
  sitePort: number;
}

/** What stands at a vendor's address, by what the vendor speaks. */
const STARTERS: Record<GatewayProtocol, (vendor: Vendor, at: Surroundings) => Promise<{ port: number }>> = {
  http: ({ username, password }, { internetPort }) => startHttpGateway({ internetPort, username, password }),
  socks5: ({ username, password }, { internetPort }) => startSocksGateway({ internetPort, username, password }),
  headers: async (_vendor, { sitePort }) => ({ port: sitePort }),
};

/** Starts all of it; it ends with the thread that it runs in. */
export async function startOutside({ vendors, hosts, resetShare, seed }: OutsideOptions): Promise<Outside> {
  const authority = await makeAuthority();
  const sites = await startSites({ authority, hosts: [...hosts] });
  const internet = await startInternet({ sites });
  const surroundings = { internetPort: internet.port, sitePort: sites.httpPort };
  const ports = vendors.map(async (vendor) => {
    const { port } = await STARTERS[vendor.protocol](vendor, surroundings);
    if (resetShare === 0 || vendor.protocol === "headers") return port;
    return (await startResets({ gatewayPort: port, share: resetShare, seed, name: vendor.name })).port;
  });
  return { ca: authority.pem, ports: await Promise.all(ports) };
}
