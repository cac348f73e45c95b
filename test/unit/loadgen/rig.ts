// SPDX-License-Identifier: Apache-2.0
/**
 * A small world for the load generator's tests: sites, the internet in front of them, and all of it closed again.
 * Every test adds the gateway and relay that it is about.
 */
import { onTestFinished } from "vitest";
import { type Authority, makeAuthority } from "../../../loadgen/certificate.ts";
import { type Internet, startInternet } from "../../../loadgen/site/internet.ts";
import { startSites } from "../../../loadgen/site/site.ts";

export interface World {
  authority: Authority;
  hosts: string[];
  internet: Internet;
  /** Where all sites answer plain HTTP. */
  sitePort: number;
}

/** Sites behind an internet stand-in; closed when the test is finished. */
export async function startWorld(hosts = ["shop-01.example", "shop-02.example", "shop-03.example"]): Promise<World> {
  const authority = await makeAuthority();
  const sites = await closeLater(startSites({ authority, hosts }));
  const internet = await closeLater(startInternet({ sites }));
  return { authority, hosts, internet, sitePort: sites.httpPort };
}

/** Hands a started part through and closes it when the test is finished. */
export async function closeLater<T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const part = await starting;
  onTestFinished(() => part.close());
  return part;
}
