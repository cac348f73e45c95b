// SPDX-License-Identifier: Apache-2.0
/**
 * Options by which `install` and `uninstall` also see to Istio itself, and what they become. Planning and doing are in
 * installer/istio/.
 */
import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Cluster } from "../cluster/cluster.ts";
import { durationSeconds } from "../cluster/istio.ts";
import { ProxymeterError } from "../errors.ts";
import { accessOf, type Istioctl } from "../istio/istioctl.ts";
import type { IstioOptions } from "../istio/plan.ts";
import type { ClusterFlags, Control } from "./options.ts";

export interface IstioctlFlags {
  istioctl: string;
}

export interface IstioFlags extends IstioctlFlags {
  /** `present`: it must be there. `install`: it is installed first. */
  istio: "present" | "install";
  istioConfig?: string;
  /** Seconds. */
  istioTimeout: number;
}

const READINESS_SECONDS = 300;

/** Adds what `install` needs to install Istio first. */
export function istioOptions(command: Command): Command {
  return istioctlOption(
    command
      .addOption(
        new Option(
          "--istio <how>",
          "present: Istio must be there; install: run `istioctl install` with our overlay first",
        )
          .choices(["present", "install"])
          .default("present"),
      )
      .option("--istio-config <file>", "your IstioOperator for --istio install (default: profile minimal)")
      .addOption(
        new Option("--istio-timeout <time>", "how long istioctl may wait for istiod, such as 300s or 10m")
          .argParser(seconds)
          .default(READINESS_SECONDS, "5m"),
      ),
  );
}

export function istioctlOption(command: Command): Command {
  return command.addOption(
    new Option("--istioctl <path>", "the istioctl to run").default("istioctl", "the one on PATH"),
  );
}

export function istioctlOf(
  { istioctl, kubeconfig }: IstioctlFlags & ClusterFlags,
  { context }: Cluster,
  { finish, abort }: Control,
): Istioctl {
  return { path: istioctl, access: accessOf({ kubeconfig, context }), signal: AbortSignal.any([finish, abort]) };
}

export function istioOptionsOf(flags: IstioFlags & ClusterFlags, cluster: Cluster, control: Control): IstioOptions {
  const { istioConfig, istioTimeout } = flags;
  return {
    istioctl: istioctlOf(flags, cluster, control),
    ...(istioConfig !== undefined && { config: { name: istioConfig, text: readConfig(istioConfig) } }),
    readinessSeconds: istioTimeout,
  };
}

/** The user's own IstioOperator. @throws ProxymeterError E_ISTIO_CONFIG, exit status 2 */
export function readConfig(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ProxymeterError(
      "E_ISTIO_CONFIG",
      `cannot read --istio-config "${path}": ${(error as Error).message}`,
      "give the path of a file with one IstioOperator",
      { exitCode: 2, cause: error },
    );
  }
}

function seconds(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : durationSeconds(text);
  if (value === undefined || value < 1) {
    throw new InvalidArgumentError(`found "${text}" (expected seconds, or a time such as 90s or 10m)`);
  }
  return Math.round(value);
}
