// SPDX-License-Identifier: Apache-2.0
/**
 * Starts the gateway's thread and ends it.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";

export interface Gateway {
  port: number;
  stop(): Promise<unknown>;
}

const LOOPBACK = "127.0.0.1";
/** All of 127.0.0.0/8; the gateway itself refuses what does not come over loopback. */
export const ALL_LOOPBACK = "0.0.0.0";

export async function startGateway(address = LOOPBACK): Promise<Gateway> {
  const worker = new Worker(new URL("./gateway-thread.ts", import.meta.url), { workerData: address });
  const [port] = (await once(worker, "message")) as [number];
  return { port, stop: () => worker.terminate() };
}
