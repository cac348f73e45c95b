// SPDX-License-Identifier: Apache-2.0
/**
 * `proxymeter render`: every object as plain YAML, to stdout or a folder, for GitOps. Asks no cluster.
 * Which objects there are is decided in installer/objects.
 */
import Table from "cli-table3";
import { Command, Option } from "commander";
import { parse } from "yaml";
import { ProxymeterError } from "../errors.ts";
import { overlayOf } from "../istio/overlay.ts";
import { declaredGateways } from "../objects/declared-gateways.ts";
import { followerOf } from "../objects/follower.ts";
import { NEWEST_MINOR, OLDEST_MINOR, offlineTarget } from "../objects/offline-target.ts";
import { objectsOf } from "../objects/objects.ts";
import type { KubeObject } from "../objects/object.ts";
import { listOf as kubeListOf, meshFragment, renderFiles, renderStream } from "../objects/rendering.ts";
import type { Parts } from "../objects/target.ts";
import { toYaml } from "../objects/yaml.ts";
import { RELEASE } from "../release.ts";
import { readVendorsFile } from "../vendors/read.ts";
import { readConfig } from "./istio.ts";
import {
  type Control,
  accessLogOption,
  dashboardsOption,
  ledgerOption,
  type Output,
  OUTPUTS,
  SYSTEM_NAMESPACE,
} from "./options.ts";
import { print, say } from "./output.ts";
import { noTelemetry } from "./parts.ts";
import { writeFolder } from "./rendered-folder.ts";

interface Flags {
  file?: string;
  outputDir?: string;
  namespaces?: string[];
  follow?: boolean;
  cliImage?: string;
  istioOverlay?: boolean;
  istioConfig?: string;
  namespace: string;
  istioVersion: string;
  istioNamespace: string;
  istioRevision?: string;
  image?: string;
  pullSecret?: string;
  pluginKind: "WasmPlugin" | "TrafficExtension";
  monitor: Parts["monitor"];
  scrapeFrom?: string;
  catchAll: boolean;
  telemetry: boolean;
  withAccessLog?: boolean;
  withLedger?: number;
  withDashboards?: boolean;
  output: Output;
}

/** The subcommand; reads no signal, since nothing in it takes long. */
export function renderCommand(_control: Control): Command {
  return new Command("render")
    .description("write every object as plain YAML, in apply order, for GitOps; asks no cluster")
    .option("-f, --file <file>", "vendors.yaml, or - for standard input")
    .option("--namespaces <names>", "namespaces of crawlers to meter, such as crawl,crawl-eu", listOf)
    .option("--output-dir <folder>", "write numbered files and a kustomization there instead of one stream to stdout")
    .option("-n, --namespace <name>", "namespace of Proxymeter's own objects", SYSTEM_NAMESPACE)
    .option("--image <reference>", "the filter, pinned: oci://HOST/REPOSITORY@sha256:DIGEST (default: vendors.yaml's)")
    .option("--pull-secret <name>", "pull secret in each namespace of crawlers (default: vendors.yaml's)")
    .option(
      "--istio-version <version>",
      `version of Istio, 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR}`,
      `1.${NEWEST_MINOR}`,
    )
    .option("--istio-namespace <name>", "namespace of istiod", "istio-system")
    .option("--istio-revision <name>", "revision of Istio whose mesh configuration counts")
    .addOption(choice("--plugin-kind <kind>", "kind of the plugins", ["WasmPlugin", "TrafficExtension"]))
    .addOption(choice("--monitor <kind>", "how Prometheus scrapes", ["scrape-config", "pod-monitor", "none"]))
    .option("--scrape-from <namespace>", "namespace of Prometheus, where network policies must let it in")
    .option("--without-catch-all", "leave traffic to undeclared addresses unmetered")
    .option("--without-telemetry", "leave Istio's own metrics without vendor and pool")
    .addOption(accessLogOption())
    .addOption(ledgerOption())
    .addOption(dashboardsOption())
    .addOption(
      new Option(
        "--follow",
        "write only a CronJob that installs again, as recorded, in newly labelled namespaces",
      ).conflicts(["file", "namespaces", "outputDir"]),
    )
    .addOption(
      new Option(
        "--istio-overlay",
        "write only the IstioOperator that install --istio install gives to istioctl",
      ).conflicts(["namespaces", "outputDir", "follow"]),
    )
    .option("--istio-config <file>", "your IstioOperator for --istio-overlay (default: profile minimal)")
    .option("--cli-image <reference>", "image of this command line for --follow, with proxymeter on its PATH")
    .addOption(
      new Option("-o, --output <format>", "YAML documents, one JSON List, or a table of what there is")
        .choices(OUTPUTS)
        .default("yaml"),
    )
    .addHelpText("after", EXAMPLES)
    .action((flags: Flags & { withoutCatchAll?: boolean; withoutTelemetry?: boolean }, command: Command) => {
      if (flags.follow) return renderFollower(flags, istioArgs(command));
      if (flags.istioOverlay) return renderOverlay(flags, command.getOptionValueSource("istioNamespace") === "cli");
      const { withoutCatchAll = false, withoutTelemetry = false } = flags;
      render({ ...flags, catchAll: !withoutCatchAll, telemetry: !withoutTelemetry });
    });
}

