// SPDX-License-Identifier: Apache-2.0
/**
 * The thread that a gateway runs in, so that clients and gateway do not share one event loop. Tells its port, then serves.
 */
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { createGateway } from "./gateway.ts";

const server = createGateway();
server.listen(0, workerData as string, () => parentPort?.postMessage((server.address() as AddressInfo).port));
