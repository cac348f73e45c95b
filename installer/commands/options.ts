// SPDX-License-Identifier: Apache-2.0
/**
 * Options that every command has which talks to a cluster, and how each becomes what it stands for.
 */
import { type Command, Option } from "commander";
import { Cluster } from "../cluster/cluster.ts";

/** Signals of the command line: the first Ctrl-C asks to finish, the second, or any other signal, to stop. */
export interface Control {
  finish: AbortSignal;
  abort: AbortSignal;
}

export const OUTPUTS = ["table", "json", "yaml"] as const;
export type Output = (typeof OUTPUTS)[number];

export interface ClusterFlags {
  context?: string;
  kubeconfig?: string;
  /** Namespace of our own objects that belong to no crawler. */
  namespace: string;
  output: Output;
}

/** Where our own objects live unless -n says otherwise. */
export const SYSTEM_NAMESPACE = "proxymeter";

/** Adds --context, --kubeconfig, -n and -o. */
export function clusterOptions(command: Command): Command {
  return command
    .option("--context <name>", "context of the kubeconfig (default: its current one)")
    .option(
      "--kubeconfig <file>",
      "kubeconfig file (default: $KUBECONFIG, ~/.kube/config, or the pod's service account)",
    )
    .option("-n, --namespace <name>", "namespace of Proxymeter's own objects", SYSTEM_NAMESPACE)
    .addOption(outputOption());
}

export function outputOption(): Option {
  return new Option("-o, --output <format>", "format of what goes to stdout").choices(OUTPUTS).default("table");
}

export function openCluster({ context, kubeconfig }: Partial<ClusterFlags>, { abort }: Control): Cluster {
  return new Cluster({ context, kubeconfig, signal: abort });
}
