// SPDX-License-Identifier: Apache-2.0
/**
 * What a sidecar has written to its standard output, through the API server: what is there, and, if it is followed, what comes.
 * Needs the right to get `pods/log`. The lines' meaning is the caller's affair.
 *
 * @see https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.36/#read-log-pod-v1-core
 */
import { setTimeout as pause } from "node:timers/promises";
import { documentation } from "../documentation.ts";
import { ProxymeterError } from "../errors.ts";
import type { Cluster } from "./cluster.ts";
import { KubeError } from "./kube-error.ts";
import { SIDECAR } from "./sidecar-pods.ts";

export interface PodLogOptions {
  isFollowed: boolean;
  /** How far back to begin. */
  sinceSeconds: number;
  signal: AbortSignal;
}

const AGAIN_MS = 1000;

/**
 * Lines of text, each with the server's time in front of it. The server ends a stream when a log is rotated; it is then asked
 * for what came after the last line. Ends with the pod, or the signal.
 *
 * @throws KubeError for any other answer of the server than that the pod is gone; ProxymeterError where it may not be read
 */
export async function* podLogLines(
  cluster: Pick<Cluster, "podLog">,
  { namespace, name }: { namespace: string; name: string },
  { isFollowed, sinceSeconds, signal }: PodLogOptions,
): AsyncIterable<string> {
  let last = "";
  for (;;) {
    // The server takes whole seconds, so the last one comes again.
    const from = last === "" ? { sinceSeconds } : { sinceTime: `${last.slice(0, 19)}Z` };
    const known = last;
    const log = { namespace, pod: name, container: SIDECAR, follow: isFollowed, timestamps: true, ...from };
    try {
      for await (const line of lines(cluster.podLog(log, signal))) {
        const time = line.slice(0, line.indexOf(" "));
        if (time <= known) continue;
        last = time;
        yield line;
      }
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (error.status === 403) throw forbidden(error);
      // Gone, or its sidecar has not started yet.
      if (error.status !== 404 && error.status !== 400) throw error;
      return;
    }
    if (!isFollowed || signal.aborted) return;
    await pause(AGAIN_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
  }
}

function forbidden({ code, message, cause }: KubeError): ProxymeterError {
  const hint = `use an account that may get pods/log, which no role of ours gives, or collect the logs and give --file; ${documentation("ledger.md")} shows how`;
  return new ProxymeterError(code, message, hint, { cause });
}

async function* lines(stream: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  if (rest !== "") yield rest;
}
