// SPDX-License-Identifier: Apache-2.0
/**
 * One file for whoever is to help: the facts and the report, redacted, as gzipped JSON. Logs are fetched here, a tail each.
 */
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Cluster } from "../cluster/cluster.ts";
import { SIDECAR } from "../cluster/sidecar-pods.ts";
import { documentation } from "../documentation.ts";
import { ProxymeterError } from "../errors.ts";
import type { KubeObject } from "../objects/object.ts";
import { MANAGED_BY, MANAGED_BY_LABEL } from "../objects/target.ts";
import type { ConfigDumps } from "./config-dumps.ts";
import type { Facts, Read } from "./facts.ts";
import type { Pod } from "./kinds.ts";
import { redactObject, redactText, redactValue } from "./redact.ts";
import type { Report } from "./run.ts";
import { isLive, labelOf, placeOf, sidecarOf } from "./workloads.ts";

const LOGGED_PODS = 10;
const LOG_LINES = 300;

/** Log of each container that was read, by `namespace/pod/container`; a refusal in its place. */
export type Logs = Record<string, string>;

/** Tails of the logs of istiod and of some opted-in pods' sidecars. */
export async function readLogs(cluster: Pick<Cluster, "get">, facts: Facts): Promise<Logs> {
  const istiods = valueOr(facts.istioPods, []).filter((pod) => isLive(pod) && labelOf(pod, "istio") === "pilot");
  const crawlers = valueOr(facts.pods, []).filter((pod) => isLive(pod) && sidecarOf(pod) !== undefined);
  const wanted = [
    ...istiods.map((pod) => [pod, "discovery"] as const),
    ...crawlers.slice(0, LOGGED_PODS).map((pod) => [pod, SIDECAR] as const),
  ];
  const logs = wanted.map(async ([pod, container]) => [
    `${placeOf(pod)}/${container}`,
    await readLog(cluster, pod, container),
  ]);
  return Object.fromEntries(await Promise.all(logs)) as Logs;
}

async function readLog(cluster: Pick<Cluster, "get">, { metadata }: Pod, container: string): Promise<string> {
  const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/log`;
  try {
    return await cluster.get(`${path}?container=${container}&tailLines=${LOG_LINES}`);
  } catch (error) {
    return `not read: ${(error as Error).message}`;
  }
}

export interface Fetched {
  logs: Logs;
  configDumps: ConfigDumps;
}

/** What the file holds; no value of it was taken over without redaction. */
export function bundleOf(facts: Facts, report: Report, { logs, configDumps }: Fetched, release: string): object {
  const { objects, pods, istioPods, ...rest } = facts;
  const lists = { ...objects, pods, istioPods };
  return {
    release,
    report: redactValue(elsewhere(report)),
    ...(redactValue(rest) as object),
    objects: Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, redactList(list)])),
    logs: Object.fromEntries(Object.entries(logs).map(([name, text]) => [name, redactText(text)])),
    // Redacted where they were read, by what is known of them; here the errors among them.
    configDumps: redactValue(configDumps),
  };
}

/** Who reads it has another copy of the documentation, and no business with the folders of this machine. */
function elsewhere(report: Report): Report {
  return JSON.parse(JSON.stringify(report).replaceAll(documentation(""), "docs/")) as Report;
}

function redactList(list: Read<readonly KubeObject[]>): Read<KubeObject[]> {
  if ("unknown" in list) return { unknown: redactText(list.unknown) };
  const isOurs = ({ metadata }: KubeObject) => metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY;
  return { value: list.value.map((object) => redactObject(object, isOurs(object) && object.kind !== "Pod")) };
}

/** @throws ProxymeterError E_BUNDLE where the file can't be written */
export function writeBundle(file: string, bundle: object): void {
  try {
    writeFileSync(file, gzipSync(JSON.stringify(bundle, null, 2)), { mode: 0o600 });
  } catch (cause) {
    throw new ProxymeterError(
      "E_BUNDLE",
      `cannot write the bundle: ${(cause as Error).message}`,
      "give --bundle a file in a folder that you may write to",
      { cause, exitCode: 2 },
    );
  }
}

function valueOr<T>(read: Read<T>, other: T): T {
  return "value" in read ? read.value : other;
}
