// SPDX-License-Identifier: Apache-2.0
/**
 * What is beyond the vendors' gateways in these tests: sites by name, and the stand-in for the internet that leads to them.
 */
import { type Authority, makeAuthority } from "../../../loadgen/certificate.ts";
import { type Internet, startInternet } from "../../../loadgen/site/internet.ts";
import { type Sites, startSites } from "../../../loadgen/site/site.ts";

export const HOSTS: readonly string[] = ["shop-01.example", "shop-02.example", "shop-03.example"];

export interface Outside {
  authority: Authority;
  sites: Sites;
  internet: Internet;
  close(): Promise<void>;
}

/** @param addresses  IP addresses and names that are served besides HOSTS */
export async function startOutside(addresses: readonly string[] = []): Promise<Outside> {
  const authority = await makeAuthority();
  const sites = await startSites({ authority, hosts: [...HOSTS, ...addresses] });
  const internet = await startInternet({ sites });
  const close = async () => {
    await internet.close();
    await sites.close();
  };
  return { authority, sites, internet, close };
}
