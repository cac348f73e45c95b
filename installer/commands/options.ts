// SPDX-License-Identifier: Apache-2.0
/**
 * Options that every command has which talks to a cluster, and how each becomes what it stands for.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { Cluster } from "../cluster/cluster.ts";
import { LEDGER_SECONDS } from "../objects/ledger.ts";

const LONGEST_INTERVAL = 86_400;

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

/** `--with-ledger [seconds]`, which becomes a number. */
export function ledgerOption(): Option {
  return new Option(
    "--with-ledger [seconds]",
    `write a line for each connection, and of open ones an interim line so often, 0 for none (default: ${LEDGER_SECONDS}); docs/ledger.md`,
  )
    .preset(String(LEDGER_SECONDS))
    .argParser((text) => {
      const seconds = Number(text);
      if (Number.isInteger(seconds) && seconds >= 0 && seconds <= LONGEST_INTERVAL) return seconds;
      throw new InvalidArgumentError(`found "${text}" (expected seconds from 0 to ${LONGEST_INTERVAL})`);
    });
}

/** `--with-dashboards`. */
export function dashboardsOption(): Option {
  return new Option("--with-dashboards", "bring the dashboards as ConfigMaps, which Grafana's sidecar loads");
}

export function openCluster({ context, kubeconfig }: Partial<ClusterFlags>, { abort }: Control): Cluster {
  return new Cluster({ context, kubeconfig, signal: abort });
}
