// SPDX-License-Identifier: Apache-2.0
/**
 * What happens before our own installation where Istio is to be installed first: plan, question, istioctl. Afterwards the cluster
 * has Istio, and the installation goes on as everywhere.
 */
import type { Cluster } from "../cluster/cluster.ts";
import { print, say } from "../commands/output.ts";
import { type Progress, resumable } from "../install/apply.ts";
import { confirm } from "../install/confirm.ts";
import { documentOf, planText } from "../install/plan-text.ts";
import { prepare, type Wish } from "../install/prepare.ts";
import type { SessionOptions } from "../install/session.ts";
import { installIstio } from "./install.ts";
import { istioPlanDocument, istioPlanText } from "./plan-text.ts";
import { type IstioOptions, type IstioPlan, planIstio } from "./plan.ts";
import { plannedCluster } from "./planned-cluster.ts";

export interface Brought {
  /** Whether nothing more is to be done: it was a dry run. */
  isOver: boolean;
  /** Whether the user has said yes to the whole plan. */
  isConfirmed: boolean;
  /** What the document of the installation says of it. */
  document: { istioInstallation: ReturnType<typeof istioPlanDocument> };
  wish: Wish;
}

/** @throws ProxymeterError of planning, confirming and istioctl; KubeError */
export async function bringIstio(
  cluster: Cluster,
  asked: Wish,
  options: IstioOptions,
  session: SessionOptions,
): Promise<Brought> {
  say(`asking ${options.istioctl.path}, and reading the cluster of context "${cluster.context}"`);
  const plan = await planIstio(cluster, asked, options);
  // What we have just installed need not be guessed from the names of its images.
  const wish: Wish = { ...asked, istio: { ...plan.place, version: plan.version } };
  const brought = { isOver: false, isConfirmed: false, document: { istioInstallation: istioPlanDocument(plan) }, wish };
  if (plan.action === "none") {
    say(`Istio ${plan.version}, which an earlier installation brought, is as wanted`);
    return brought;
  }
  const prepared = await prepare(plannedCluster(cluster, plan.rendered), wish);
  const text = () => `${istioPlanText(plan)}\nThen:\n${planText(prepared)}`;
  if (session.isDryRun || session.output === "table") {
    print({ ...brought.document, ...documentOf(prepared), isDryRun: session.isDryRun }, session.output, text);
  } else if (!session.isConfirmed) say(text());
  if (session.isDryRun) {
    say("dry run: nothing was changed; what needs Istio's kinds was not tried on the server");
    return { ...brought, isOver: true };
  }
  await confirm("Install Istio and apply this?", session);
  await carryOut(cluster, { plan, prepared });
  return { ...brought, isConfirmed: true };
}

async function carryOut(cluster: Cluster, planned: { plan: IstioPlan; prepared: Parameters<typeof planText>[0] }) {
  const progress: Progress = { done: [], onDone: () => undefined };
  await resumable("the installation of Istio", progress, () =>
    installIstio(cluster, planned, progress, (line) => say(`istioctl: ${line}`)),
  );
  say(`Istio ${planned.plan.version} is installed`);
}
