// SPDX-License-Identifier: Apache-2.0
/**
 * The `graph` subcommand: its options and help. What is asked and how it is put together is in grafana/.
 */
import { Command, InvalidArgumentError, Option } from "commander";
import { SENDERS, type Sender } from "../../grafana/flow.ts";
import { type Graph, readGraph } from "../../grafana/graph.ts";
import { graphDot, graphTable } from "../../grafana/graph-text.ts";
import { rangeOf } from "../../grafana/moments.ts";
import { openPrometheus } from "../prometheus/open.ts";
import { type ClusterFlags, type Control, OUTPUTS, openCluster, connectionOptions } from "./options.ts";
import { print } from "./output.ts";

const GRAPH_OUTPUTS = [...OUTPUTS, "dot"] as const;
const TOP = 40;

interface Flags extends Pick<ClusterFlags, "context" | "kubeconfig"> {
  prometheus?: string;
  from: string;
  to: string;
  by: Sender;
  top: number;
  namespace: string[];
  vendor: string[];
  output: (typeof GRAPH_OUTPUTS)[number];
}

const HELP = `
Nodes are pods (or workloads), vendors and destinations; links say how many requests and bytes went between two of them, and how
many requests ended in the vendor's fault. It is what the flow panel of the overview draws. Figures come from the recording rules
(growths over five minutes that were written within the range), so Prometheus must have them: docs/rules.md.
A vendor's figures are all of its traffic; pods and destinations beyond --top have no links.

Exit status: 0 when it was written, also where there was no traffic, 1 when Prometheus or the cluster does not answer, 2 for a
mistake in the options.

Examples:
  proxymeter graph
  proxymeter graph --from 6h --by workload -o json
  proxymeter graph --from 2026-11-01T00:00:00Z --to 2026-11-02T00:00:00Z --vendor acme
  proxymeter graph --prometheus http://127.0.0.1:9090 -o dot | dot -Tsvg > flow.svg`;

/** The subcommand, for a program that calls it `proxymeter graph`. */
export function graphCommand(control: Control): Command {
  return connectionOptions(
    new Command("graph")
      .description("export who sends through which vendor to which destination, as a graph")
      .option("--prometheus <url>", "Prometheus, or NAMESPACE/SERVICE:PORT (default: the one that the cluster has)")
      .option("--from <time>", "beginning: so long ago, or a time with its zone", "1h")
      .option("--to <time>", "end, likewise", "now")
      .addOption(new Option("--by <what>", "who sends").choices(SENDERS).default("pod"))
      .option("--top <number>", "links on each side, those with the most bytes", count, TOP)
      .option("-n, --namespace <names>", "only senders of these namespaces", list, [])
      .option("--vendor <names>", "only these vendors", list, []),
  )
    .addOption(
      new Option("-o, --output <format>", "format of what goes to stdout").choices(GRAPH_OUTPUTS).default("table"),
    )
    .addHelpText("after", HELP)
    .action((flags: Flags) => graph(flags, control));
}

async function graph(flags: Flags, control: Control): Promise<void> {
  const range = rangeOf(flags.from, flags.to, Math.floor(Date.now() / 1000));
  const { by: sender, top, namespace: namespaces, vendor: vendors, output, context, kubeconfig } = flags;
  const signal = AbortSignal.any([control.finish, control.abort]);
  const prometheus = await openPrometheus({
    url: flags.prometheus,
    cluster: () => openCluster({ ...(context && { context }), ...(kubeconfig && { kubeconfig }) }, control),
    signal,
  });
  const found = await readGraph({ range, sender, top, namespaces, vendors }, prometheus.query);
  if (output === "dot") print(found, "table", (drawn: Graph) => graphDot(drawn));
  else print(found, output, graphTable);
}

function count(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`found "${text}" (expected a whole number above 0)`);
}

function list(text: string, before: string[]): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.every((name) => name !== "")) return [...before, ...names];
  throw new InvalidArgumentError("expected names with commas between");
}
