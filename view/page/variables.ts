// SPDX-License-Identifier: Apache-2.0
/**
 * Finds the values that the variables of a dashboard can take, one after the other: a later one may be narrowed by an earlier one.
 */
import type { GrafanaVariable } from "../model/grafana.ts";
import type { TimeRange } from "../model/time.ts";
import { type Choices, interpolate, optionsOf, variableQuery } from "../model/variables.ts";
import { askValues } from "./ask.ts";

export type Options = Readonly<Record<string, readonly string[]>>;

/** Values by variable. A variable whose question fails has none, and is named in the problems. */
export async function readOptions(
  variables: readonly GrafanaVariable[],
  choices: Choices,
  range: TimeRange,
): Promise<{ options: Options; problems: string[] }> {
  const options: Record<string, readonly string[]> = {};
  const problems: string[] = [];
  for (const variable of variables.filter(({ type }) => type !== "datasource")) {
    try {
      const query = variableQuery(variable);
      const scope = {
        variables,
        choices,
        options,
        builtIn: { __range: `${Math.round((range.to - range.from) / 1000)}s` },
      };
      const fill = (text: string) => interpolate(text, scope);
      const filled =
        query.kind === "labelValues"
          ? { ...query, selector: fill(query.selector) }
          : query.kind === "query"
            ? { ...query, expression: fill(query.expression) }
            : query;
      options[variable.name] = optionsOf(variable, await askValues(filled, range));
    } catch (cause) {
      options[variable.name] = [];
      problems.push(`${variable.label || variable.name}: ${cause instanceof Error ? cause.message : cause}`);
    }
  }
  return { options, problems };
}
