// SPDX-License-Identifier: Apache-2.0
/**
 * The `install` subcommand: its options and help, and what of them makes the wish. Planning and doing are in installer/install/.
 */
import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Cluster } from "../cluster/cluster.ts";
import { durationSeconds } from "../cluster/istio.ts";
import { ProxymeterError } from "../errors.ts";
import { pinnedImage } from "../install/image.ts";
import { byTemplate, throughApiServer } from "../install/metrics-source.ts";
import { readRecord, type Request } from "../install/record.ts";
import { runSession, type SessionOptions } from "../install/session.ts";
import type { Parts } from "../objects/target.ts";
import type { VendorsFile } from "../vendors/model.ts";
import { resolveDigest } from "../publish/resolve.ts";
import { parseVendors, readVendorsFile } from "../vendors/read.ts";
import { type ClusterFlags, type Control, clusterOptions, openCluster } from "./options.ts";
import { RELEASE } from "../release.ts";

/** Options that install and rollback share. */
export interface SessionFlags extends ClusterFlags {
  dryRun?: boolean;
  yes?: boolean;
  drain?: boolean;
  wait: number;
  metricsFrom?: string;
  istioVersion?: string;
  istioNamespace?: string;
  istioRevision?: string;
}

interface InstallFlags extends SessionFlags {
  file: string;
  image?: string;
  pullSecret?: string;
  namespaces: string[];
  statTags: Request["statTags"];
  monitor?: Parts["monitor"];
  scrapeFrom?: string;
  withoutCatchAll?: boolean;
  withoutTelemetry?: boolean;
}

const DETAILS = `
Shows what it will change and which open connections that cuts, asks, applies, and waits until every running pod of the
opted-in namespaces shows the filter. No pod restarts. Running it again changes nothing. What vendors.yaml no longer names
leaves the filter's configuration at once, which cuts nothing; its listeners stay until you give --drain.

Exit status: 0 when all pods show the filter, 1 when something failed (run it again: it goes on), 2 for a mistake in the
options or in vendors.yaml, or when nobody could be asked.

Examples:
  proxymeter install -f vendors.yaml --image oci://registry.example/proxymeter@sha256:... --namespaces crawl
  proxymeter install -f vendors.yaml --dry-run
  proxymeter install -f vendors.yaml -y --drain -o json`;

/** The subcommand, for a program that calls it `proxymeter install`. */
export function installCommand(control: Control): Command {
  const command = new Command("install")
    .description("meter the opted-in namespaces: plan, apply, and wait for the pods")
    .requiredOption("-f, --file <vendors.yaml>", "the vendors; - for standard input")
    .option(
      "--image <reference>",
      "the filter, oci://HOST/REPOSITORY with a digest, or a tag to resolve (default: vendors.yaml's, or the installed one)",
    )
    .option("--pull-secret <name>", "pull secret for the image in each opted-in namespace")
    .option("--namespaces <list>", "opt these namespaces in too, separated by commas", names, [])
    .addOption(
      new Option(
        "--stat-tags <where>",
        "mesh: add our labels to the mesh configuration, for pods that start from now on; none: leave it alone",
      )
        .choices(["mesh", "none"])
        .default("mesh"),
    )
    .addOption(
      new Option(
        "--monitor <kind>",
        "how Prometheus finds the pods (default: pod-monitor where that kind exists, else scrape-config)",
      ).choices(["pod-monitor", "scrape-config", "none"]),
    )
    .option("--scrape-from <namespace>", "namespace of Prometheus, where network policies must let it in")
    .option("--without-catch-all", "meter only traffic to the gateways of vendors.yaml")
    .option("--without-telemetry", "leave Istio's own metrics as they are");
  return sessionOptions(clusterOptions(command))
    .addHelpText("after", DETAILS)
    .action((flags: InstallFlags) => install(flags, control));
}

