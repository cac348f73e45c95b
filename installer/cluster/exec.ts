// SPDX-License-Identifier: Apache-2.0
/**
 * Runs a command in a container that runs already, through the API server, and takes what it prints; bounded in size and time.
 * Needs the right to `pods/exec`, which is a right to everything that the container may do: who asks for it must say so.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
 */
import { Writable } from "node:stream";
import { Exec, type KubeConfig } from "@kubernetes/client-node";

export interface ExecWish {
  namespace: string;
  pod: string;
  container: string;
  command: readonly string[];
  mostBytes: number;
  timeoutMs: number;
}

interface Status {
  status?: string;
  message?: string;
}

/** What it printed on stdout. @throws Error saying why there is nothing, or too much */
export async function execIn(config: KubeConfig, wish: ExecWish, signal?: AbortSignal): Promise<string> {
  const { namespace, pod, container, command, mostBytes, timeoutMs } = wish;
  const ended = Promise.withResolvers<string>();
  const [stdout, stderr] = [collector(mostBytes, ended.reject), collector(mostBytes, ended.reject)];
  const settle = ({ status, message }: Status) => {
    if (status === "Success") ended.resolve(stdout.text());
    else ended.reject(new Error(stderr.text().trim() || message || "the command failed"));
  };
  const timer = setTimeout(() => ended.reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  const abort = () => ended.reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const connecting = new Exec(config).exec(
    namespace,
    pod,
    container,
    [...command],
    stdout.stream,
    stderr.stream,
    null,
    false,
    settle,
  );
  connecting.then(
    // After the status has come this is too late to matter.
    (socket) => socket.addEventListener("close", () => ended.reject(new Error("the connection ended early"))),
    ended.reject,
  );
  try {
    return await ended.promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    connecting.then(
      (socket) => socket.close(),
      () => undefined,
    );
  }
}

function collector(mostBytes: number, tooMuch: (error: Error) => void) {
  const chunks: Buffer[] = [];
  let size = 0;
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      size += chunk.length;
      if (size > mostBytes) tooMuch(new Error(`it is larger than ${mostBytes} bytes`));
      else chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString("utf8") };
}
