// SPDX-License-Identifier: Apache-2.0
/**
 * The `uninstall` subcommand: shows what goes and which connections that cuts, asks, removes, and checks that nothing is left.
 * What goes and what stays is decided in installer/install/uninstall.ts.
 */
import { Command } from "commander";
import type { Cluster } from "../cluster/cluster.ts";
import { type Progress, resumable } from "../install/apply.ts";
import { confirm } from "../install/confirm.ts";
import { DEFAULT_DRAIN_SECONDS } from "../cluster/istio.ts";
import { effectLines, plural } from "../install/show.ts";
import { checkGone, hasNothing, prepareRemoval, type Removal, remove } from "../install/uninstall.ts";
import { type Istioctl, istioctlVersion } from "../istio/istioctl.ts";
import { type IstioRemoval, planIstioRemoval } from "../istio/removal.ts";
import { istioRemovalDocument, istioRemovalText, istioStaysLine } from "../istio/removal-text.ts";
import { removeIstio } from "../istio/remove.ts";
import { nameOf } from "../objects/object.ts";
import { type IstioctlFlags, istioctlOf, istioctlOption } from "./istio.ts";
import { type ClusterFlags, type Control, clusterOptions, openCluster } from "./options.ts";
import { print, say } from "./output.ts";
import { occasionally } from "./progress.ts";

interface UninstallFlags extends ClusterFlags, IstioctlFlags {
  istio?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  keepMetrics?: boolean;
}

const GONE_WITHIN_MS = 60_000;
/** istiod has a grace period, and a namespace is emptied kind by kind. */
const ISTIO_GONE_WITHIN_MS = 180_000;

const DETAILS = `
Removes only what carries the label app.kubernetes.io/managed-by=proxymeter, restores the mesh configuration and the labels
that install set, and removes a namespace only if install created it and nothing of others is in it; where this account
may not see what is in it, the namespace stays. An account that may not list a kind of ours is refused.
Labels proxymeter.io/enabled that you set yourself stay, and so do annotations that restart set on pod templates.
Roles and bindings go last. Service account proxymeter of install loses its own with them: it restores and removes all
else, and then fails; run it again as an administrator to finish, or at once.

Istio stays, unless --istio is given and \`install --istio install\` brought it. Then istioctl removes it last, as the plan shows:
all of it, definitions and namespace too, where nothing of others is there; only our istiod, where others have a control
plane or objects of Istio's kinds, or had them before; nothing, where pods of namespaces that are not opted in have its sidecar.
Sidecars of crawlers then lose their control plane: the plan counts them.

Exit status: 0 when nothing is left, 1 when something failed or is still there (run it again), 2 for a mistake in the options
or when nobody could be asked.

Examples:
  proxymeter uninstall --dry-run
  proxymeter uninstall -y --keep-metrics
  proxymeter uninstall --istio --dry-run`;

/** The subcommand, for a program that calls it `proxymeter uninstall`. */
export function uninstallCommand(control: Control): Command {
  const command = new Command("uninstall")
    .description("take everything out again, without a trace")
    .option("--dry-run", "show what would be removed, and change nothing")
    .option("-y, --yes", "do not ask")
    .option(
      "--keep-metrics",
      "keep what Prometheus was told, and its account: monitors, scrape configuration and rules",
    )
    .option("--istio", "remove the Istio that `install --istio install` brought, too");
  return istioctlOption(clusterOptions(command))
    .addHelpText("after", DETAILS)
    .action((flags: UninstallFlags) => uninstall(flags, control));
}

/** What goes: our own, and Istio where it was asked for. */
interface Going {
  removal: Removal;
  istio?: { removal: IstioRemoval; istioctl: Istioctl };
}

