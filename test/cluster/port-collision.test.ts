// SPDX-License-Identifier: Apache-2.0
/**
 * An HTTP Service on the port of a vendor's gateway: Istio's listener for it takes CONNECT away and answers 404.
 * `check` finds that beforehand, and what `install` lays out serves both. The tests follow each other.
 */
import http from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { answer } from "../../loadgen/site/routes.ts";
import { actual, expectBalance, logOnFailure } from "./balance.ts";
import type { Books } from "./books.ts";
import { type Cli, cli, expectSuccess, foundBy, ISTIO, vendorsFile } from "./cli.ts";
import type { KubeObject } from "./kube.ts";
import { gateway } from "./manifests.ts";
import { POD_ADDRESS } from "./namespace.ts";
import { startNamespaceController } from "./namespace-controller.ts";
import { CRAWL } from "./objects.ts";
import { until } from "./poll.ts";
import { type Rig, startRig } from "./rig.ts";

const plane = inject("plane");
const { port } = gateway("acme");
/** Of the API server's range for Services. */
const SERVICE = { address: "10.96.44.44", port };
const HOST = "web.crawl.svc.cluster.local";
const metadata = { name: "web", namespace: CRAWL };

const service: KubeObject = {
  apiVersion: "v1",
  kind: "Service",
  metadata,
  spec: { clusterIP: SERVICE.address, ports: [{ name: "http-web", port, targetPort: port, protocol: "TCP" }] },
};

/** Comes to the port of another gateway once all is installed. */
const late: KubeObject = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "late", namespace: CRAWL },
  spec: { ports: [{ name: "http", port: gateway("globex").port, protocol: "TCP" }] },
};

/** What the endpoint controller would write; none runs here. */
const endpoints = (targetPort: number): KubeObject => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { ...metadata, labels: { "kubernetes.io/service-name": metadata.name } },
  addressType: "IPv4",
  ports: [{ name: "http-web", port: targetPort, protocol: "TCP" }],
  endpoints: [{ addresses: [POD_ADDRESS], conditions: { ready: true } }],
});

describe("a gateway whose port an HTTP Service has too", () => {
  let rig: Rig;
  let proxymeter: Cli;
  let unmetered: Books;
  const server = http.createServer(answer);
  const vendors = vendorsFile("acme", "globex");
  const check = async (...args: readonly string[]) =>
    foundBy(await proxymeter("check", "-f", vendors, ...ISTIO, "-o", "json", ...args));

  beforeAll(async () => {
    rig = await startRig(plane, { pod: "crawler-0", services: [SERVICE] });
    proxymeter = cli(plane.credentials);
    await new Promise<void>((resolve) => server.listen(0, POD_ADDRESS, resolve));
    await rig.kube.apply(service, endpoints((server.address() as { port: number }).port));
  });
  afterAll(async () => {
    const controller = startNamespaceController(rig.kube);
    await proxymeter("uninstall", "-y");
    await controller.close();
    for (const object of [late, endpoints(1), service]) await rig.kube.remove(object);
    await rig.close();
    server.close();
  });
  beforeEach((context) => logOnFailure(context, rig));

  /** What the Service answers through the sidecar. */
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      const options = { host: SERVICE.address, port, path: "/", headers: { host: `${HOST}:${port}` }, agent: false };
      const request = http.get(options, async (response) => {
        let text = `${response.statusCode} `;
        for await (const chunk of response) text += chunk;
        resolve(text);
      });
      request.once("error", reject);
    });

  it("is refused by the Service's listener before the installation", async () => {
    await until(async () => (await ask()) === "200 hello\n", { what: "the Service through the sidecar" });
    await expect(rig.open("acme", "shop-01.example")).rejects.toThrow("404");
    unmetered = actual(rig, "acme");
    expect(unmetered.sentBytes).toBe(0);
  });

  it("is found by check beforehand", async () => {
    expect((await check("--pre"))["shared-ports"]).toMatch(/^warn: .*8080 is HTTP of Service crawl\/web/);
  });

  it("works and is metered to the byte after install, by a listener of its own", async () => {
    const image = rig.registry.publish(rig.filter).url;
    expectSuccess(await proxymeter("install", "-f", vendors, "--image", image, "--namespaces", CRAWL, ...ISTIO, "-y"));
    const tunnel = await rig.open("acme", "shop-01.example");
    await tunnel.download(100_000);
    await tunnel.upload(10_000);
    await tunnel.close();
    await expectBalance(rig, "acme", unmetered);
    expect(await check()).not.toHaveProperty("shared-ports");
  });

  it("leaves the Service working, and unmetered", async () => {
    const samples = (await rig.samples()).filter(({ metric }) => metric.startsWith("proxymeter_vendor_"));
    expect(await ask()).toBe("200 hello\n");
    expect(await rig.sidecar.admin("/listeners")).toContain(`0.0.0.0_${port}::`);
    expect((await rig.samples()).filter(({ metric }) => metric.startsWith("proxymeter_vendor_"))).toEqual(samples);
  });

  it("keeps its open tunnel and takes new ones when a Service comes to its port afterwards", async () => {
    const { port: latePort } = gateway("globex");
    const earlier = actual(rig, "globex");
    const tunnel = await rig.open("globex", "shop-02.example");
    await rig.kube.apply(late);
    await until(async () => (await rig.sidecar.admin("/listeners")).includes(`0.0.0.0_${latePort}::`), {
      what: `the Service's listener on port ${latePort}`,
    });
    await tunnel.download(50_000);
    const fresh = await rig.open("globex", "shop-03.example");
    await fresh.download(50_000);
    for (const each of [tunnel, fresh]) await each.close();
    await expectBalance(rig, "globex", earlier);
    expect(await check()).not.toHaveProperty("shared-ports");
  });
});
