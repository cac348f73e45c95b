// SPDX-License-Identifier: Apache-2.0
/**
 * The `restart` subcommand: its options and help, plan, question, restart, waiting, in this order.
 */
import { Command } from "commander";
import { counted } from "../checks/check.ts";
import { durationSeconds, ISTIO_NAMESPACE } from "../cluster/istio.ts";
import { ProxymeterError } from "../errors.ts";
import { confirm } from "../install/confirm.ts";
import { restartAll, waitForAll } from "../restart/carry-out.ts";
import { gatherRestart } from "../restart/facts.ts";
import { RESTARTED_AT_ANNOTATION } from "../restart/model.ts";
import { isNamed, mustExist, parseWorkloadName } from "../restart/names.ts";
import { only, planRestart, type RestartPlan } from "../restart/plan.ts";
import { planText } from "../restart/table.ts";
import { type Control, connectionOf, openCluster, type ReadingFlags, readingOptions } from "./options.ts";
import { print, say } from "./output.ts";
import { occasionally } from "./progress.ts";

interface RestartFlags extends ReadingFlags {
  istioNamespace: string;
  istioRevision?: string;
  dryRun?: boolean;
  yes?: boolean;
  wait?: boolean;
  timeout: string;
}

/** What goes to stdout. */
export interface RestartResult extends RestartPlan {
  isDryRun: boolean;
  /** Value of the annotation, RFC 3339; absent where nothing was restarted. */
  restartedAt?: string;
}

const EXAMPLES = `
Restarts the Deployments, StatefulSets and DaemonSets of opted-in namespaces that have pods without a sidecar, or with a sidecar
that was started without our stat tags and so gives fewer labels. Each is restarted as by \`kubectl rollout restart\`, under its own
update strategy, by the annotation ${RESTARTED_AT_ANNOTATION} of its pod template. Jobs, bare pods, and workloads that a restart
would give nothing are listed with the reason.

Exit status: 0 when what was planned is done or nothing was to do, 1 when a restart failed, 2 for a mistake in what was asked.

Examples:
  proxymeter restart --dry-run
  proxymeter restart -y --wait
  proxymeter restart -n crawl deployment/crawler
  proxymeter restart crawl/statefulset/frontier -y --wait --timeout 30m`;

/** The subcommand, for a program that calls it `proxymeter restart`. */
export function restartCommand(control: Control): Command {
  return readingOptions(new Command("restart"))
    .description("restart workloads whose pods lack the sidecar or our stat tags")
    .argument("[workload...]", "only these: KIND/NAME, or NAMESPACE/KIND/NAME")
    .option("--dry-run", "show the plan and let the server try it; change nothing")
    .option("-y, --yes", "do not ask")
    .option("--wait", "wait until the new pods are available")
    .option("--timeout <time>", "how long to wait, such as 90s or 10m", "10m")
    .option("--istio-namespace <name>", "namespace of the mesh configuration", ISTIO_NAMESPACE)
    .option("--istio-revision <name>", "revision of Istio (default: the one without a name)")
    .addHelpText("after", EXAMPLES)
    .action((workloads: string[], flags: RestartFlags) => restart(workloads, flags, control));
}

async function restart(workloads: readonly string[], flags: RestartFlags, control: Control): Promise<void> {
  const names = workloads.map(parseWorkloadName);
  const timeoutMs = timeoutOf(flags.timeout);
  const cluster = openCluster(connectionOf(flags), control);
  const facts = await gatherRestart(cluster, flags);
  mustExist(names, facts);
  const whole = planRestart(facts);
  const plan = names.length === 0 ? whole : only(whole, (entry) => isNamed(entry, names));
  const isDryRun = flags.dryRun === true;
  if (plan.restart.length === 0) return show({ ...plan, isDryRun }, flags);
  if (!isDryRun) {
    say(planText(plan));
    const question = `Restart ${counted(plan.restart.length, "workload")} now?`;
    await confirm(question, { isConfirmed: flags.yes === true, signal: control.abort });
  }
  const restartedAt = new Date().toISOString();
  const onRestart = isDryRun ? () => {} : (name: string) => say(`restarted ${name}`);
  await restartAll(cluster, plan.restart, { at: restartedAt, isDryRun, onRestart });
  show({ ...plan, isDryRun, ...(!isDryRun && { restartedAt }) }, flags);
  if (flags.wait && !isDryRun) {
    await waitForAll(cluster, plan.restart, { timeoutMs, onProgress: occasionally(), signal: control.abort });
    say("every new pod is available");
  }
}

/** The plan is data in a dry run; after a restart people have read it already. */
function show(result: RestartResult, { output }: RestartFlags): void {
  print(result, output, (found) =>
    found.restartedAt === undefined ? planText(found) : `Restarted ${found.restart.length} at ${found.restartedAt}.`,
  );
}

function timeoutOf(text: string): number {
  const seconds = durationSeconds(text);
  if (seconds !== undefined && seconds > 0) return seconds * 1000;
  throw new ProxymeterError(
    "E_USAGE",
    `cannot read --timeout "${text}" (expected a time such as 90s or 10m)`,
    "see --help",
    {
      exitCode: 2,
    },
  );
}
