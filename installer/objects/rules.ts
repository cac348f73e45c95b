// SPDX-License-Identifier: Apache-2.0
/**
 * Recording rules and alerts in the cluster: a PrometheusRule, or a ConfigMap of rule files to mount.
 * The rules are the checked-in files of grafana/rules; only the vendors' constants and the runbooks' address are made here.
 */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { VendorsFile } from "../vendors/model.ts";
import { placed } from "./labels.ts";
import { RULES } from "./names.ts";
import type { KubeObject } from "./object.ts";
import { POD_MONITOR_KIND } from "./scrape.ts";
import type { Target } from "./target.ts";
import { constantsOf, type RuleGroup } from "./vendor-constants.ts";
import { toYaml } from "./yaml.ts";

const FOLDER = new URL("../../grafana/rules/", import.meta.url);
const FILES = ["recording.yaml", "alerts.yaml"];
export const PROMETHEUS_RULE_KIND = "monitoring.coreos.com/v1/PrometheusRule";
/** Key of the ConfigMap beside those of the checked-in files. */
export const CONSTANTS_FILE = "vendors.yaml";

/** The groups of the files, read once. */
let checkedIn: RuleGroup[] | undefined;

/** The PrometheusRule where an operator scrapes; the files where it does not; nothing where nothing is scraped. */
export function rulesOf(file: VendorsFile, target: Target): KubeObject[] {
  const { parts, optionalKinds, namespaces } = target;
  if (parts.monitor === "none" || namespaces.length === 0) return [];
  const hasOperator =
    parts.monitor === "pod-monitor" &&
    [POD_MONITOR_KIND, PROMETHEUS_RULE_KIND].every((kind) => optionalKinds.has(kind));
  const object = hasOperator ? prometheusRule(file) : configMap(file);
  return [placed(object, { name: RULES, namespace: target.systemNamespace, component: "rules" }, target)];
}

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule */
function prometheusRule(file: VendorsFile): KubeObject {
  checkedIn ??= FILES.flatMap((name) => (parse(textOf(name)) as { groups: RuleGroup[] }).groups);
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: RULES },
    spec: { groups: [constantsOf(file), ...withRunbooks(checkedIn, file)] },
  };
}

function configMap(file: VendorsFile): KubeObject {
  const data = {
    [CONSTANTS_FILE]: toYaml({ groups: [constantsOf(file)] }),
    ...Object.fromEntries(FILES.map((name) => [name, textWithRunbooks(textOf(name), file)])),
  };
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: RULES }, data };
}

/** The page of vendors.yaml in place of the checked-in one, in a copy. */
function withRunbooks(groups: readonly RuleGroup[], { alerts: { runbookUrl } }: VendorsFile): RuleGroup[] {
  const copy = structuredClone(groups) as (RuleGroup & { rules: { annotations?: { runbook_url: string } }[] })[];
  for (const { annotations } of copy.flatMap(({ rules }) => rules)) {
    if (annotations) annotations.runbook_url = runbookAt(runbookUrl, annotations.runbook_url);
  }
  return copy;
}

/** The same in the text of a file, whose comments stay. */
function textWithRunbooks(text: string, { alerts: { runbookUrl } }: VendorsFile): string {
  return text.replace(/(?<=^ *runbook_url: )\S+$/gm, (checkedIn) => runbookAt(runbookUrl, checkedIn));
}

function runbookAt(page: string, checkedIn: string): string {
  return `${page}${new URL(checkedIn).hash}`;
}

function textOf(name: string): string {
  return readFileSync(new URL(name, FOLDER), "utf8");
}
