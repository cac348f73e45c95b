// SPDX-License-Identifier: Apache-2.0
/**
 * What the scrape does to our samples, done here: the rules of the filter's contract give both encodings the same label names.
 *
 * @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config
 */
import { metricRelabelRules, type RelabelRule } from "../../filter/core/relabel.ts";
import type { Sample } from "./exposition.ts";

const NAME = "__name__";
const SEPARATOR = ";";

const RULES = metricRelabelRules().map((rule) => ({ ...rule, expression: new RegExp(`^(?:${rule.regex})$`, "s") }));

/** The sample as Prometheus stores it, but for the labels of its target. */
export function relabelled({ metric, labels, value }: Sample): Sample {
  const working: Record<string, string> = { ...labels, [NAME]: metric };
  for (const rule of RULES) apply(rule, working);
  const { [NAME]: name = metric, ...rest } = working;
  return { metric: name, labels: rest, value };
}

/** The action `replace`, the only one in our rules. An empty label is the same as none. */
function apply(rule: RelabelRule & { expression: RegExp }, labels: Record<string, string>): void {
  const match = rule.expression.exec(rule.source_labels.map((label) => labels[label] ?? "").join(SEPARATOR));
  if (!match) return;
  const replaced = rule.replacement.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? "");
  if (replaced === "") delete labels[rule.target_label];
  else labels[rule.target_label] = replaced;
}
