// SPDX-License-Identifier: Apache-2.0
/**
 * Entry of the thread that everything beyond the pods runs in. Started by thread.ts, which it tells its ports.
 */
import { parentPort, workerData } from "node:worker_threads";
import { type OutsideOptions, startOutside } from "./outside.ts";

parentPort?.postMessage(await startOutside(workerData as OutsideOptions));
