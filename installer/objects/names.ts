// SPDX-License-Identifier: Apache-2.0
/**
 * Names of our objects, and the hash by which a pod's metrics show which configuration it runs.
 */
import { createHash } from "node:crypto";
import type { VendorsFile } from "../vendors/model.ts";
import { pluginSettingsOf } from "./plugin-settings.ts";
import type { Target } from "./target.ts";

export const NETWORK_PLUGIN = "proxymeter-network";
export const HTTP_PLUGIN = "proxymeter-http";
export const CATCH_ALL = "proxymeter-catch-all";
export const TELEMETRY = "proxymeter";
export const LEDGER = "proxymeter-ledger";
export const POD_MONITOR = "proxymeter";
export const SCRAPE_CONFIG = "proxymeter-scrape-config";
/** PrometheusRule, or ConfigMap of rule files. */
export const RULES = "proxymeter-rules";
export const NETWORK_POLICY = "proxymeter-scrape";
/** CronJob that follows newly labelled namespaces. */
export const FOLLOWER = "proxymeter-follow";
/** Service accounts, roles and bindings: of this program, and of a Prometheus. */
export const INSTALLER = "proxymeter";
export const PROMETHEUS = "proxymeter-prometheus";
/** Role and binding in the namespace of Istio: the mesh configuration. */
export const MESH_ACCESS = "proxymeter-mesh";

const PREFIX = "proxymeter-";
/** Longest name of an object: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const LONGEST_NAME = 253;
const HASH_LENGTH = 12;

/** Name of the ServiceEntry of a gateway. */
export function serviceEntryName(host: string): string {
  const name = `${PREFIX}${host}`;
  return name.length <= LONGEST_NAME ? name : `${PREFIX}${hashOf(host)}`;
}

/** Of everything that the plugins are told but release and digest, which `proxymeter_info` has by themselves. */
export function configHashOf(file: VendorsFile, target: Pick<Target, "parts">): string {
  return hashOf(JSON.stringify(pluginSettingsOf(file, target)));
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
}
