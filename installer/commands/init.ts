// SPDX-License-Identifier: Apache-2.0
/**
 * The `init` subcommand: its options and help, which files it writes, and what it says about them.
 * The text is `vendors/sample.ts`; what is proposed from a cluster, `vendors/proposal.ts`.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import Table from "cli-table3";
import { Command } from "commander";
import type { Cluster } from "../cluster/cluster.ts";
import { ProxymeterError } from "../errors.ts";
import { openPrometheus } from "../prometheus/open.ts";
import { gather } from "../vendors/evidence/gather.ts";
import { undeclaredTraffic } from "../vendors/evidence/undeclared.ts";
import { type Proposal, propose } from "../vendors/proposal.ts";
import { vendorsText } from "../vendors/proposal-text.ts";
import { sampleText } from "../vendors/sample.ts";
import { SCHEMA_FILE, schemaText, VENDORS_SCHEMA } from "../vendors/schema.ts";
import { type Control, connectionOf, openCluster, type ReadingFlags, readingOptions } from "./options.ts";
import { print, say } from "./output.ts";

interface Flags extends ReadingFlags {
  file: string;
  force?: true;
  fromCluster?: true;
  prometheus?: string;
}

/** What was written, for programs. */
interface Result extends Proposal {
  file: string;
  /** The schema beside it, which its first line names. */
  schema: string;
}

const EXAMPLES = `
With --from-cluster it reads ServiceEntries, pods, workloads, the ConfigMaps that their variables name, and Prometheus; no
Secrets, and it changes nothing there. Passwords and usernames are not written: of a username only its separator and known words, such
as "zone" and "country".

Exit status: 0 when the file is written, 1 when the cluster or Prometheus cannot be read, 2 for a mistake in the options or a
file that exists.

Examples:
  proxymeter init
  proxymeter init -f - | less
  proxymeter init --from-cluster --context staging -n crawl,crawl-eu
  proxymeter init --from-cluster --prometheus http://127.0.0.1:9090 --force -o json`;

export function initCommand(control: Control): Command {
  const command = new Command("init")
    .description("write a commented vendors.yaml, with vendors proposed from a cluster if wanted")
    .option("-f, --file <file>", "file to write, - for stdout", "vendors.yaml")
    .option("--force", "overwrite a file that exists")
    .option("--from-cluster", "propose vendors from ServiceEntries and proxy variables of pods and workloads")
    .option(
      "--prometheus <address>",
      "with --from-cluster: URL, or NAMESPACE/SERVICE:PORT, of the Prometheus that knows live traffic (default: the cluster's)",
    );
  return readingOptions(command, "with --from-cluster: only what these namespaces have")
    .addHelpText("after", EXAMPLES)
    .action((flags: Flags) => init(flags, control));
}

async function init(flags: Flags, control: Control): Promise<void> {
  const isToStdout = flags.file === "-";
  checkFlags(flags, isToStdout);
  const schema = join(dirname(flags.file), SCHEMA_FILE);
  if (!isToStdout && flags.force !== true) checkAbsent(flags.file, schema);
  const proposal = flags.fromCluster ? await proposed(flags, control) : undefined;
  const text = sampleText(proposal && vendorsText(proposal));
  if (isToStdout) {
    process.stdout.write(text);
    return;
  }
  write(flags.file, text);
  write(schema, schemaText());
  say(`wrote ${flags.file}, and ${schema} by which editors check and complete it`);
  const result: Result = { file: flags.file, schema, vendors: proposal?.vendors ?? [], notes: proposal?.notes ?? [] };
  if (proposal || flags.output !== "table") print(result, flags.output, resultTable);
  say(
    `next: ${proposal ? "review" : "edit"} the vendors, then \`proxymeter check --pre -f ${flags.file}\` against the cluster`,
  );
}

async function proposed(flags: Flags, control: Control): Promise<Proposal> {
  const cluster = openCluster(connectionOf(flags), control);
  await checkNamespaces(cluster, flags.namespace);
  const finding = await gather(cluster, { namespaces: flags.namespace, onStage: say });
  say("asking Prometheus for undeclared traffic");
  const notes = await liveTraffic(flags, cluster, control);
  return propose({ ...finding, notes: [...finding.notes, ...notes] });
}

/** A mistyped one would look like one without vendors. */
async function checkNamespaces(cluster: Cluster, wanted: readonly string[]): Promise<void> {
  if (wanted.length === 0) return;
  const names = (await cluster.list("v1", "Namespace")).map(({ metadata }) => metadata.name);
  const missing = wanted.find((name) => !names.includes(name));
  if (missing === undefined) return;
  throw mistake(
    `cannot look into namespace "${missing}": the cluster has none of that name`,
    "see `kubectl get namespaces`",
  );
}

/** A Prometheus that the user named must answer; one that was merely looked for may be absent. */
async function liveTraffic(
  { prometheus: url, namespace }: Flags,
  cluster: Cluster,
  { abort }: Control,
): Promise<string[]> {
  try {
    return await undeclaredTraffic(await openPrometheus({ url, cluster, signal: abort }), namespace);
  } catch (error) {
    if (url !== undefined || !(error instanceof ProxymeterError) || abort.aborted) throw error;
    return [`live traffic was not looked at: ${error.message}`];
  }
}

function resultTable({ vendors, notes }: Result): string {
  const table = new Table({ head: ["vendor", "proposed", "gateways", "found in"], style: { head: [], border: [] } });
  for (const { name, isSure, gateways, sources } of vendors) {
    const places = gateways.flatMap(({ host, addresses, ports }) =>
      ports.map((port) => `${host ?? addresses[0]}:${port}`),
    );
    table.push([name, isSure ? "yes" : 'maybe (behind "#")', places.join("\n"), sources.slice(0, 3).join("\n")]);
  }
  const found = vendors.length > 0 ? table.toString() : "found no vendors";
  return [found, ...notes.map((note) => `note: ${note}`)].join("\n");
}

function checkFlags({ fromCluster, prometheus, namespace, output }: Flags, isToStdout: boolean): void {
  const alone = prometheus !== undefined ? "--prometheus" : namespace.length > 0 ? "-n" : undefined;
  if (alone !== undefined && !fromCluster) {
    throw mistake(`cannot use ${alone}: found no --from-cluster (expected both or none)`, "add --from-cluster");
  }
  if (isToStdout && output !== "table") {
    const message = `cannot write both vendors.yaml and the result as ${output} to stdout (expected one of them)`;
    throw mistake(message, "give -f a file, or leave out -o");
  }
}

function checkAbsent(file: string, schema: string): void {
  const hint = "give -f another file, or --force to overwrite it";
  if (existsSync(file)) throw mistake(`cannot write ${file}: found it there already (expected no such file)`, hint);
  if (existsSync(schema) && !isOurSchema(schema)) {
    throw mistake(`cannot write ${schema}: found another file of that name (expected none, or our schema)`, hint);
  }
}

function isOurSchema(file: string): boolean {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { $id?: unknown }).$id === VENDORS_SCHEMA.$id;
  } catch {
    return false;
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw mistake(`cannot write ${file}: ${(cause as Error).message}`, "give -f a file in a folder that exists", cause);
  }
}

function mistake(message: string, hint: string, cause?: unknown): ProxymeterError {
  return new ProxymeterError("E_INIT", message, hint, { exitCode: 2, cause });
}
