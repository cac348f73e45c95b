// SPDX-License-Identifier: Apache-2.0
/**
 * The recommended labels that every object of ours carries, and how an object gets its name and namespace.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
 */
import type { KubeObject } from "./object.ts";
import { MANAGED_BY, MANAGED_BY_LABEL, type Target } from "./target.ts";

/** What part of Proxymeter an object is; value of `app.kubernetes.io/component`. */
export type Component =
  | "system"
  | "access"
  | "scrape"
  | "rules"
  | "filter"
  | "catch-all"
  | "telemetry"
  | "ledger"
  | "gateway"
  | "dashboards";

const PRODUCT = "proxymeter";

export interface Place {
  name: string;
  /** None for objects of the whole cluster. */
  namespace?: string;
  component: Component;
}

export function labelsOf(component: Component, { release }: Pick<Target, "release">): Record<string, string> {
  return {
    "app.kubernetes.io/name": PRODUCT,
    "app.kubernetes.io/component": component,
    "app.kubernetes.io/part-of": PRODUCT,
    "app.kubernetes.io/version": release,
    [MANAGED_BY_LABEL]: MANAGED_BY,
  };
}

/** The object under its name and namespace and with our labels; of what else its metadata said only annotations stay. */
export function placed<T extends KubeObject>(
  object: T,
  { name, namespace, component }: Place,
  target: Pick<Target, "release">,
): T {
  const labels = labelsOf(component, target);
  const { apiVersion, kind, metadata: written, ...body } = object;
  const metadata = {
    name,
    ...(namespace !== undefined && { namespace }),
    labels,
    ...(written.annotations && { annotations: written.annotations }),
  };
  return { apiVersion, kind, metadata, ...body } as unknown as T;
}