/** Adds what install and rollback share. */
export function sessionOptions(command: Command): Command {
  return command
    .option("--dry-run", "show what would change, checked by the server where it can be, and change nothing")
    .option("-y, --yes", "do not ask")
    .option("--drain", "also remove listeners that are no longer wanted, which cuts what is open on them")
    .option(
      "--wait <time>",
      "how long to wait for the pods, such as 120s or 5m; 0 does not wait",
      milliseconds,
      120_000,
    )
    .option(
      "--metrics-from <url>",
      "read pods' metrics here instead of through the API server; {ip}, {pod} and {namespace} are filled in",
    )
    .option("--istio-version <version>", "version of Istio, where the cluster does not tell, such as 1.31")
    .option("--istio-namespace <name>", "where istiod is (default: wherever it is found)")
    .option("--istio-revision <name>", "which istiod, where there are several");
}

async function install(flags: InstallFlags, control: Control): Promise<void> {
  const vendors = readText(flags.file);
  const file = parseVendors(vendors, flags.file);
  const cluster = openCluster(flags, control);
  const request = await requestOf(cluster, flags, vendors, file, control);
  const wish = {
    request,
    vendorsName: flags.file,
    systemNamespace: flags.namespace,
    optIn: flags.namespaces,
    shouldDrain: flags.drain ?? false,
    command: "install" as const,
    istio: istioOf(flags),
    release: RELEASE,
  };
  await runSession(cluster, wish, sessionOf("the installation", cluster, flags, control));
}

export function istioOf({ istioNamespace, istioVersion, istioRevision }: SessionFlags) {
  return { namespace: istioNamespace, version: istioVersion, revision: istioRevision };
}

export function sessionOf(what: string, cluster: Cluster, flags: SessionFlags, control: Control): SessionOptions {
  return {
    what,
    output: flags.output,
    isDryRun: flags.dryRun ?? false,
    isConfirmed: flags.yes ?? false,
    waitMs: flags.wait,
    source: flags.metricsFrom === undefined ? throughApiServer(cluster) : byTemplate(flags.metricsFrom),
    signal: AbortSignal.any([control.finish, control.abort]),
  };
}

async function requestOf(
  cluster: Cluster,
  flags: InstallFlags,
  vendors: string,
  file: VendorsFile,
  { abort }: Control,
): Promise<Request> {
  const pullSecret = flags.pullSecret ?? file.filter?.pullSecret;
  const image = flags.image ?? file.filter?.image ?? (await readRecord(cluster, flags.namespace))?.current.image;
  if (image === undefined) {
    throw new ProxymeterError(
      "E_NO_IMAGE",
      "cannot install: no image of the filter is named (expected --image, or filter.image in vendors.yaml)",
      "push one with `proxymeter publish`, which prints what to give here",
      { exitCode: 2 },
    );
  }
  const hasPodMonitor = () => cluster.hasKind("monitoring.coreos.com/v1", "PodMonitor");
  const monitor = flags.monitor ?? ((await hasPodMonitor()) ? "pod-monitor" : "scrape-config");
  const parts: Parts = {
    catchAll: !flags.withoutCatchAll,
    telemetry: !flags.withoutTelemetry,
    monitor,
    ...(flags.scrapeFrom !== undefined && { scrapeFrom: flags.scrapeFrom }),
  };
  return {
    vendors,
    image: await pinnedImage(image, (reference) => resolveDigest(reference, { signal: abort })),
    ...(pullSecret !== undefined && { pullSecret }),
    statTags: flags.statTags,
    parts,
  };
}

/** The text as it stands, for the record; what is wrong with the file is said by its reader. */
function readText(path: string): string {
  if (path === "-") return readFileSync(0, "utf8");
  readVendorsFile(path);
  return readFileSync(path, "utf8");
}

function names(text: string, before: string[]): string[] {
  const given = text.split(",").map((name) => name.trim());
  const wrong = given.find((name) => !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name));
  if (wrong !== undefined) throw new InvalidArgumentError(`found "${wrong}" (expected names of namespaces)`);
  return [...before, ...given];
}

function milliseconds(text: string): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : durationSeconds(text);
  if (seconds === undefined)
    throw new InvalidArgumentError(`found "${text}" (expected seconds, or a time such as 90s or 5m)`);
  return seconds * 1000;
}
