// SPDX-License-Identifier: Apache-2.0
/**
 * The `view` subcommand: serves the dashboards as a page on this machine, over any Prometheus. What is served is in view/.
 */
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { startView } from "../../view/server/server.ts";
import { makePrometheus } from "../prometheus/client.ts";
import { openFetcher } from "../prometheus/open.ts";
import { scrapeIntervalSeconds } from "../prometheus/scrape-interval.ts";
import { type ClusterFlags, type Control, openCluster, outputOption, connectionOptions } from "./options.ts";
import { print, say } from "./output.ts";

const DASHBOARDS = fileURLToPath(new URL("../../grafana/dashboards/json", import.meta.url));

interface ViewFlags extends Pick<ClusterFlags, "context" | "kubeconfig" | "output"> {
  prometheus?: string;
  port: number;
  dashboards: string;
}

const EXAMPLES = `
The page shows the dashboards of this project without Grafana. It listens on 127.0.0.1 only, loads nothing from elsewhere, and
passes on to Prometheus only the four questions that dashboards ask: query, query_range, series, label values.
Its address goes to stdout once it listens; with -o json or yaml as url, with the address of Prometheus.
PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD, or PROMETHEUS_TOKEN, are used for Prometheus and never reach the browser.

Exit status: 0 after Ctrl-C, 1 when Prometheus or the cluster does not answer, 2 for a mistake in the options.

Examples:
  proxymeter view
  proxymeter view --prometheus http://127.0.0.1:9090 --port 8080
  proxymeter view --prometheus monitoring/prometheus-operated:9090
  proxymeter view -o json`;

/** The subcommand, for a program that calls it `proxymeter view`. */
export function viewCommand(control: Control): Command {
  return connectionOptions(
    new Command("view")
      .description("show the dashboards as a page on this machine, without Grafana")
      .option("--prometheus <url>", "Prometheus, or NAMESPACE/SERVICE:PORT (default: the one that the cluster has)")
      .option("--port <port>", "port on 127.0.0.1 (default: any free one)", portOf, 0)
      .option(
        "--dashboards <folder>",
        "folder with dashboards in Grafana's JSON (default: this project's)",
        DASHBOARDS,
      ),
  )
    .addOption(outputOption())
    .addHelpText("after", EXAMPLES)
    .action((flags: ViewFlags) => view(flags, control));
}

async function view(given: ViewFlags, control: Control): Promise<void> {
  const { prometheus: url, port, dashboards, output, ...flags } = given;
  const upstream = await openFetcher({ url, cluster: () => openCluster(flags, control), signal: control.abort });
  const prometheus = makePrometheus(upstream);
  // A Prometheus that is not there is noticed now, not on the page.
  await prometheus.query("vector(1)");
  const page = await startView({
    ...{ upstream, dashboards, port },
    scrapeIntervalSeconds: await scrapeIntervalSeconds(prometheus),
  });
  try {
    print({ url: page.url, prometheus: upstream.address }, output, ({ url: address }) => address);
    say(`dashboards over Prometheus at ${upstream.address}, until Ctrl-C`);
    await new Promise<void>((resolve) => {
      for (const signal of [control.finish, control.abort])
        signal.addEventListener("abort", () => resolve(), { once: true });
    });
  } finally {
    await page.close();
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError(`found "${text}" (expected 0 to 65535)`);
}
