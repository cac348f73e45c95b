// SPDX-License-Identifier: Apache-2.0
/**
 * The vendors' gateways beside what the mesh declares: which listener of a sidecar a connection to a gateway meets.
 *
 * Istio gives a TCP port a listener of its own where the service has an address; without one, or with a network, it listens
 * on 0.0.0.0, where all explicit HTTP of that port is too.
 */
import { capturesDns, DNS_CAPTURE } from "../cluster/dns-capture.ts";
import { MANAGED_BY, MANAGED_BY_LABEL } from "../objects/target.ts";
import type { Gateway, VendorsFile } from "../vendors/model.ts";
import { contains, isSingle, overlap } from "./addresses.ts";
import { type Facts, known } from "./facts.ts";
import type { Pod, Port, ServiceEntry } from "./kinds.ts";
import { entrySpeech, isVisible, serviceSpeech } from "./protocol.ts";
import { annotationOf, labelOf, optedIn, placeOf, proxyConfigOf, sidecarOf } from "./workloads.ts";

export interface Point {
  vendor: string;
  /** `acme (gw.acme.example)` */
  title: string;
  gateway: Gateway;
}

export function pointsOf({ vendors }: VendorsFile): Point[] {
  return vendors.flatMap(({ name, gateways }) =>
    gateways.map((gateway) => ({
      vendor: name,
      title: `${name} (${gateway.host ?? gateway.addresses[0] ?? "no address"})`,
      gateway,
    })),
  );
}

/** Gateways that are metered as raw TCP: those that Envoy's own HTTP would break. */
export function tcpPoints(facts: Facts): Point[] {
  return pointsOf(known(facts.vendors)).filter(({ gateway }) => gateway.mode === "tcp");
}

/** ServiceEntries that the opted-in namespaces see. */
export function visibleEntries(facts: Facts): ServiceEntry[] {
  const namespaces = optedIn(facts);
  return known(facts.objects.serviceEntries).filter(({ spec, metadata }) =>
    isVisible(spec?.exportTo ?? [], metadata.namespace, namespaces),
  );
}

export function isOurs(entry: ServiceEntry): boolean {
  return labelOf(entry, MANAGED_BY_LABEL) === MANAGED_BY;
}

/** Whether an entry is about this gateway: by its host, a wildcard of it, or an address. */
export function isAbout({ spec }: ServiceEntry, { host, addresses }: Gateway): boolean {
  const byHost = (spec?.hosts ?? []).some(
    (name) => host !== undefined && (name === host || (name.startsWith("*.") && host.endsWith(name.slice(1)))),
  );
  return byHost || (spec?.addresses ?? []).some((one) => addresses.some((other) => overlap(one, other)));
}

export function portOf({ spec }: ServiceEntry, number: number): Port | undefined {
  return spec?.ports?.find((port) => port.number === number);
}

/** Whether a TCP entry gives every address of the gateway a listener of its own on that port. */
export function hasOwnListener(facts: Facts, { addresses }: Gateway, port: number): boolean {
  const entries = visibleEntries(facts).filter((entry) => {
    const declared = portOf(entry, port);
    return declared !== undefined && entrySpeech(declared) === "tcp";
  });
  return addresses.every((address) =>
    entries.some(({ spec }) => spec?.addresses?.some((own) => isSingle(own) && contains(own, address))),
  );
}

/** Who else uses 0.0.0.0:port for HTTP: `Service shop/web (port "http")`. */
export function httpUsers(facts: Facts, port: number, { gateway }: Point): string[] {
  const namespaces = optedIn(facts);
  const services = known(facts.objects.services).flatMap((service) => {
    const exported =
      annotationOf(service, "networking.istio.io/exportTo")
        ?.split(",")
        .map((name) => name.trim()) ?? [];
    const used = service.spec?.ports?.find((one) => one.port === port && serviceSpeech(one) === "http");
    const isSeen = isVisible(exported, service.metadata.namespace, namespaces);
    return used !== undefined && isSeen ? [`Service ${placeOf(service)} (port "${used.name ?? port}")`] : [];
  });
  const entries = visibleEntries(facts).flatMap((entry) => {
    const used = portOf(entry, port);
    if (used === undefined || isAbout(entry, gateway) || !isHttpOnWildcard(entry, used)) return [];
    return [`ServiceEntry ${placeOf(entry)} (protocol ${used.protocol ?? "not said"})`];
  });
  return [...services, ...entries];
}

function isHttpOnWildcard({ spec }: ServiceEntry, port: Port): boolean {
  const speech = entrySpeech(port);
  return speech === "http" || (speech === "sniffed" && (spec?.addresses ?? []).length === 0);
}

/** Whether a TCP entry listens on 0.0.0.0 because it has no address, neither its own nor one that Istio gave it. */
export function isOnWildcard(facts: Facts, { spec }: ServiceEntry): boolean {
  if ((spec?.addresses ?? []).length > 0) return false;
  const hasWildcardHost = spec?.hosts?.some((host) => host.startsWith("*")) ?? false;
  const isAllocated = spec?.resolution !== undefined && spec.resolution !== "NONE" && !hasWildcardHost;
  return !(isAllocated && meshCapturesDns(facts));
}

/** Whether the mesh has sidecars answer DNS themselves. */
export function meshCapturesDns(facts: Facts): boolean {
  return capturesDns(known(facts.mesh)?.defaultConfig);
}

export function podCapturesDns(pod: Pod): boolean {
  const variable = sidecarOf(pod)?.env?.find(({ name }) => name === DNS_CAPTURE)?.value;
  return variable === undefined ? capturesDns(proxyConfigOf(pod)) : variable === "true";
}
