// SPDX-License-Identifier: Apache-2.0
/**
 * One crawler pod with its sidecar, the vendors' gateways behind recording relays, and the sites behind those.
 * A test file starts one, works on it, and closes it; the control plane is shared by all files.
 */
import { readFileSync } from "node:fs";
import { findFilter } from "../../demo/paths.ts";
import { Teardown } from "../../demo/teardown.ts";
import * as contract from "../../filter/core/contract.ts";
import { makeAuthority } from "../../loadgen/certificate.ts";
import type { Gateway, GatewayOptions } from "../../loadgen/gateway/gateway.ts";
import { startHttpGateway } from "../../loadgen/gateway/http.ts";
import { type Relay, startRelay } from "../../loadgen/relay/relay.ts";
import { startInternet } from "../../loadgen/site/internet.ts";
import { startSites } from "../../loadgen/site/site.ts";
import type { ControlPlane } from "./control-plane.ts";
import { matching, readSamples, type Sample } from "./counters.ts";
import { openTunnel, type Tunnel, type VendorProxy } from "./crawler.ts";
import { intercept, type ServiceAddress } from "./intercept.ts";
import { Kube } from "./kube.ts";
import { GATEWAYS, gateway, type Installation } from "./manifests.ts";
import { type PlainCrawler, plainCrawler } from "./plain-crawler.ts";
import { until } from "./poll.ts";
import { type Registry, startRegistry } from "./registry.ts";
import { type Sidecar, type SidecarOptions, startSidecar } from "./sidecar.ts";
import { readTools } from "./tools.ts";

const PASSWORD = "secret";
const CUSTOMER = "crawl";
const USERNAME = `${CUSTOMER}-zone-residential-country-de`;
/** The last two look to Istio's own stat tags as if they held labels. */
const HOSTS = [
  ...["shop-01.example", "shop-02.example", "shop-03.example", "shop-04.example"],
  ...["imgcache.shop.example", "pricetag.shop.example"],
];

export interface RigOptions extends SidecarOptions {
  /** Vendors whose gateway speaks something else than HTTP proxying. */
  readonly gateways?: Readonly<Record<string, StartGateway>>;
  /** Services of the cluster that the crawler connects to. */
  readonly services?: readonly ServiceAddress[];
}

type StartGateway = (options: GatewayOptions) => Promise<Pick<Gateway, "host" | "port" | "close">>;

export interface Rig {
  readonly kube: Kube;
  readonly sidecar: Sidecar;
  readonly registry: Registry;
  readonly filter: Buffer;
  /** Certificate of the sites, PEM. */
  readonly ca: string;
  relay(vendor: string): Relay;
  /** Declares the gateways of these vendors, and waits until the sidecar listens for them. */
  declare(...vendors: readonly string[]): Promise<void>;
  /** Applies the WasmPlugin, and waits until the sidecar runs that module with that configuration. */
  install(installation: Installation): Promise<void>;
  open(vendor: string, host: string): Promise<Tunnel>;
  plain(vendor: string): PlainCrawler;
  /** The filter's own samples in the sidecar's exposition. */
  samples(): Promise<Sample[]>;
  close(): Promise<void>;
}

export async function startRig(
  plane: Pick<ControlPlane, "directory" | "credentials">,
  options: RigOptions,
): Promise<Rig> {
  const teardown = new Teardown();
  const keep = <T extends { close(): Promise<void> }>(part: T): T => {
    teardown.add(() => part.close());
    return part;
  };
  try {
    const tools = readTools();
    const kube = keep(new Kube(plane.credentials));
    const registry = keep(await startRegistry());
    const authority = await makeAuthority();
    const sites = keep(await startSites({ authority, hosts: HOSTS }));
    const internet = keep(await startInternet({ sites }));
    const relays = await startVendors(options, internet.port, keep);
    const routes = GATEWAYS.map(({ vendor, address, port }) => ({
      address,
      port,
      relayPort: relays.get(vendor)?.port ?? 0,
    }));
    await intercept(tools.iptables, routes, options.services);
    const sidecar = await startSidecar({ tools, plane, kube }, options);
    teardown.add(sidecar.stop);
    const samples = async () => readSamples(await sidecar.stats(), "proxymeter_");
    const open = (vendor: string, host: string) => openTunnel(proxyOf(vendor), host, authority.pem);
    const relay = (vendor: string) => must(relays.get(vendor), `relay of vendor "${vendor}"`);
    return {
      kube,
      sidecar,
      registry,
      filter: readFileSync(findFilter()),
      ca: authority.pem,
      relay,
      open,
      plain: (vendor) => plainCrawler(proxyOf(vendor)),
      samples,
      declare: (...vendors) => declare({ kube, sidecar, teardown }, vendors),
      install: (wanted) => install({ kube, sidecar, teardown, samples }, wanted),
      close: () => teardown.run(),
    };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function startVendors(
  { pod, gateways = {} }: RigOptions,
  internetPort: number,
  keep: <T extends { close(): Promise<void> }>(part: T) => T,
): Promise<Map<string, Relay>> {
  const relays = new Map<string, Relay>();
  for (const { vendor } of GATEWAYS) {
    const start: StartGateway = gateways[vendor] ?? startHttpGateway;
    const upstream = keep(await start({ internetPort, username: CUSTOMER, password: PASSWORD }));
    relays.set(vendor, keep(await startRelay({ pod, vendor, upstream })));
  }
  return relays;
}

interface Parts {
  readonly kube: Kube;
  readonly sidecar: Sidecar;
  readonly teardown: Teardown;
}

async function declare({ kube, sidecar, teardown }: Parts, vendors: readonly string[]): Promise<void> {
  for (const { entry, address, port } of vendors.map(gateway)) {
    await kube.apply(entry);
    teardown.add(() => kube.remove(entry));
    const listener = `${address}_${port}::`;
    const what = `listener ${address}_${port} in the sidecar`;
    await until(async () => (await sidecar.admin("/listeners")).includes(listener), {
      what,
      detail: sidecar.daemon.log,
    });
  }
}

async function install(
  { kube, sidecar, teardown, samples }: Parts & Pick<Rig, "samples">,
  { plugin, digest, configHash }: Installation,
): Promise<void> {
  await kube.apply(plugin);
  teardown.add(() => kube.remove(plugin));
  const labels = { [contract.LABEL_DIGEST]: digest, [contract.LABEL_CONFIG_HASH]: configHash };
  const isRunning = async () => matching(await samples(), contract.INFO, labels).length > 0;
  await until(isRunning, { what: `${contract.INFO} of module ${digest}`, detail: sidecar.daemon.log });
}

/** Address and credentials of a vendor's gateway, as a crawler has them. */
export function proxyOf(vendor: string): VendorProxy {
  const { address, port } = gateway(vendor);
  return { address, port, username: USERNAME, password: PASSWORD };
}

function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`cannot find the ${what}`);
  return value;
}