const EXAMPLES = `
The same file and options give the same text. The mesh configuration is Istio's own: what belongs into it comes as comments, with
-o json on stderr. Files in a folder are YAML always.

Exit status: 0 when everything was written, 1 when a file cannot be written, 2 for a mistake in vendors.yaml or the options.

Examples:
  proxymeter render -f vendors.yaml --namespaces crawl > proxymeter.yaml
  proxymeter render -f vendors.yaml --namespaces crawl -o json | jq '.items[].kind'
  proxymeter render -f vendors.yaml --namespaces crawl,crawl-eu --output-dir gitops/proxymeter
  proxymeter render -f vendors.yaml --namespaces crawl --monitor pod-monitor --istio-version 1.29
  proxymeter render -f vendors.yaml --istio-overlay > istio.yaml && istioctl install -f istio.yaml
  proxymeter render --follow --cli-image registry.example/proxymeter-cli:0.1.0 | kubectl apply -f -`;

function choice(flags: string, description: string, words: [string, ...string[]]): Option {
  return new Option(flags, description).choices(words).default(words[0]);
}

function listOf(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}

function render(flags: Flags): void {
  const { monitor, catchAll, telemetry, scrapeFrom, namespace: systemNamespace } = flags;
  const { file: path, namespaces } = flags;
  if (path === undefined || namespaces === undefined) {
    const missing = path === undefined ? "vendors.yaml" : "namespace of crawlers";
    throw mistake(`no ${missing} is named`, "give -f vendors.yaml and --namespaces crawl, or --follow");
  }
  const file = readVendorsFile(path);
  if (flags.withAccessLog && !telemetry) throw noTelemetry();
  const parts = {
    ...{ catchAll, telemetry, monitor },
    ...(flags.withAccessLog && { accessLog: true }),
    ...(scrapeFrom !== undefined && { scrapeFrom }),
    ...(flags.withLedger !== undefined && { ledgerSeconds: flags.withLedger }),
    ...(flags.withDashboards && { dashboards: true }),
  };
  const target = offlineTarget(
    { ...flags, namespaces, istio: flags.istioVersion, systemNamespace, parts },
    file.filter,
  );
  const objects = objectsOf(file, target);
  if (flags.outputDir === undefined) {
    if (flags.output === "yaml") process.stdout.write(renderStream(objects, target));
    else {
      print(kubeListOf(objects), flags.output, ({ items }) => tableOf(items));
      say(meshFragment(target));
    }
    return;
  }
  if (flags.output !== "yaml") {
    throw mistake(`files are YAML (found -o ${flags.output})`, "leave out -o, or --output-dir");
  }
  writeFolder(flags.outputDir, renderFiles(objects, target));
  say(`${objects.length} objects written to ${flags.outputDir}; apply them in order with kubectl apply -k`);
}

/** Options that tell `install` about Istio, as far as the user gave them: elsewhere it finds out by itself. */
function istioArgs(command: Command): string[] {
  const given = ["istioVersion", "istioNamespace", "istioRevision"].filter(
    (name) => command.getOptionValueSource(name) === "cli",
  );
  return command.options
    .filter((option) => given.includes(option.attributeName()))
    .flatMap((option) => [option.long ?? "", String(command.getOptionValue(option.attributeName()))]);
}

/** What there is, in apply order. */
function tableOf(objects: readonly KubeObject[]): string {
  const table = new Table({ head: ["kind", "namespace", "name"], style: { head: [], border: [] } });
  for (const { kind, metadata } of objects) table.push([kind, metadata.namespace ?? "", metadata.name]);
  return table.toString();
}

function printOne(object: KubeObject, output: Output): void {
  if (output === "yaml") process.stdout.write(toYaml(object));
  else print(object, output, (one) => tableOf([one]));
}

function renderFollower({ cliImage, namespace: systemNamespace, output }: Flags, args: readonly string[]): void {
  if (cliImage === undefined) {
    throw mistake("no image of the command line is named", "give --cli-image HOST/REPOSITORY:TAG");
  }
  printOne(followerOf({ systemNamespace, release: RELEASE, cliImage, args }), output);
}

/** With vendors.yaml it is known whether a gateway without addresses needs DNS capture. */
function renderOverlay({ output, ...flags }: Flags, isPlaced: boolean): void {
  const { file, istioConfig, istioNamespace, istioRevision } = flags;
  if (output === "table") {
    throw mistake(
      "an IstioOperator is one object, of which there is no table (found -o table)",
      "give -o yaml or json",
    );
  }
  const gateways = file === undefined ? [] : declaredGateways(readVendorsFile(file));
  const base = istioConfig === undefined ? undefined : { name: istioConfig, text: readConfig(istioConfig) };
  const capturesDns = gateways.some(({ addresses }) => addresses.length === 0);
  const place = { ...(isPlaced && { namespace: istioNamespace }), revision: istioRevision };
  const text = overlayOf({ base, statTags: "add", capturesDns, ...place });
  if (output === "yaml") process.stdout.write(text);
  else print(parse(text), output, () => text);
}

function mistake(found: string, hint: string): ProxymeterError {
  return new ProxymeterError("E_RENDER", `cannot render: ${found}`, hint, { exitCode: 2 });
}
