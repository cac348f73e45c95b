// SPDX-License-Identifier: Apache-2.0
/**
 * What a crawler waits longer: for a CONNECT to be answered, and for the answer to an HTTP request on an open connection. The same
 * client takes the ways with our filter, without it, and without Envoy in turns, one at a time.
 */
import { bootstrap, httpFilters, listener, siteFilters } from "../envoy/bootstrap.ts";
import { ourHttpPlugin, VENDOR_HEADER } from "../envoy/filters.ts";
import { startTunnelPair } from "../envoy/pair.ts";
import { interleave } from "../interleave.ts";
import { ANSWER_END, openRequests } from "../load/requests.ts";
import { openTunnel } from "../load/tunnels.ts";
import type { Rig } from "../rig.ts";
import { figure, quantile, type Series } from "../statistics.ts";
import type { Finding } from "../verdict.ts";
import { type Measure, turns } from "./measure.ts";

const SITE = "outbound|80||api.acme.example";
const ROUTE = { route: { cluster: SITE, timeout: "0s" } };
const REQUEST = `GET / HTTP/1.1\r\nhost: shop-01.example\r\n${VENDOR_HEADER}: acme\r\n\r\n`;
const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

type Way = "filter" | "envoy" | "direct";

export const connectLatency: Measure = {
  name: "connect-latency",
  run: async (rig) => {
    const { envoy, ports } = await startTunnelPair(rig);
    const opening = (port: number) => async () => {
      const start = performance.now();
      const socket = await openTunnel(port);
      const elapsed = performance.now() - start;
      socket.destroy();
      return elapsed;
    };
    const found = await compare(rig, "connect-latency", {
      filter: opening(ports.filter),
      envoy: opening(ports.none),
      direct: opening(ports.gateway),
    });
    await envoy.stop();
    return found;
  },
};

export const requestLatency: Measure = {
  name: "request-latency",
  run: async (rig) => {
    const site = await rig.start({
      bootstrap: bootstrap([listener("site", siteFilters(ANSWER_END.padStart(1024, ".")))], {}),
      place: "with the load",
    });
    const port = site.ports.get("site") ?? 0;
    const listeners = [
      listener("filter", httpFilters(ROUTE, { filters: [ourHttpPlugin(rig.modules.filter, "")] })),
      listener("envoy", httpFilters(ROUTE)),
    ];
    const envoy = await rig.start({ bootstrap: bootstrap(listeners, { [SITE]: [{ host: "127.0.0.1", port }] }) });
    const asking = async (at: number) => {
      const load = await openRequests(at, [REQUEST], 1);
      rig.owns(() => load.close());
      return () => load.run(1);
    };
    const found = await compare(rig, "request-latency", {
      filter: await asking(envoy.ports.get("filter") ?? 0),
      envoy: await asking(envoy.ports.get("envoy") ?? 0),
      direct: await asking(port),
    });
    await envoy.stop();
    await site.stop();
    return found;
  },
};

async function compare(
  rig: Rig,
  name: "connect-latency" | "request-latency",
  ways: Record<Way, () => Promise<number>>,
): Promise<Finding[]> {
  const samples = await interleave(ways, turns(rig, name, rig.many(4000, 400), 200));
  const shares = Object.keys(QUANTILES) as (keyof typeof QUANTILES)[];
  return [
    ...shares.map((share) => addedAt(`${name}/${share}`, QUANTILES[share], samples.filter, samples.envoy)),
    ...shares.map((share) => addedAt(`${name}/${share}-direct`, QUANTILES[share], samples.filter, samples.direct)),
  ];
}

function addedAt(id: Finding["id"], share: number, ours: Series, theirs: Series): Finding {
  const at = (series: Series) => figure({ series }, (drawn) => quantile(drawn.series, share));
  const result = figure({ ours, theirs }, (drawn) => quantile(drawn.ours, share) - quantile(drawn.theirs, share));
  return { id, ours: at(ours), theirs: at(theirs), result };
}
