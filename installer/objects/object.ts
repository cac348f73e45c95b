// SPDX-License-Identifier: Apache-2.0
/**
 * What every object of the Kubernetes API has, and how one is named. Shapes of single kinds are with what makes them.
 */

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  [member: string]: unknown;
}

export interface Metadata {
  name: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  resourceVersion?: string;
  [member: string]: unknown;
}

/** Enough to find an object. */
export interface Reference {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

export function referenceOf({ apiVersion, kind, metadata: { name, namespace } }: Reference): Reference {
  return { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
}

/** `Kind namespace/name`, as people read it in plans and errors. */
export function nameOf({ kind, metadata: { name, namespace } }: Reference): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}
