// SPDX-License-Identifier: Apache-2.0
/**
 * What a served rig tells its users, as one JSON object: where its parts are and what can be asked through them. Pure.
 */
import type { Entrance } from "../traffic/plan.ts";
import { WAYS } from "../traffic/ways.ts";
import { proxyUrl, usernameFor } from "../vendors.ts";

export interface Announcement {
  /** Address of the first pod's Envoy admin interface. */
  admin: string;
  prometheus: string;
  /** GET answers the report as of now. */
  report: string;
  /** The dashboards, for a browser on this machine. */
  page: string;
  /** PEM file of the root certificate of all sites. */
  ca: string;
  /** One row for each pod and vendor: a listener of the pod's Envoy in front of the vendor's gateway. */
  vendors: { vendor: string; protocol: string; proxy: string; pod: string }[];
  /** Names that the gateways resolve, with an address of each. */
  sites: { host: string; url: string }[];
}

export interface Addresses {
  /** `127.0.0.1:PORT` */
  admin: string;
  prometheus: string;
  report: string;
  page: string;
  ca: string;
}

export function announcement(at: Addresses, entrances: readonly Entrance[], hosts: readonly string[]): Announcement {
  return {
    ...at,
    admin: `http://${at.admin}`,
    vendors: entrances.map(({ vendor, pod, port }) => {
      const { pool = "", country = "" } = WAYS.find((way) => way.vendor === vendor.name) ?? {};
      const proxy = proxyUrl(vendor, port, usernameFor(vendor, pool, country));
      return { vendor: vendor.name, protocol: vendor.protocol, proxy, pod: pod.name };
    }),
    sites: hosts.map((host) => ({ host, url: `https://${host}/` })),
  };
}
