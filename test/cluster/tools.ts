// SPDX-License-Identifier: Apache-2.0
/**
 * Paths of every program and file the simulated cluster is made of, and how they reach the test processes.
 * Who builds or unpacks them is in build.ts and debian.ts.
 */

/** How to run a program that was unpacked rather than installed. */
export interface Program {
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Tools {
  readonly etcd: string;
  readonly apiserver: string;
  /** `1.31.0`: what sidecars say that they are. */
  readonly istioVersion: string;
  readonly istiod: string;
  readonly istioctl: string;
  readonly agent: string;
  readonly envoy: string;
  /** With discovery of pods, which Debian's lacks. */
  readonly prometheus: string;
  /** Folder of prometheus-operator and the definitions of its kinds. */
  readonly operator: string;
  readonly iptables: Program;
  /** Debian's docker-registry. */
  readonly registry: Program;
  /** Istio's custom resource definitions, YAML. */
  readonly definitions: string;
  /** Istio's template of a sidecar's bootstrap. */
  readonly bootstrap: string;
}

/** The variable that carries the tools from the entry point into the namespace, as JSON. */
export const TOOLS_VARIABLE = "PROXYMETER_CLUSTER_TOOLS";

/** @throws Error when the tests were not started by their entry point */
export function readTools(): Tools {
  const text = process.env[TOOLS_VARIABLE];
  if (!text) {
    throw new Error(
      `cannot run the cluster tests: ${TOOLS_VARIABLE} is not set (expected a start by "npm run test:cluster")`,
    );
  }
  return JSON.parse(text) as Tools;
}

/** 31 of the Istio 1.31 that runs here. */
export function istioMinor(): number {
  return Number(readTools().istioVersion.split(".")[1]);
}
