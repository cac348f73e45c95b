// SPDX-License-Identifier: Apache-2.0
/**
 * The variables at the top of the dashboards: where the data comes from, and which part of it is shown.
 * Their values come from recorded series, which are few whatever the fleet is.
 */
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import * as contract from "../../filter/core/contract.ts";
import * as recorded from "../recorded.ts";
import { IN_CLUSTER } from "./selectors.ts";

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in.
export const DATASOURCE = { type: "prometheus", uid: "${datasource}" } as const;

/** Matches series without the label too: one cluster alone usually has no `cluster` label. */
const ANYTHING = ".*";

export type VariableName = "cluster" | "namespace" | "vendor" | "pool" | "destination";

interface Source {
  label: string;
  description: string;
  /** Label whose values are offered, and the selector of the series that have it. */
  of: string;
  selector: string;
}

export const VARIABLES: Readonly<Record<VariableName, Source>> = {
  cluster: {
    label: "Cluster",
    description: "Value of the label that a store of several clusters tells them apart by.",
    of: "cluster",
    selector: recorded.NAMESPACE_PODS,
  },
  namespace: {
    label: "Namespace",
    description: "Namespace of the crawler pods.",
    of: "namespace",
    selector: `${recorded.NAMESPACE_PODS}{${IN_CLUSTER}}`,
  },
  vendor: {
    label: "Vendor",
    description: "Proxy vendor as vendors.yaml names it.",
    of: contract.LABEL_VENDOR,
    selector: `${recorded.VENDOR_REQUESTS_RATE}{${IN_CLUSTER}}`,
  },
  pool: {
    label: "Pool",
    description: "Pool or zone of the vendor, from the proxy username or header.",
    of: contract.LABEL_POOL,
    selector: `${recorded.POOL_REQUESTS_RATE}{${IN_CLUSTER}, ${contract.LABEL_VENDOR}=~"$vendor"}`,
  },
  destination: {
    label: "Destination",
    description: "Host that was asked for; `other` stands for those that are too small to go by name.",
    of: contract.LABEL_DESTINATION,
    selector: `${recorded.DESTINATION_REQUESTS_RATE}{${IN_CLUSTER}, ${contract.LABEL_VENDOR}=~"$vendor"}`,
  },
};

export function datasourceVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder("datasource")
    .label("Data source")
    .description("The Prometheus that scrapes the crawler pods, or a store that speaks its language.")
    .type(DATASOURCE.type)
    .current({ selected: true, text: "default", value: "default" });
}

/** Several values may be chosen; all at first. */
export function labelVariable(name: VariableName): QueryVariableBuilder {
  const { label, description, of, selector } = VARIABLES[name];
  const query = `label_values(${selector}, ${of})`;
  return new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(DATASOURCE)
    .query({ query, refId: `variable-${name}` })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(ANYTHING)
    .current({ selected: true, text: ["All"], value: ["$__all"] });
}
