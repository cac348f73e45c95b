// SPDX-License-Identifier: Apache-2.0
/**
 * A mesh with STRICT mutual TLS: the crawler's own port refuses plain connections, while metering, gateways and both ports for
 * Prometheus stay as they were. The tests follow each other.
 */
import http from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { Teardown } from "../../demo/teardown.ts";
import { INFO } from "../../filter/core/contract.ts";
import { expectBalance, logOnFailure } from "./balance.ts";
import { type Cli, cli, expectSuccess, ISTIO, vendorsFile } from "./cli.ts";
import { matching, readSamples } from "./counters.ts";
import { interceptInbound } from "./intercept.ts";
import type { KubeObject } from "./kube.ts";
import { POD_ADDRESS } from "./namespace.ts";
import { CRAWL } from "./objects.ts";
import { until } from "./poll.ts";
import { type ClusterPrometheus, renderedScrapeConfig, startPrometheus } from "./prometheus.ts";
import { type Rig, startRig } from "./rig.ts";
import { readTools } from "./tools.ts";

const plane = inject("plane");
const tools = readTools();
const APP_PORT = 18_099;
const APP_METRIC = "crawler_pages_total";
const STRICT: KubeObject = {
  apiVersion: "security.istio.io/v1",
  kind: "PeerAuthentication",
  metadata: { name: "default", namespace: "istio-system" },
  spec: { mtls: { mode: "STRICT" } },
};
/** As the injector writes it from the pod's own annotations where Istio merges metrics. */
const MERGED = { ISTIO_PROMETHEUS_ANNOTATIONS: `{"scrape":"true","path":"/metrics","port":"${APP_PORT}"}` };

describe("with STRICT mutual TLS in the whole mesh", () => {
  const teardown = new Teardown();
  let rig: Rig;
  let proxymeter: Cli;
  let prometheus: ClusterPrometheus;
  const read = async (port: number) => (await fetch(`http://${POD_ADDRESS}:${port}/stats/prometheus`)).text();
  const isPlainTaken = () =>
    fetch(`http://${POD_ADDRESS}:${APP_PORT}/metrics`, { headers: { connection: "close" } }).then(
      ({ ok }) => ok,
      () => false,
    );

  beforeAll(async () => {
    const app = http.createServer((_, response) => response.end(`# TYPE ${APP_METRIC} counter\n${APP_METRIC} 3\n`));
    await new Promise<void>((resolve) => app.listen(APP_PORT, "0.0.0.0", resolve));
    teardown.add(async () => {
      app.close();
    });
    proxymeter = cli(plane.credentials);
    rig = await startRig(plane, { pod: "crawler-0", env: MERGED });
    teardown.add(() => rig.close());
    await interceptInbound(tools.iptables);
  });
  afterAll(async () => {
    await rig?.kube.remove(STRICT);
    await prometheus?.close();
    await proxymeter("uninstall", "-y");
    await teardown.run();
  });
  beforeEach((context) => logOnFailure(context, rig));

  it("a plain connection to the crawler's own port is refused, which was taken before", async () => {
    expect(await isPlainTaken()).toBe(true);
    await rig.kube.apply(STRICT);
    await until(async () => !(await isPlainTaken()), { what: "the end of plain connections" });
  });

  it("a vendor's gateway outside the mesh is reached as before, and metered equal to the relay", async () => {
    const image = rig.registry.publish(rig.filter).url;
    const args = ["-f", vendorsFile("acme"), "--image", image, "--namespaces", CRAWL, "--monitor", "scrape-config"];
    expectSuccess(await proxymeter("install", ...args, ...ISTIO, "-y"));
    const tunnel = await rig.open("acme", "shop-01.example");
    await tunnel.download(100_000);
    await tunnel.upload(10_000);
    await tunnel.close();
    await expectBalance(rig, "acme");
  });

  it("both ports answer Prometheus in plain text: Envoy's own, and the one that is merged with the crawler's metrics", async () => {
    const [own, merged] = [await read(15_090), await read(15_020)];
    expect(matching(readSamples(own, ""), INFO)).not.toEqual([]);
    expect(own).not.toContain(APP_METRIC);
    expect(readSamples(merged, "proxymeter_")).toEqual(readSamples(own, "proxymeter_"));
    expect(matching(readSamples(merged, ""), APP_METRIC)).toEqual([{ metric: APP_METRIC, labels: {}, value: 3 }]);
    expect(await isPlainTaken()).toBe(false);
  });

  it("Prometheus scrapes the pod by the rendered configuration, and status finds it metered", async () => {
    const scrapeConfigs = { "proxymeter.yaml": await renderedScrapeConfig(rig.kube) };
    prometheus = await startPrometheus({ tools, plane, kube: rig.kube }, { scrapeConfigs });
    const targets = async () => (await prometheus.client.targets()).map(({ scrapeUrl, health }) => [scrapeUrl, health]);
    const url = `http://${POD_ADDRESS}:15090/stats/prometheus?filter=proxymeter_`;
    await until(async () => (await targets())[0]?.[1] === "up", { what: "the pod in Prometheus" });
    expect(await targets()).toEqual([[url, "up"]]);
    const sent = `sum(proxymeter_vendor_sent_bytes_total{proxy_vendor="acme"})`;
    expect((await prometheus.client.query(sent))[0]?.value).toBe(rig.relay("acme").snapshot().sentBytes);
    expectSuccess(await proxymeter("status", "--prometheus", prometheus.url));
  });
});
