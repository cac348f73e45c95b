// SPDX-License-Identifier: Apache-2.0
/**
 * The command line as a user calls it, against the control plane of the tests.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { execa } from "execa";
import { expect } from "vitest";
import type { Report } from "../../installer/checks/run.ts";
import type { Credentials } from "./credentials.ts";
import type { Kube } from "./kube.ts";
import { gateway } from "./manifests.ts";
import { startNamespaceController } from "./namespace-controller.ts";
import { readTools } from "./tools.ts";

/** The program itself, for a test that talks to it while it runs. */
export const MAIN = `${import.meta.dirname}/../../installer/main.ts`;
/** The control plane of the tests has no Deployment of istiod to read it from. */
export const ISTIO = ["--istio-version", readTools().istioVersion];

export interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

export type Cli = (...args: readonly string[]) => Promise<CliResult>;

/**
 * `proxymeter` with this kubeconfig; never throws for an exit status.
 * `install` ends without its checks unless a test is about them: they look at more of a cluster than is here.
 */
export function cli({ kubeconfigFile }: Pick<Credentials, "kubeconfigFile">, { hasEndingCheck = false } = {}): Cli {
  return async (...given) => {
    const args = given[0] === "install" && !hasEndingCheck ? [...given, "--no-check"] : given;
    const options = { reject: false, env: { KUBECONFIG: kubeconfigFile, NO_COLOR: "1" }, stdin: "ignore" } as const;
    const { stdout, stderr, exitCode } = await execa(process.execPath, [MAIN, ...args], options);
    return { stdout, stderr, exitCode };
  };
}

export function expectSuccess({ exitCode, stdout, stderr }: CliResult): void {
  expect({ exitCode, output: exitCode === 0 ? "" : `${stderr}\n${stdout}` }).toEqual({ exitCode: 0, output: "" });
}

/** Takes everything out again; what is left of namespaces goes too. */
export async function uninstallAll(proxymeter: Cli, kube: Kube): Promise<void> {
  const controller = startNamespaceController(kube);
  await proxymeter("uninstall", "-y");
  await controller.close();
}

/** The part of what `install -o json` prints that the tests look at. */
export interface InstallDocument {
  readonly isChanged: boolean;
  readonly steps: readonly { action: string; kind: string; metadata: { name: string } }[];
  readonly effects: readonly { namespace: string; pods: number; scope: string; ports: readonly number[] }[];
  readonly pods?: { metered: number };
}

/** A vendors.yaml with the gateways of these vendors, in a folder of its own. */
export function vendorsFile(...vendors: readonly string[]): string {
  const entries = vendors.map((vendor) => {
    const { address, port } = gateway(vendor);
    return [
      `  - name: ${vendor}`,
      "    gateways:",
      `      - {host: gw.${vendor}.example, addresses: [${address}], ports: [${port}]}`,
      '    username: {separator: "-", pool: zone, country: country}',
    ].join("\n");
  });
  return written(["apiVersion: proxymeter.io/v1", "vendors:", ...entries, ""].join("\n"));
}

/** A vendors.yaml with one vendor that has this many gateways. */
export function largeVendorsFile(gateways: number): string {
  const lines = Array.from({ length: gateways }, (_, index) => {
    const address = `${index % 2 === 0 ? "203.0.113" : "198.51.100"}.${index >> 1}`;
    return `      - {host: gw-${index}.acme.example, addresses: [${address}], ports: [8080]}`;
  });
  return written(
    ["apiVersion: proxymeter.io/v1", "vendors:", "  - name: acme", "    gateways:", ...lines, ""].join("\n"),
  );
}

/** The checks of `check -o json` that did not pass, as `status: evidence` by the check's id. */
export function foundBy({ stdout }: CliResult): Record<string, string> {
  const { groups } = JSON.parse(stdout) as Pick<Report, "groups">;
  const checks = groups.flatMap((group) => group.checks).filter(({ status }) => status === "fail" || status === "warn");
  return Object.fromEntries(checks.map(({ id, status, evidence }) => [id, `${status}: ${evidence.join("\n")}`]));
}

/** A vendors.yaml with this text, in a folder of its own. */
export function written(text: string): string {
  const file = `${mkdtempSync(`${tmpdir()}/proxymeter-vendors-`)}/vendors.yaml`;
  writeFileSync(file, text);
  return file;
}
