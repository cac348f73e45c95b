// SPDX-License-Identifier: Apache-2.0
/**
 * The thread that outside.ts starts: puts the parts together and says where they listen.
 */
import { parentPort, workerData } from "node:worker_threads";
import { makeAuthority } from "./certificate.ts";
import { startFaultGateway } from "./gateway/fault.ts";
import type { Gateway } from "./gateway/gateway.ts";
import { startHttpGateway } from "./gateway/http.ts";
import { startSocksGateway } from "./gateway/socks.ts";
import type { GatewayPlan, OutsideOptions, Ready } from "./outside.ts";
import { startInternet } from "./site/internet.ts";
import { startSites } from "./site/site.ts";

type Start = (plan: GatewayPlan, internetPort: number) => Promise<Gateway>;

const GATEWAYS: Record<GatewayPlan["kind"], Start> = {
  http: (plan, internetPort) => startHttpGateway({ internetPort, ...plan }),
  socks: (plan, internetPort) => startSocksGateway({ internetPort, ...plan }),
  fault: (plan, internetPort) => startFaultGateway({ internetPort, fault: "silent", ...plan }),
};

async function start({ hosts, gateways }: OutsideOptions): Promise<Ready> {
  const authority = await makeAuthority();
  const sites = await startSites({ authority, hosts });
  const internet = await startInternet({ sites });
  const started = await Promise.all(gateways.map((plan) => GATEWAYS[plan.kind](plan, internet.port)));
  return {
    ca: authority.pem,
    httpPort: sites.httpPort,
    httpsPort: sites.httpsPort,
    internetPort: internet.port,
    gateways: started.map(({ host, port }) => ({ host, port })),
  };
}

parentPort?.postMessage(await start(workerData));
