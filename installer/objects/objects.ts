// SPDX-License-Identifier: Apache-2.0
/**
 * The plan: from vendors.yaml and the cluster it is for to every object that Proxymeter consists of, in apply order.
 * Pure: the same file and target give the same objects. The mesh configuration is edited, not owned: see mesh-config.ts.
 */
import type { VendorsFile } from "../vendors/model.ts";
import { accessObjectsOf } from "./access.ts";
import { baseOf } from "./base.ts";
import { catchAllOf } from "./catch-all.ts";
import { dashboardsOf } from "./dashboards.ts";
import { declaredGateways } from "./declared-gateways.ts";
import { placed } from "./labels.ts";
import { ledgerOf } from "./ledger.ts";
import { networkPoliciesOf } from "./network-policy.ts";
import type { KubeObject } from "./object.ts";
import { inApplyOrder } from "./order.ts";
import { rulesOf } from "./rules.ts";
import { scrapeObjectsOf } from "./scrape.ts";
import { serviceEntryOf } from "./service-entry.ts";
import type { Target } from "./target.ts";
import { telemetryOf } from "./telemetry.ts";
import { pluginsOf } from "./wasm-plugin.ts";

/**
 * All objects for these vendors in this cluster, as they are applied: first to last.
 *
 * @throws ProxymeterError E_CATCH_ALL where a catch-all is wanted that could never fetch its module
 */
export function objectsOf(file: VendorsFile, target: Target): KubeObject[] {
  return inApplyOrder([
    systemNamespace(target),
    ...accessObjectsOf(target),
    ...networkPoliciesOf(target),
    ...scrapeObjectsOf(file, target),
    ...rulesOf(file, target),
    ...dashboardsOf(target),
    ...target.namespaces.flatMap((namespace) => objectsOfCrawlers(file, namespace, target)),
  ]);
}

/** What an opted-in namespace gets for its sidecars. */
function objectsOfCrawlers(file: VendorsFile, namespace: string, target: Target): KubeObject[] {
  const { catchAll, telemetry, ledgerSeconds } = target.parts;
  return [
    ...pluginsOf(file, namespace, target),
    ...(catchAll ? [catchAllOf(file, namespace, target)] : []),
    ...(telemetry ? [telemetryOf(namespace, target)] : []),
    ...(ledgerSeconds === undefined ? [] : [ledgerOf(namespace, ledgerSeconds, target)]),
    ...declaredGateways(file).map((gateway) => serviceEntryOf(gateway, namespace, target)),
  ];
}

function systemNamespace(target: Target): KubeObject {
  return placed(
    baseOf("00-namespace.yaml", "Namespace"),
    { name: target.systemNamespace, component: "system" },
    target,
  );
}
