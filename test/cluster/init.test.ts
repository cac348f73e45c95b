// SPDX-License-Identifier: Apache-2.0
/**
 * `init --from-cluster` on a real API server: what it proposes from ServiceEntries and workloads, and that it changes nothing.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { initCommand } from "../../installer/commands/init.ts";
import { readVendorsFile } from "../../installer/vendors/read.ts";
import { Kube, type KubeObject } from "./kube.ts";
import { gateway } from "./manifests.ts";

const LABELS = { app: "init-test" };
const TEMPLATE = {
  metadata: { labels: LABELS },
  spec: {
    containers: [
      {
        name: "crawler",
        image: "registry.example/crawler",
        env: [
          { name: "PROXY_PASSWORD", value: "hunter2" },
          {
            name: "HTTPS_PROXY",
            value: "http://crawl-zone-mobile-country-de:$(PROXY_PASSWORD)@gw.initech.example:8080",
          },
          { name: "ALL_PROXY", valueFrom: { secretKeyRef: { name: "proxy", key: "url" } } },
        ],
        envFrom: [{ configMapRef: { name: "init-proxy" } }],
      },
    ],
  },
};
const WORKLOADS: readonly KubeObject[] = [
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "init-proxy", namespace: "crawl" },
    data: { http_proxy: "socks5h://jane:hunter2@203.0.113.77" },
  },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "init-crawler", namespace: "crawl" },
    spec: { selector: { matchLabels: LABELS }, template: TEMPLATE },
  },
];

describe("init --from-cluster", () => {
  const { credentials } = inject("plane");
  const kube = new Kube(credentials);
  const folder = mkdtempSync(join(tmpdir(), "init-"));
  const file = join(folder, "vendors.yaml");
  const objects = [gateway("acme").entry, ...WORKLOADS];
  beforeAll(() => kube.apply(...objects));
  afterAll(async () => {
    for (const object of objects) await kube.remove(object);
    await kube.close();
    rmSync(folder, { recursive: true });
  });

  const versions = async () => {
    const read = await Promise.all(objects.map((object) => kube.get<KubeObject>(object)));
    return read.map(({ metadata }) => metadata.resourceVersion);
  };

  it("proposes declared gateways and those that crawlers use, and changes nothing", async () => {
    const before = await versions();
    const never = new AbortController().signal;
    const options = ["--kubeconfig", credentials.kubeconfigFile, "--from-cluster", "-f", file];
    await initCommand({ finish: never, abort: never }).parseAsync(options, { from: "user" });
    const { vendors } = readVendorsFile(file);
    const { address, port } = gateway("acme");
    expect(vendors).toMatchObject([
      { name: "acme", gateways: [{ host: "gw.acme.example", addresses: [`${address}/32`], ports: [port] }] },
      {
        name: "initech",
        gateways: [{ host: "gw.initech.example", ports: [8080] }],
        username: { pool: "zone", country: "country" },
      },
      { name: "vendor-203-0-113-77", gateways: [{ addresses: ["203.0.113.77"], ports: [1080], protocol: "socks5" }] },
    ]);
    expect(await versions()).toEqual(before);
  });

  it("writes no secret, and says which one it has not read", () => {
    const text = readFileSync(file, "utf8");
    expect(text).not.toMatch(/hunter2|jane|mobile/);
    expect(text).toContain(
      "# - ALL_PROXY of Deployment crawl/init-crawler has its value in Secret proxy, which is not read",
    );
  });
});
