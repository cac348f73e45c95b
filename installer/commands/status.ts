// SPDX-License-Identifier: Apache-2.0
/**
 * The `status` subcommand: its options and help, and how what was found becomes output and an exit status.
 */
import { Command } from "commander";
import { counted } from "../checks/check.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { ourLines, parseOurSamples } from "../cluster/exposition.ts";
import { readPodExposition } from "../cluster/pod-metrics.ts";
import { ProxymeterError } from "../errors.ts";
import { nameOf } from "../objects/object.ts";
import { OPT_IN_LABEL } from "../objects/target.ts";
import { openPrometheus } from "../prometheus/open.ts";
import { gatherStatus, listPods, optedInNamespaces } from "../status/facts.ts";
import { type StatusReport, statusReport } from "../status/report.ts";
import { gatherScrape } from "../status/scrape.ts";
import { statusTree } from "../status/tree.ts";
import { type WantedPod, wantedPod } from "../status/wanted-pod.ts";
import { type Control, connectionOf, openCluster, type ReadingFlags, readingOptions } from "./options.ts";
import { print } from "./output.ts";
import { occasionally } from "./progress.ts";

interface StatusFlags extends ReadingFlags {
  raw?: boolean;
  prometheus?: string;
}

const EXAMPLES = `
A pod is ready when it runs the module and the configuration that its namespace has, without a configuration error, and its
series arrive in Prometheus, where one could be asked. Pods in the no-restart encoding are metered with fewer labels, and so
are ready; \`proxymeter restart\` gives them the others.
Metrics are read from each pod through the API server, which takes the right to get pods/proxy.

Exit status: 0 when everything desired is ready, 1 when not or when the cluster can't be read, 2 for a mistake in the options.

Examples:
  proxymeter status
  proxymeter status -n crawl -o json
  proxymeter status crawl/crawler-0
  proxymeter status crawl/crawler-0 --raw`;

/** The subcommand, for a program that calls it `proxymeter status`. */
export function statusCommand(control: Control): Command {
  return readingOptions(new Command("status"))
    .description("show what is metered: namespaces, pods, modules, configuration errors")
    .argument("[pod]", "only this pod: NAME, or NAMESPACE/NAME")
    .option("--raw", "print our series as the pod exposes them")
    .option("--prometheus <url>", "Prometheus, or NAMESPACE/SERVICE:PORT (default: the one that the cluster has)")
    .addHelpText("after", EXAMPLES)
    .action((pod: string | undefined, flags: StatusFlags) => status(pod, flags, control));
}

async function status(pod: string | undefined, flags: StatusFlags, control: Control): Promise<void> {
  checkFlags(pod, flags);
  const cluster = openCluster(connectionOf(flags), control);
  const only = pod === undefined ? undefined : await wantedPod(pod, () => optedInPods(cluster, flags.namespace));
  if (only !== undefined) await mustExist(cluster, only);
  if (only !== undefined && flags.raw) return printRaw(cluster, only, flags);
  const prometheus = () => openPrometheus({ url: flags.prometheus, cluster, signal: control.abort });
  const scrape = () => gatherScrape(prometheus, { isRequired: flags.prometheus !== undefined });
  const report = statusReport(
    await gatherStatus(cluster, { only, namespaces: flags.namespace, progress: occasionally(), scrape }),
  );
  print(report, flags.output, statusTree);
  if (!report.isReady) throw notReady(report);
}

function checkFlags(pod: string | undefined, { raw, namespace }: StatusFlags): void {
  if (raw && pod === undefined) throw mistake("cannot print raw series without a pod", "name one: status POD --raw");
  if (!pod?.includes("/") || namespace.length === 0) return;
  const found = `found -n ${namespace.join(",")} and pod ${pod}`;
  throw mistake(
    `cannot take two namespaces of one pod: ${found} (expected one of them)`,
    "leave out -n, or the namespace of the pod",
  );
}

function mistake(message: string, hint: string): ProxymeterError {
  return new ProxymeterError("E_USAGE", message, hint, { exitCode: 2 });
}

async function optedInPods(cluster: Cluster, only: readonly string[]) {
  return listPods(cluster, await optedInNamespaces(cluster, only));
}

async function mustExist(cluster: Cluster, { namespace, pod }: WantedPod): Promise<void> {
  const reference = { apiVersion: "v1", kind: "Pod", metadata: { namespace, name: pod } };
  if ((await cluster.read(reference)) !== undefined) return;
  throw new ProxymeterError("E_POD", `cannot find ${nameOf(reference)}`, "see `kubectl get pods -A`", { exitCode: 2 });
}

async function printRaw(cluster: Cluster, { namespace, pod }: WantedPod, { output }: StatusFlags): Promise<void> {
  const exposition = await readPodExposition(cluster, namespace, pod);
  const lines = ourLines(exposition);
  if (lines.length === 0) {
    throw new ProxymeterError(
      "E_NOT_METERED",
      `pod ${namespace}/${pod} exposes no series of ours`,
      `run \`proxymeter status ${namespace}/${pod}\` to see why`,
    );
  }
  if (output === "table") print(lines, output, (rows) => rows.join("\n"));
  else print(parseOurSamples(exposition), output, () => "");
}

function notReady({ namespaces, namespaceCount, counts }: StatusReport): ProxymeterError {
  if (namespaces.length === 0) {
    return new ProxymeterError(
      "E_NOT_READY",
      `no namespace has the label ${OPT_IN_LABEL}=true, so nothing is metered`,
      `kubectl label namespace NAMESPACE ${OPT_IN_LABEL}=true, then run \`proxymeter install\``,
    );
  }
  const bare = namespaceCount.desired - namespaceCount.ready;
  const without =
    bare === 0 ? "" : `; ${bare} of ${counted(namespaceCount.desired, "opted-in namespace")} without our plugin`;
  return new ProxymeterError(
    "E_NOT_READY",
    `not everything is ready: ${(counts.inPrometheus ?? counts.withoutConfigErrors).ready} of ${counted(counts.sidecars.desired, "pod")}${without}`,
    "run `proxymeter check` for the causes",
  );
}
