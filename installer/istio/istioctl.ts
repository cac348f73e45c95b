// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the user's istioctl: asks its version, has it render, install and uninstall. Its lines go to whoever wants to show them.
 * Decides nothing; what it is told to install is made by overlay.ts.
 *
 * @see https://istio.io/latest/docs/reference/commands/istioctl/
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parseAllDocuments } from "yaml";
import { ProxymeterError } from "../errors.ts";
import type { KubeObject } from "../objects/object.ts";

export interface Istioctl {
  /** As given, or `istioctl` for the one on PATH. */
  path: string;
  /** Options that make it talk to the same cluster as we do. */
  access: readonly string[];
  signal: AbortSignal;
}

export interface Access {
  kubeconfig?: string | undefined;
  /** Name of the context that we use. */
  context: string;
}

/** The client library's name for the account of a pod, which istioctl uses by itself. */
const IN_CLUSTER = "inClusterContext";
const LAST_LINES = 12;
/** After an interrupt it may say what it was at. */
const END_WITHIN_MS = 5000;
const STATUS_OF_INTERRUPT = 130;

export function accessOf({ kubeconfig, context }: Access): string[] {
  return [
    ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
    ...(context === IN_CLUSTER ? [] : ["--context", context]),
  ];
}

/** Its own version as it says it, `1.31.0`. @throws ProxymeterError E_NO_ISTIOCTL, E_ISTIOCTL */
export async function istioctlVersion(istioctl: Istioctl): Promise<string> {
  const args = ["version", "--remote=false", "-o", "json"];
  const { stdout } = await run(istioctl, args);
  try {
    const { clientVersion } = JSON.parse(stdout) as { clientVersion?: { version?: unknown } };
    if (typeof clientVersion?.version === "string") return clientVersion.version;
  } catch {
    // Said below, with what it printed.
  }
  throw new ProxymeterError(
    "E_ISTIOCTL",
    `cannot tell the version of "${istioctl.path}": found ${JSON.stringify(stdout.slice(0, 200))} (expected JSON with clientVersion)`,
    "give the istioctl of an Istio release with --istioctl PATH",
    { exitCode: 2 },
  );
}

/** Every object that it would install. @throws ProxymeterError E_ISTIOCTL with what it does not like about the overlay */
export async function renderedObjects(istioctl: Istioctl, overlay: string): Promise<KubeObject[]> {
  const { stdout } = await withFile(overlay, (file) => run(istioctl, ["manifest", "generate", "-f", file]));
  return parseAllDocuments(stdout).flatMap((document) => (document.toJS() as KubeObject | null) ?? []);
}

export type OnLine = (line: string) => void;

/** Installs, and returns when istiod is ready. @throws ProxymeterError E_ISTIOCTL with its last lines */
export async function istioctlInstall(
  istioctl: Istioctl,
  { overlay, readinessSeconds }: { overlay: string; readinessSeconds: number },
  onLine: OnLine,
): Promise<void> {
  await withFile(overlay, (file) => run(istioctl, installArgs(istioctl, file, readinessSeconds), onLine));
}

export function installArgs({ access }: Pick<Istioctl, "access">, file: string, readinessSeconds: number): string[] {
  return ["install", ...access, "-f", file, "--readiness-timeout", `${readinessSeconds}s`, "--skip-confirmation"];
}

/** @param what  all of Istio in the cluster, or one revision of istiod */
export async function istioctlUninstall(
  istioctl: Istioctl,
  what: "purge" | { revision: string },
  onLine: OnLine,
): Promise<void> {
  await run(istioctl, uninstallArgs(istioctl, what), onLine);
}

export function uninstallArgs({ access }: Pick<Istioctl, "access">, what: "purge" | { revision: string }): string[] {
  const scope = what === "purge" ? ["--purge"] : ["--revision", what.revision];
  return ["uninstall", ...access, ...scope, "--skip-confirmation"];
}

async function withFile<T>(text: string, work: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-istio-"));
  try {
    const file = join(folder, "overlay.yaml");
    writeFileSync(file, text, { mode: 0o600 });
    return await work(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run({ path, signal }: Istioctl, args: readonly string[], onLine?: OnLine): Promise<{ stdout: string }> {
  const child = execa(path, args, {
    reject: false,
    stdin: "ignore",
    all: true,
    cancelSignal: signal,
    forceKillAfterDelay: END_WITHIN_MS,
    env: { NO_COLOR: "1" },
  });
  if (onLine) for await (const line of child.iterable({ from: "all" })) if (isTalk(line)) onLine(line.trimEnd());
  const { failed, exitCode, isCanceled, code, stdout, all, shortMessage } = await child;
  if (!failed) return { stdout };
  if (isCanceled) throw interrupted(args[0]);
  if (exitCode === undefined)
    throw notRunnable(path, code === "ENOENT" ? "not found" : (shortMessage ?? "it did not start"));
  const lines = all.split("\n").filter(isTalk).slice(-LAST_LINES);
  throw new ProxymeterError(
    "E_ISTIOCTL",
    `istioctl ${args[0]} ended with status ${exitCode}:${lines.map((line) => `\n  ${line.trim()}`).join("")}`,
    args[0] === "install" ? "`kubectl get pods,events -A` shows what its pods wait for" : "mend what istioctl names",
  );
}

/** Its picture of a sailing ship is no message. */
function isTalk(line: string): boolean {
  return /[a-z]{2}/i.test(line);
}

function notRunnable(path: string, found: string): ProxymeterError {
  return new ProxymeterError(
    "E_NO_ISTIOCTL",
    `cannot run "${path}": ${found} (expected the istioctl of an Istio release)`,
    "get it from https://istio.io/latest/docs/setup/additional-setup/download-istio-release/, or say where it is with --istioctl PATH",
    { exitCode: 2 },
  );
}

function interrupted(what: string | undefined): ProxymeterError {
  return new ProxymeterError("E_INTERRUPTED", `interrupted while istioctl was at "${what}"`, "decide what to do next", {
    exitCode: STATUS_OF_INTERRUPT,
  });
}
