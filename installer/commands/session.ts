// SPDX-License-Identifier: Apache-2.0
/**
 * Options that `install` and `rollback` share, and what they become. What a session does is in installer/install/session.ts.
 */
import { type Command, InvalidArgumentError } from "commander";
import type { Cluster } from "../cluster/cluster.ts";
import { durationSeconds } from "../cluster/istio.ts";
import { byTemplate, throughApiServer } from "../install/metrics-source.ts";
import type { SessionOptions } from "../install/session.ts";
import type { ClusterFlags, Control } from "./options.ts";

export interface SessionFlags extends ClusterFlags {
  dryRun?: boolean;
  yes?: boolean;
  drain?: boolean;
  wait: number;
  metricsFrom?: string;
  istioVersion?: string;
  istioNamespace?: string;
  istioRevision?: string;
}

/** Adds what install and rollback share. */
export function sessionOptions(command: Command): Command {
  return command
    .option("--dry-run", "show what would change, checked by the server where it can be, and change nothing")
    .option("-y, --yes", "do not ask")
    .option("--drain", "also remove listeners that are no longer wanted, which cuts what is open on them")
    .option(
      "--wait <time>",
      "how long to wait for the pods, such as 120s or 5m; 0 does not wait",
      milliseconds,
      120_000,
    )
    .option(
      "--metrics-from <url>",
      "read pods' metrics here instead of through the API server; {ip}, {pod} and {namespace} are filled in",
    )
    .option("--istio-version <version>", "version of Istio, where the cluster does not tell, such as 1.31")
    .option("--istio-namespace <name>", "where istiod is (default: wherever it is found)")
    .option("--istio-revision <name>", "which istiod, where there are several");
}

export function istioOf({ istioNamespace, istioVersion, istioRevision }: SessionFlags) {
  return { namespace: istioNamespace, version: istioVersion, revision: istioRevision };
}

export function sessionOf(what: string, cluster: Cluster, flags: SessionFlags, control: Control): SessionOptions {
  return {
    what,
    output: flags.output,
    isDryRun: flags.dryRun ?? false,
    isConfirmed: flags.yes ?? false,
    waitMs: flags.wait,
    source: flags.metricsFrom === undefined ? throughApiServer(cluster) : byTemplate(flags.metricsFrom),
    signal: AbortSignal.any([control.finish, control.abort]),
  };
}

function milliseconds(text: string): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : durationSeconds(text);
  if (seconds === undefined)
    throw new InvalidArgumentError(`found "${text}" (expected seconds, or a time such as 90s or 5m)`);
  return seconds * 1000;
}
