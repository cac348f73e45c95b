// SPDX-License-Identifier: Apache-2.0
/**
 * Follows the namespaces that get the opt-in label: looks for new ones, and has the installation applied to them.
 * What applying is, is the caller's. A server that does not answer, or an installation that fails, is tried again.
 */
import type { Cluster } from "../cluster/cluster.ts";
import { ProxymeterError } from "../errors.ts";
import { OPT_IN_LABEL } from "../objects/target.ts";
import { pause } from "./pause.ts";
import { plural } from "./show.ts";

export const FOLLOW_INTERVAL_MS = 15_000;

export interface FollowOptions {
  /** Namespaces that have the installation already. */
  namespaces: readonly string[];
  /** Applies the recorded installation to all namespaces with the label, and gives their names. */
  install: () => Promise<readonly string[]>;
  say: (line: string) => void;
  /** Ends it, without an error. */
  finish: AbortSignal;
  /** Ends it with the signal's reason. */
  abort: AbortSignal;
  intervalMs?: number;
}

/** Returns when it is asked to finish. A namespace whose label went is followed again when the label comes back. */
export async function follow(cluster: Pick<Cluster, "list">, options: FollowOptions): Promise<void> {
  const { say, finish, abort, intervalMs = FOLLOW_INTERVAL_MS } = options;
  say(`following namespaces that get the label ${OPT_IN_LABEL}=true, until Ctrl-C`);
  let known = options.namespaces;
  let complaint = "";
  for (;;) {
    try {
      const labelled = await labelledNamespaces(cluster);
      const fresh = labelled.filter((name) => !known.includes(name));
      known = labelled.filter((name) => !fresh.includes(name));
      if (fresh.length > 0) {
        say(`newly labelled: ${plural("namespace", fresh.length)} ${fresh.join(", ")}`);
        known = await options.install();
        say(`installed in ${fresh.join(", ")}`);
      }
      complaint = "";
    } catch (error) {
      abort.throwIfAborted();
      if (finish.aborted) return;
      // The same refusal every few seconds would hide everything else.
      const found = complaintOf(error);
      if (found !== complaint) say(found);
      complaint = found;
    }
    if (!(await hasPaused(intervalMs, finish, abort))) return;
  }
}

async function labelledNamespaces(cluster: Pick<Cluster, "list">): Promise<string[]> {
  const found = await cluster.list("v1", "Namespace", { labelSelector: `${OPT_IN_LABEL}=true` });
  return found.map(({ metadata }) => metadata.name).sort();
}

/** @throws what is no answer of the server and no error for users: a mistake of this program */
function complaintOf(error: unknown): string {
  if (!(error instanceof ProxymeterError)) throw error;
  return `${error.message}; trying again`;
}

async function hasPaused(milliseconds: number, finish: AbortSignal, abort: AbortSignal): Promise<boolean> {
  try {
    await pause(milliseconds, AbortSignal.any([finish, abort]));
    return true;
  } catch (error) {
    abort.throwIfAborted();
    if (finish.aborted) return false;
    throw error;
  }
}
