// SPDX-License-Identifier: Apache-2.0
/**
 * What is asked outside the Kubernetes API: DNS, the image's registry, Prometheus. Injected, so that tests may answer.
 */
import { lookup } from "node:dns/promises";
import { ProxymeterError } from "../errors.ts";
import type { Prometheus } from "../prometheus/client.ts";
import { resolveDigest } from "../publish/resolve.ts";
import type { VendorsFile } from "../vendors/model.ts";
import type { Facts, ImageAnswer, Read } from "./facts.ts";

export interface Probes {
  /** Addresses of a host. Throws where there are none. */
  resolve(host: string): Promise<string[]>;
  /** @param url  `oci://host/repository@sha256:...` */
  image(url: string): Promise<ImageAnswer>;
  /** Throws ProxymeterError where there is none. */
  prometheus(): Promise<Pick<Prometheus, "address" | "query" | "targets">>;
}

const REGISTRY_TIMEOUT_MS = 15_000;

/** Addresses by the resolver of this machine. */
export async function resolveHost(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

const STATES: Readonly<Record<string, ImageAnswer["state"]>> = {
  E_IMAGE_MISSING: "missing",
  E_REFERENCE: "missing",
  E_REGISTRY_AUTH: "refused",
};

/** Asks the registry as this user, once. */
export async function askRegistry(url: string): Promise<ImageAnswer> {
  try {
    const detail = await resolveDigest(url, { waitsMs: [], signal: AbortSignal.timeout(REGISTRY_TIMEOUT_MS) });
    return { state: "found", detail };
  } catch (error) {
    const code = error instanceof ProxymeterError ? error.code : "";
    return { state: STATES[code] ?? "unreachable", detail: (error as Error).message };
  }
}

/** Addresses of every gateway's host. */
export async function resolveAll(
  vendors: VendorsFile | undefined,
  { resolve }: Pick<Probes, "resolve">,
): Promise<Facts["resolved"]> {
  const hosts = new Set(vendors?.vendors.flatMap(({ gateways }) => gateways.flatMap(({ host }) => host ?? [])));
  return Object.fromEntries(await Promise.all([...hosts].map(async (host) => [host, await answer(host, resolve)])));
}

async function answer(host: string, resolve: Probes["resolve"]): Promise<Read<string[]>> {
  try {
    return { value: await resolve(host) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { unknown: `"${host}" does not resolve from here (${code ?? message})` };
  }
}
