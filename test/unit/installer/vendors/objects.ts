// SPDX-License-Identifier: Apache-2.0
/**
 * Objects of a cluster that tell of vendors, short to write in tests. All are in namespace crawl.
 */
import type { KubeObject } from "../../../../installer/objects/object.ts";

export function serviceEntry(name: string, spec: Record<string, unknown>): KubeObject {
  return { apiVersion: "networking.istio.io/v1", kind: "ServiceEntry", metadata: { name, namespace: "crawl" }, spec };
}

export function tcp(...numbers: readonly number[]) {
  return numbers.map((number) => ({ number, name: `tcp-${number}`, protocol: "TCP" }));
}

/** A Deployment whose one container has these variables, and these other members. */
export function deployment(name: string, variables: Record<string, string>, container: object = {}): KubeObject {
  const env = Object.entries(variables).map(([key, value]) => ({ name: key, value }));
  const template = { spec: { containers: [{ name: "crawler", env, ...container }] } };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: "crawl" }, spec: { template } };
}

/** As class Cluster lists them, kind by kind. */
export function listing(...objects: readonly KubeObject[]) {
  return {
    list: async (apiVersion: string, kind: string) =>
      objects.filter((o) => o.kind === kind && o.apiVersion === apiVersion),
  };
}
