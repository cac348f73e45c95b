// SPDX-License-Identifier: Apache-2.0
/**
 * The `check` subcommand: preflight and doctor. Options, help, and where the report goes; the checks are in checks/.
 */
import { Command } from "commander";
import { bundleOf, readLogs, writeBundle } from "../checks/bundle.ts";
import { type ConfigDumps, readConfigDumps } from "../checks/config-dumps.ts";
import { gatherFacts } from "../checks/gather.ts";
import { askRegistry, resolveHost } from "../checks/probes.ts";
import { type Report, runChecks } from "../checks/run.ts";
import { reportText, summaryOf, type TextOptions } from "../checks/report-text.ts";
import { documentation } from "../documentation.ts";
import { ProxymeterError } from "../errors.ts";
import { openPrometheus } from "../prometheus/open.ts";
import { RELEASE } from "../release.ts";
import { readVendorsFile } from "../vendors/read.ts";
import { type ClusterFlags, type Control, clusterOptions, openCluster } from "./options.ts";
import { print, say } from "./output.ts";
import { occasionally } from "./progress.ts";

interface CheckFlags extends ClusterFlags {
  file?: string;
  pre?: boolean;
  short?: boolean;
  prometheus?: string;
  bundle?: string;
  configDumps: boolean;
  istioNamespace?: string;
  istioRevision?: string;
  istioVersion?: string;
}

/** The first sign of life comes when an answer takes longer than this. */
const PATIENCE_MS = 2000;

const AFTER = `
--bundle also reads config dumps of three sidecars by exec, which takes the right to pods/exec; without it the bundle says so.

Signs: √ passes, ‼ warns, × fails, - was not checked and says why. Each check is explained in docs/checks.md.

Exit status: 0 when no check fails (warnings are allowed), 1 when one fails, 2 for a mistake in the options or in vendors.yaml.

Examples:
  proxymeter check --pre -f vendors.yaml     before installing
  proxymeter check -f vendors.yaml           whenever something is odd
  proxymeter check --short -o json           what does not pass, for a program
  proxymeter check --bundle bundle.json.gz   everything that helps to help, without secrets`;

/** The subcommand, for a program that calls it `proxymeter check`. */
export function checkCommand(control: Control): Command {
  return clusterOptions(
    new Command("check").description("find what would break crawlers or metering, before and after the installation"),
  )
    .option("-f, --file <vendors.yaml>", "also check the gateways of this file against the mesh")
    .option("--pre", "check whether the cluster is ready for an installation")
    .option("--short", "print only what does not pass")
    .option("--prometheus <url>", "Prometheus, or NAMESPACE/SERVICE:PORT (default: the one that the cluster has)")
    .option(
      "--bundle <file>",
      "also write objects, versions, logs, config dumps and this report to a file, redacted (gzipped JSON)",
    )
    .option("--no-config-dumps", "leave the sidecars' config dumps out of the bundle: they are read by exec in 3 pods")
    .option("--istio-namespace <name>", "where istiod is (default: wherever it is found)")
    .option("--istio-revision <name>", "which istiod, where there are several")
    .option("--istio-version <version>", "version of Istio, where the cluster does not tell, such as 1.31")
    .addHelpText("after", AFTER)
    .action((flags: CheckFlags) => check(flags, control));
}

async function check(flags: CheckFlags, control: Control): Promise<void> {
  const vendors = flags.file === undefined ? undefined : readVendorsFile(flags.file);
  const cluster = openCluster(flags, control);
  const prometheus = () => openPrometheus({ url: flags.prometheus, cluster, signal: control.abort });
  // Opened at once to tell a mistake in the option from a Prometheus that does not answer.
  if (flags.prometheus !== undefined) await prometheus();
  const impatient = setTimeout(() => say(`reading the cluster of context "${cluster.context}"...`), PATIENCE_MS);
  const facts = await gatherFacts(cluster, {
    stage: flags.pre ? "before" : "after",
    vendors,
    systemNamespace: flags.namespace,
    istio: { namespace: flags.istioNamespace, revision: flags.istioRevision, version: flags.istioVersion },
    progress: occasionally(),
    probes: { resolve: resolveHost, image: askRegistry, prometheus },
  }).finally(() => clearTimeout(impatient));
  const report = runChecks(facts);
  if (flags.bundle !== undefined) {
    const logs = await readLogs(cluster, facts);
    const configDumps: ConfigDumps = flags.configDumps ? await readConfigDumps(cluster, facts, occasionally()) : {};
    writeBundle(flags.bundle, bundleOf(facts, report, { logs, configDumps }, RELEASE));
    say(`wrote ${flags.bundle}, without secrets as far as a program can tell: read it before you pass it on`);
    for (const line of unreadDumps(configDumps)) say(line);
  }
  printReport(report, flags);
  if (!report.ok) {
    throw new ProxymeterError(
      "E_CHECK",
      `the cluster of context "${report.context}" is not in order: ${summaryOf(report)}`,
      `mend what is marked above; ${documentation("checks.md")} explains each check`,
    );
  }
}

function unreadDumps(dumps: ConfigDumps): string[] {
  const unread = Object.entries(dumps).filter(([, dump]) => typeof dump === "string");
  return unread.map(([pod, reason]) => `config dump of ${pod} ${reason}`);
}

function printReport(report: Report, { output, short = false }: CheckFlags): void {
  const shown = short ? onlyBad(report) : report;
  print(shown, output, () => reportText(report, { isShort: short, ...terminal() }));
}

/** The report without what passed or was skipped; the counts stay. */
function onlyBad(report: Report): Report {
  const isBad = ({ status }: { status: string }) => status === "fail" || status === "warn";
  const groups = report.groups.map(({ id, checks }) => ({ id, checks: checks.filter(isBad) }));
  return { ...report, groups: groups.filter(({ checks }) => checks.length > 0) };
}

/** What stdout can show. */
function terminal(): Omit<TextOptions, "isShort"> {
  const { LC_ALL, LC_CTYPE, LANG, NO_COLOR } = process.env;
  return {
    isUnicode: /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || ""),
    hasColors: process.stdout.isTTY === true && !NO_COLOR,
  };
}
