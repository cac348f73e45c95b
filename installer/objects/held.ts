// SPDX-License-Identifier: Apache-2.0
/**
 * A filter that is no longer wanted but stays on its listeners for now: the same object with the configuration of today, so that a
 * vendor that vendors.yaml no longer names leaves it at once. Pure; what is held is decided in installer/install/hold.ts.
 */
import type { VendorsFile } from "../vendors/model.ts";
import { catchAllOf } from "./catch-all.ts";
import { portsOf } from "./declared-gateways.ts";
import { CATCH_ALL } from "./names.ts";
import type { KubeObject } from "./object.ts";
import type { Target } from "./target.ts";
import { pluginOn } from "./wasm-plugin.ts";

interface Match {
  ports?: { number: number }[];
}

/** Undefined for what has no configuration of ours, and in namespaces that are no longer opted in, where nothing changes. */
export function heldForm(live: KubeObject, file: VendorsFile, target: Target): KubeObject | undefined {
  const { name, namespace } = live.metadata;
  if (namespace === undefined || !target.namespaces.includes(namespace)) return undefined;
  if (live.kind === "EnvoyFilter") return name === CATCH_ALL ? heldCatchAll(file, namespace, target) : undefined;
  const { match = [] } = (live.spec ?? {}) as { match?: Match[] };
  const ports = match.flatMap((one) => (one.ports ?? []).map(({ number }) => number));
  const held = ports.length === 0 ? undefined : pluginOn(ports, { name, namespace }, file, target);
  return held?.kind === live.kind ? held : undefined;
}

/** One that shares the network plugin's configuration has none of its own, and needs that plugin. */
function heldCatchAll(file: VendorsFile, namespace: string, target: Target): KubeObject | undefined {
  const isShared = target.module.pullSecret !== undefined;
  return isShared && portsOf(file, "tcp").length === 0 ? undefined : catchAllOf(file, namespace, target);
}
