// SPDX-License-Identifier: Apache-2.0
/**
 * Everything beyond the relays in a thread of its own: sites, the stand-in for the internet, and gateways. Half the work
 * of a simulated request is done there, and clients and relays keep their time better when it is not done on theirs.
 * What runs in the thread is outside-thread.ts; without a thread, the same parts can be started one by one.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Fault } from "./gateway/fault.ts";
import type { Gateway } from "./gateway/gateway.ts";

export interface GatewayPlan {
  kind: "http" | "socks" | "fault";
  username?: string;
  password?: string;
  /** For kind `fault`. */
  fault?: Fault;
  delayMs?: number;
}

export interface OutsideOptions {
  /** Sites, by name or IP address. */
  hosts: string[];
  gateways: GatewayPlan[];
}

export interface Outside {
  /** PEM of the root that vouches for all sites. */
  ca: string;
  httpPort: number;
  httpsPort: number;
  internetPort: number;
  /** In the order of the plan; they are closed together. */
  gateways: Omit<Gateway, "close">[];
  /** Settles when the thread fails, with its error; never otherwise. */
  failed: Promise<never>;
  close(): Promise<void>;
}

/** What the thread says once it is ready. */
export type Ready = Omit<Outside, "failed" | "close">;

/** @throws whatever keeps one of the parts from starting */
export async function startOutside(options: OutsideOptions): Promise<Outside> {
  const worker = new Worker(new URL("./outside-thread.ts", import.meta.url), { workerData: options });
  const failed = once(worker, "error").then(([error]): never => {
    throw error;
  });
  failed.catch(() => {});
  const [ready] = (await once(worker, "message")) as [Ready];
  return { ...ready, failed, close: async () => void (await worker.terminate()) };
}
