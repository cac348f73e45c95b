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

/** Which cluster: --context and --kubeconfig. */
export function connection(): Option[] {
  return [
    new Option("--context <name>", "context of the kubeconfig (default: its current one)"),
    new Option(
      "--kubeconfig <file>",
      "kubeconfig file (default: $KUBECONFIG, ~/.kube/config, or the pod's service account)",
    ),
  ];
}

/** Adds --context and --kubeconfig. */
export function connectionOptions(command: Command): Command {
  for (const option of connection()) command.addOption(option);
  return command;
}

/** Adds --context, --kubeconfig, -n and -o. */
export function clusterOptions(command: Command): Command {
  return connectionOptions(command)
    .option("-n, --namespace <name>", "namespace of Proxymeter's own objects", SYSTEM_NAMESPACE)
    .addOption(outputOption());
}

/** Of commands that only look at crawlers: their `-n` chooses whose. */
export interface ReadingFlags extends Pick<ClusterFlags, "context" | "kubeconfig" | "output"> {
  namespace: string[];
}

/** Adds --context, --kubeconfig, -n for namespaces of crawlers, and -o. */
export function readingOptions(command: Command, which = "only these opted-in namespaces"): Command {
  return connectionOptions(command).addOption(namespacesOption(which)).addOption(outputOption());
}

/** -n for names with commas between, or given several times; no names, which means all, unless it is given. */
export function namespacesOption(which: string): Option {
  return new Option("-n, --namespace <names>", which).argParser(names).default([], "all");
}

/** What `openCluster` takes of flags whose -n means something else. */
export function connectionOf({ context, kubeconfig }: Pick<ClusterFlags, "context" | "kubeconfig">) {
  return { ...(context !== undefined && { context }), ...(kubeconfig !== undefined && { kubeconfig }) };
}

function names(text: string, before: string[]): string[] {
  const found = text.split(",").map((name) => name.trim());
  if (found.every((name) => name !== "")) return [...before, ...found];
  throw new InvalidArgumentError("expected names with commas between.");
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

/** `--with-access-log`. */
export function accessLogOption(): Option {
  return new Option(
    "--with-access-log",
    "write Istio's access log of outgoing connections with vendor, pool, destination and outcome, instead of an inherited one; docs/objects.md",
  );
}

/** `--with-dashboards`. */
export function dashboardsOption(): Option {
  return new Option("--with-dashboards", "bring the dashboards as ConfigMaps, which Grafana's sidecar loads");
}

export function openCluster({ context, kubeconfig }: Partial<ClusterFlags>, { abort }: Control): Cluster {
  return new Cluster({ context, kubeconfig, signal: abort });
}