async function uninstall(flags: UninstallFlags, control: Control): Promise<void> {
  const cluster = openCluster(flags, control);
  const signal = AbortSignal.any([control.finish, control.abort]);
  const { dryRun = false, yes = false } = flags;
  say(`reading the cluster of context "${cluster.context}"`);
  const going = await prepareGoing(cluster, flags, control);
  const { removal } = going;
  if (hasNothing(removal)) {
    if (flags.output !== "table") print(documentOf(going, dryRun), flags.output, String);
    say("nothing to remove: nothing in this cluster carries our label");
    return;
  }
  if (dryRun || flags.output === "table") print(documentOf(going, dryRun), flags.output, () => textOf(going));
  if (dryRun) return say("dry run: nothing was changed");
  // Who is asked must have seen it.
  if (flags.output !== "table" && !yes) say(textOf(going));
  await confirm(going.istio ? "Remove this, and Istio?" : "Remove this?", { isConfirmed: yes, signal });
  const speak = occasionally();
  const progress: Progress = { done: [], onDone: (done) => speak(`${done} changes made`) };
  await resumable("the removal", progress, () => removeAll(cluster, going, progress));
  // Another client: this one remembers the kinds that went with Istio.
  await checkGone(openCluster(flags, control), removal, GONE_WITHIN_MS, signal);
  if (flags.output !== "table") print(documentOf(going, false), flags.output, String);
  say(`${progress.done.length} ${plural("change", progress.done.length)} made; nothing else with our label is left`);
}

async function prepareGoing(cluster: Cluster, flags: UninstallFlags, control: Control): Promise<Going> {
  const { namespace: systemNamespace, keepMetrics = false } = flags;
  const removal = await prepareRemoval(cluster, { systemNamespace, keepMetrics });
  if (!flags.istio) return { removal };
  const istioctl = istioctlOf(flags, cluster, control);
  const planned = await planIstioRemoval(cluster, removal.record, removal.kept);
  // One that cannot be run is found before anything is removed.
  await istioctlVersion(istioctl);
  return { removal, istio: { removal: planned, istioctl } };
}

async function removeAll(cluster: Cluster, { removal, istio }: Going, progress: Progress): Promise<void> {
  const onLine = (line: string) => say(`istioctl: ${line}`);
  const speak = occasionally();
  const onWait = (names: readonly string[]) => speak(`waiting until they are gone: ${names.join(", ")}`);
  const options = { progress, onLine, onWait, timeoutMs: ISTIO_GONE_WITHIN_MS };
  const withIstio = istio && (() => removeIstio(cluster, { ...istio, ...options }));
  await remove(cluster, removal, progress, withIstio);
}

function textOf({ removal, istio }: Going): string {
  const own = removalText(removal, istio !== undefined);
  return istio ? `${own}\n${istioRemovalText(istio.removal, istio.istioctl)}` : own;
}

function removalText(removal: Removal, isWithIstio: boolean): string {
  const { plan, kept, namespaces, staying, record, meshes } = removal;
  const count = plan.steps.length + namespaces.length;
  return [
    `Plan: remove ${count} ${plural("object", count)}`,
    ...(record?.labelled ?? []).map((name) => `  - label proxymeter.io/enabled on Namespace ${name}`),
    ...plan.steps.map(({ reference }) => `  - ${nameOf(reference)}`),
    ...meshes.map(
      ({ namespace, name }) => `  ~ ConfigMap ${namespace}/${name}: the mesh configuration loses what install put in`,
    ),
    ...namespaces.map((name) => `  - Namespace ${name}, which install created`),
    ...kept.map((reference) => `  . ${nameOf(reference)} is kept`),
    ...staying.map((line) => `  . ${line}`),
    ...(record?.istio && !isWithIstio ? [istioStaysLine(record.istio)] : []),
    "",
    ...effectLines(plan.effects, record?.drainSeconds ?? DEFAULT_DRAIN_SECONDS),
    "",
  ].join("\n");
}

function documentOf({ removal, istio }: Going, isDryRun: boolean) {
  const { plan, kept, namespaces, staying, record, meshes } = removal;
  return {
    isDryRun,
    removed: plan.steps.map(({ reference }) => reference),
    namespaces,
    unlabelled: record?.labelled ?? [],
    kept,
    staying,
    isMeshEdited: meshes.length > 0,
    restoredMeshConfigs: meshes.map(({ namespace, name }) => ({ namespace, name })),
    effects: plan.effects,
    ...(istio && { istio: istioRemovalDocument(istio.removal) }),
  };
}
