// SPDX-License-Identifier: Apache-2.0
/**
 * What vendors.yaml says of a vendor, as constant series that rules and dashboards join on: objectives, price, budget and
 * billing profile. Without labels of a cluster or namespace. A test holds the names against grafana/recorded.ts.
 */
import {
  KIND_PROXY_HANDSHAKE,
  KIND_TLS_HANDSHAKE,
  LABEL_KIND,
  LABEL_OUTCOME,
  LABEL_VENDOR,
} from "../../filter/core/contract.ts";
import type { Vendor, VendorsFile } from "../vendors/model.ts";

/** Of a Prometheus rule file. */
export interface RuleGroup {
  name: string;
  interval?: string;
  rules: object[];
}

export const CONSTANTS_GROUP = "proxymeter-constants";
const BYTES = { decimal: 1e9, binary: 2 ** 30 };

/** The group; no rules in it where the file has no vendors. */
export function constantsOf({ vendors }: Pick<VendorsFile, "vendors">): RuleGroup {
  return { name: CONSTANTS_GROUP, interval: "1m", rules: vendors.flatMap(constantsOfVendor) };
}

function constantsOfVendor({ name, alerts, price, billing }: Vendor): object[] {
  const constant = (record: string, value: number, labels: Record<string, string> = {}) => ({
    record,
    expr: `vector(${value})`,
    labels: { [LABEL_VENDOR]: name, ...labels },
  });
  const bills = (direction: "sent" | "received") => Number([direction, "both"].includes(billing.directions));
  const kinds = [
    ...(billing.handshake ? [] : [KIND_PROXY_HANDSHAKE]),
    ...(billing.tlsHandshake ? [] : [KIND_TLS_HANDSHAKE]),
  ];
  return [
    constant("vendor:proxymeter_success_target:ratio", alerts.successRatio),
    constant("vendor:proxymeter_handshake_target:milliseconds", alerts.handshakeMilliseconds),
    constant("vendor:proxymeter_bills_sent:bool", bills("sent")),
    constant("vendor:proxymeter_bills_received:bool", bills("received")),
    ...kinds.map((kind) => constant("vendor_kind:proxymeter_unbilled:bool", 1, { [LABEL_KIND]: kind })),
    ...billing.unbilledOutcomes.map((outcome) =>
      constant("vendor_outcome:proxymeter_unbilled:bool", 1, { [LABEL_OUTCOME]: outcome }),
    ),
    ...(price === undefined ? [] : moneyOf(constant, price, alerts.monthlyBudget)),
  ];
}

function moneyOf(
  constant: (record: string, value: number, labels: Record<string, string>) => object,
  { currency, perGB, gigabyte }: NonNullable<Vendor["price"]>,
  budget: number | undefined,
): object[] {
  return [
    constant("vendor:proxymeter_price:per_byte", perGB / BYTES[gigabyte], { currency }),
    ...(budget === undefined ? [] : [constant("vendor:proxymeter_budget:month", budget, { currency })]),
  ];
}
