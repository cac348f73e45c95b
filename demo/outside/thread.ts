// SPDX-License-Identifier: Apache-2.0
/**
 * Runs everything beyond the pods in a thread of its own, so that serving and asking share two cores instead of one:
 * both ends of every TLS connection are ours, and in one thread they slow each other down at the default rate.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Outside, OutsideOptions } from "./outside.ts";

export interface OutsideThread extends Outside {
  close(): Promise<void>;
}

export interface ThreadOptions extends OutsideOptions {
  /** Told of the error that ends the thread, if one does. */
  onError: (error: Error) => void;
}

/**
 * Starts the thread and waits until its servers listen.
 *
 * @throws the error that ended the thread before that
 */
export async function startOutsideThread({ onError, ...options }: ThreadOptions): Promise<OutsideThread> {
  const workerData: OutsideOptions = options;
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData });
  const [outside] = (await once(worker, "message")) as [Outside];
  worker.on("error", onError);
  return { ...outside, close: async () => void (await worker.terminate()) };
}
