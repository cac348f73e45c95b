// SPDX-License-Identifier: Apache-2.0
/**
 * The `top` subcommand: its options and help. What is asked and drawn is in view/terminal.
 */
import { Command, InvalidArgumentError, Option } from "commander";
import { SCRAPE_JOB } from "../../filter/core/contract.ts";
import { lookLive, lookOnce, type TopOptions } from "../../view/terminal/live.ts";
import { type Section, topText } from "../../view/terminal/screen.ts";
import { GROUPINGS, type Grouping, SORT_KEYS, type SortKey } from "../../view/terminal/top.ts";
import { durationSeconds } from "../cluster/istio.ts";
import { openPrometheus } from "../prometheus/open.ts";
import { scrapeIntervalSeconds } from "../prometheus/scrape-interval.ts";
import {
  type ClusterFlags,
  type Control,
  connectionOf,
  connectionOptions,
  namespacesOption,
  openCluster,
  outputOption,
} from "./options.ts";
import { print } from "./output.ts";

/** A rate needs two samples; with four a lost scrape does no harm. */
const SCRAPES_PER_WINDOW = 4;
const LEAST_WINDOW_SECONDS = 15;

interface TopFlags extends Pick<ClusterFlags, "context" | "kubeconfig" | "output"> {
  prometheus?: string;
  by: Grouping[];
  sort: SortKey;
  limit: number;
  interval: number;
  window?: number;
  vendor?: string;
  namespace: string[];
  once?: boolean;
}

const EXAMPLES = `
Rates are of late; requests, sent, received are what the pods that run now have counted since they started. \`ok\` is the share of
requests with that outcome. On a terminal the view is drawn anew until Ctrl-C; with --once, with -o json or yaml, and where
stdout is no terminal it is written once.

Exit status: 0 after one look or Ctrl-C, 1 when Prometheus or the cluster does not answer, 2 for a mistake in the options.

Examples:
  proxymeter top
  proxymeter top --prometheus http://127.0.0.1:9090 --by pod --sort sentBytesPerSecond
  proxymeter top -n crawl,crawl-eu --once
  proxymeter top --by destination --vendor acme --limit 50
  proxymeter top -o json`;

/** The subcommand, for a program that calls it `proxymeter top`. */
export function topCommand(control: Control): Command {
  return connectionOptions(
    new Command("top")
      .description("watch vendors, pods and destinations on the terminal, from any Prometheus")
      .option("--prometheus <url>", "Prometheus, or NAMESPACE/SERVICE:PORT (default: the one that the cluster has)")
      .addOption(new Option("--by <what...>", "what the rows are").choices(GROUPINGS).default([...GROUPINGS]))
      .addOption(
        new Option("--sort <column>", "which column orders the rows")
          .choices(SORT_KEYS)
          .default("receivedBytesPerSecond"),
      )
      .option("--limit <number>", "rows of each", count, 10)
      .option("--interval <time>", "how often it is drawn anew, such as 2s", seconds, 2)
      .option("--window <time>", "over what rates are taken, such as 2m (default: four scrapes)", seconds)
      .option("--vendor <name>", "only this vendor")
      .addOption(namespacesOption("only pods of these namespaces"))
      .option("--once", "write it once and end"),
  )
    .addOption(outputOption())
    .addHelpText("after", EXAMPLES)
    .action((flags: TopFlags) => top(flags, control));
}

async function top(flags: TopFlags, control: Control): Promise<void> {
  const cluster = () => openCluster(connectionOf(flags), control);
  const prometheus = await openPrometheus({ url: flags.prometheus, cluster, signal: control.abort });
  const windowSeconds =
    flags.window ?? Math.max(LEAST_WINDOW_SECONDS, SCRAPES_PER_WINDOW * (await scrapeIntervalSeconds(prometheus)));
  const options: TopOptions = {
    groupings: flags.by,
    scope: { job: SCRAPE_JOB, window: `${windowSeconds}s`, vendor: flags.vendor, namespaces: flags.namespace },
    sort: flags.sort,
    limit: flags.limit,
  };
  const isLive = flags.output === "table" && !flags.once && process.stdout.isTTY;
  if (!isLive)
    return print(await lookOnce(prometheus, options), flags.output, (sections: Section[]) => topText(sections));
  const signal = AbortSignal.any([control.finish, control.abort]);
  await lookLive(prometheus, { ...options, intervalMs: flags.interval * 1000, signal }, process.stdout);
}

function count(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`found "${text}" (expected a whole number above 0)`);
}

function seconds(text: string): number {
  const found = durationSeconds(text);
  if (found !== undefined && found >= 1) return found;
  throw new InvalidArgumentError(`found "${text}" (expected a time of at least 1s, such as 2s or 5m)`);
}
