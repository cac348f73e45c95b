// SPDX-License-Identifier: Apache-2.0
/**
 * Plays the namespace controller, which does not run here: empties namespaces that are being deleted, and lets them go.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Kube } from "./kube.ts";

const INTERVAL_MS = 200;
const JSON_BODY = "application/json";

interface List {
  items: { metadata: { name: string; deletionTimestamp?: string } }[];
}

export interface NamespaceController {
  close(): Promise<void>;
}

export function startNamespaceController(kube: Kube): NamespaceController {
  const stop = new AbortController();
  const run = async () => {
    while (!stop.signal.aborted) {
      await release(kube).catch(() => undefined);
      await pause(INTERVAL_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    close: () => {
      stop.abort();
      return running;
    },
  };
}

async function release(kube: Kube): Promise<void> {
  const { items } = (await kube.call("GET", "/api/v1/namespaces")) as List;
  for (const { metadata } of items.filter(({ metadata }) => metadata.deletionTimestamp !== undefined)) {
    const path = `/api/v1/namespaces/${metadata.name}`;
    for (const kind of ["configmaps", "serviceaccounts", "secrets"]) await kube.call("DELETE", `${path}/${kind}`);
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: metadata.name }, spec: { finalizers: [] } };
    await kube.call("PUT", `${path}/finalize`, JSON.stringify(body), JSON_BODY);
  }
}
