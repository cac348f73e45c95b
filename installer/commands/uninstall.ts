// SPDX-License-Identifier: Apache-2.0
/**
 * The `uninstall` subcommand: shows what goes and which connections that cuts, asks, removes, and checks that nothing is left.
 * What goes and what stays is decided in installer/install/uninstall.ts.
 */
import { Command } from "commander";
import { type Progress, resumable } from "../install/apply.ts";
import { confirm } from "../install/confirm.ts";
import { DEFAULT_DRAIN_SECONDS } from "../cluster/istio.ts";
import { effectLines, plural } from "../install/show.ts";
import { checkGone, hasNothing, prepareRemoval, type Removal, remove } from "../install/uninstall.ts";
import { nameOf } from "../objects/object.ts";
import { type ClusterFlags, type Control, clusterOptions, openCluster } from "./options.ts";
import { print, say } from "./output.ts";
import { occasionally } from "./progress.ts";

interface UninstallFlags extends ClusterFlags {
  dryRun?: boolean;
  yes?: boolean;
  keepMetrics?: boolean;
}

const GONE_WITHIN_MS = 60_000;

const DETAILS = `
Removes only what carries the label app.kubernetes.io/managed-by=proxymeter, restores the mesh configuration and the labels
that install set, and removes a namespace only if install created it and nothing of others is in it; where this account
may not see what is in it, the namespace stays. Istio stays. An account that may not list a kind of ours is refused.
Labels proxymeter.io/enabled that you set yourself stay, and so do annotations that restart set on pod templates.
Roles and bindings go last. Service account proxymeter of install loses its own with them: it restores and removes all
else, and then fails; run it again as an administrator to finish, or at once.

Exit status: 0 when nothing is left, 1 when something failed or is still there (run it again), 2 for a mistake in the options
or when nobody could be asked.

Examples:
  proxymeter uninstall --dry-run
  proxymeter uninstall -y --keep-metrics`;

/** The subcommand, for a program that calls it `proxymeter uninstall`. */
export function uninstallCommand(control: Control): Command {
  return clusterOptions(new Command("uninstall").description("take everything out again, without a trace"))
    .option("--dry-run", "show what would be removed, and change nothing")
    .option("-y, --yes", "do not ask")
    .option("--keep-metrics", "keep what Prometheus was told: monitors, scrape configuration and rules")
    .addHelpText("after", DETAILS)
    .action((flags: UninstallFlags) => uninstall(flags, control));
}

async function uninstall(flags: UninstallFlags, control: Control): Promise<void> {
  const cluster = openCluster(flags, control);
  const signal = AbortSignal.any([control.finish, control.abort]);
  const { namespace: systemNamespace, keepMetrics = false, dryRun = false, yes = false } = flags;
  say(`reading the cluster of context "${cluster.context}"`);
  const removal = await prepareRemoval(cluster, { systemNamespace, keepMetrics });
  if (hasNothing(removal)) {
    if (flags.output !== "table") print(documentOf(removal, dryRun), flags.output, String);
    say("nothing to remove: nothing in this cluster carries our label");
    return;
  }
  if (dryRun || flags.output === "table") print(documentOf(removal, dryRun), flags.output, () => removalText(removal));
  if (dryRun) return say("dry run: nothing was changed");
  await confirm("Remove this?", { isConfirmed: yes, signal });
  const speak = occasionally();
  const progress: Progress = { done: [], onDone: (done) => speak(`${done} changes made`) };
  await resumable("the removal", progress, () => remove(cluster, removal, progress));
  await checkGone(cluster, removal, GONE_WITHIN_MS, signal);
  if (flags.output !== "table") print(documentOf(removal, false), flags.output, String);
  say(`${progress.done.length} ${plural("change", progress.done.length)} made; nothing else with our label is left`);
}

function removalText(removal: Removal): string {
  const { plan, kept, namespaces, staying, record, isMeshEdited } = removal;
  const count = plan.steps.length + namespaces.length;
  return [
    `Plan: remove ${count} ${plural("object", count)}`,
    ...(record?.labelled ?? []).map((name) => `  - label proxymeter.io/enabled on Namespace ${name}`),
    ...plan.steps.map(({ reference }) => `  - ${nameOf(reference)}`),
    ...(isMeshEdited
      ? [`  ~ ConfigMap ${record?.mesh?.namespace}/${record?.mesh?.name}: the mesh configuration loses our stat tags`]
      : []),
    ...namespaces.map((name) => `  - Namespace ${name}, which install created`),
    ...kept.map((reference) => `  . ${nameOf(reference)} is kept`),
    ...staying.map((line) => `  . ${line}`),
    "",
    ...effectLines(plan.effects, record?.drainSeconds ?? DEFAULT_DRAIN_SECONDS),
    "",
  ].join("\n");
}

function documentOf({ plan, kept, namespaces, staying, record, isMeshEdited }: Removal, isDryRun: boolean) {
  return {
    isDryRun,
    removed: plan.steps.map(({ reference }) => reference),
    namespaces,
    unlabelled: record?.labelled ?? [],
    kept,
    staying,
    isMeshEdited,
    effects: plan.effects,
  };
}
