// SPDX-License-Identifier: Apache-2.0
/**
 * What belongs to others stays theirs: namespaces, labels, objects of our names, and changes of the mesh configuration.
 * Each test begins and ends with nothing installed.
 */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { differences, dump } from "./api-dump.ts";
import { type Cli, cli, expectSuccess, ISTIO, vendorsFile } from "./cli.ts";
import { Kube, type KubeObject } from "./kube.ts";
import { type NamespaceController, startNamespaceController } from "./namespace-controller.ts";
import { CRAWL } from "./objects.ts";

const { credentials } = inject("plane");
const IMAGE = `oci://registry.example/proxymeter@sha256:${"0".repeat(64)}`;
const MESH = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "istio", namespace: "istio-system" } };
const MERGE = "application/merge-patch+json";

const namespace = (name: string, labels: Record<string, string> = {}): KubeObject => {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
};

describe("install and uninstall", () => {
  let kube: Kube;
  let controller: NamespaceController;
  let proxymeter: Cli;
  const install = (...args: readonly string[]) =>
    proxymeter("install", "-f", vendorsFile("acme"), "--image", IMAGE, "--wait", "0", "-y", ...ISTIO, ...args);
  const uninstall = (...args: readonly string[]) => proxymeter("uninstall", "-y", ...args);
  const mesh = async () => (await kube.get<{ data: { mesh: string } }>(MESH)).data.mesh;
  const patch = (path: string, body: object) => kube.call("PATCH", path, JSON.stringify(body), MERGE);

  beforeAll(() => {
    kube = new Kube(credentials);
    controller = startNamespaceController(kube);
    proxymeter = cli(credentials);
  });
  afterEach(async () => {
    await uninstall();
    await patch(`/api/v1/namespaces/${CRAWL}`, { metadata: { labels: { "proxymeter.io/enabled": null } } });
  });
  afterAll(async () => {
    await controller.close();
    await kube.close();
  });

  it("leave a namespace that was there before, with its labels, and the opt-in label that a user set", async () => {
    await kube.apply(namespace("metering", { team: "data" }), namespace(CRAWL, { "proxymeter.io/enabled": "true" }));
    const before = await dump(kube);
    expectSuccess(await install("-n", "metering"));
    expectSuccess(await uninstall("-n", "metering"));
    expect(differences(before, await dump(kube))).toEqual([]);
    await kube.remove(namespace("metering"));
  });

  it("take back an opt-in label that a build with another field manager had set, as the record says", async () => {
    const optedIn = async () =>
      (await kube.get<KubeObject>(namespace(CRAWL))).metadata.labels as Record<string, string>;
    const before = await dump(kube);
    expectSuccess(await install("--namespaces", CRAWL));
    const path = `/api/v1/namespaces/${CRAWL}`;
    const apply = (manager: string, metadata: object) => {
      const body = JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: CRAWL, ...metadata } });
      return kube.call("PATCH", `${path}?fieldManager=${manager}&force=true`, body, "application/apply-patch+yaml");
    };
    await apply("proxymeter", { labels: { "proxymeter.io/enabled": "true" } });
    await apply("proxymeter-opt-in", {});
    expect(await optedIn()).toHaveProperty(["proxymeter.io/enabled"]);
    expectSuccess(await uninstall());
    expect(differences(before, await dump(kube))).toEqual([]);
  });

  it("leave a namespace that they made but that holds something of somebody else", async () => {
    expectSuccess(await install());
    const theirs = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "theirs", namespace: "proxymeter" } };
    await kube.apply(theirs);
    const result = await uninstall("--dry-run");
    expect(result.stdout).toContain("Namespace proxymeter stays: it holds ConfigMap proxymeter/theirs");
    expectSuccess(await uninstall());
    expect(await kube.get(theirs)).toMatchObject({ metadata: { name: "theirs" } });
    await kube.remove(theirs);
    await kube.remove(namespace("proxymeter"));
  });

  it("refuse to take over an object of somebody else, and change nothing", async () => {
    const theirs: KubeObject = {
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata: { name: "proxymeter-gw.acme.example", namespace: CRAWL },
      spec: { hosts: ["gw.acme.example"], ports: [{ number: 9, name: "tcp", protocol: "TCP" }], resolution: "NONE" },
    };
    await kube.apply(theirs);
    const before = await dump(kube, { hasVersions: true });
    const { exitCode, stderr } = await install("--namespaces", CRAWL);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `ServiceEntry ${CRAWL}/proxymeter-gw.acme.example exists and was not made by this program`,
    );
    expect(differences(before, await dump(kube, { hasVersions: true }))).toEqual([]);
    await kube.remove(theirs);
  });

  it("keep what somebody else changed in the mesh configuration meanwhile", async () => {
    const before = await mesh();
    expectSuccess(await install());
    expect(await mesh()).toContain("proxy_vendor");
    await patch("/api/v1/namespaces/istio-system/configmaps/istio", {
      data: { mesh: (await mesh()).replace("cluster.local", "mesh.example") },
    });
    expectSuccess(await uninstall());
    expect(JSON.parse(await mesh())).toEqual({ ...JSON.parse(before), trustDomain: "mesh.example" });
    await patch("/api/v1/namespaces/istio-system/configmaps/istio", { data: { mesh: before } });
  });

  it("keep what Prometheus was told when asked to", async () => {
    expectSuccess(await install("--namespaces", CRAWL, "--monitor", "scrape-config"));
    expectSuccess(await uninstall("--keep-metrics"));
    const left = Object.keys(await dump(kube)).filter((name) => name.includes("proxymeter"));
    expect(left).toContain("/api/v1 ConfigMap proxymeter/proxymeter-scrape-config");
    expect(left.filter((name) => /WasmPlugin|ServiceEntry|EnvoyFilter|installation/.test(name))).toEqual([]);
  });

  it("ask before they change anything, and cannot without a terminal", async () => {
    const args = ["-f", vendorsFile("acme"), "--image", IMAGE, ...ISTIO];
    const { exitCode, stderr } = await proxymeter("install", ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("standard input is no terminal (expected one, or -y)");
  });

  it("show what they ask about on stderr where stdout is for a program", async () => {
    const args = ["-f", vendorsFile("acme"), "--image", IMAGE, ...ISTIO, "-o", "json"];
    const asked = await proxymeter("install", ...args);
    expect(asked).toMatchObject({ exitCode: 2, stdout: "" });
    expect(asked.stderr).toMatch(/\+ Namespace proxymeter[\s\S]*cannot ask "Apply this\?"/);
    expectSuccess(await install());
    const removing = await proxymeter("uninstall", "-o", "yaml");
    expect(removing).toMatchObject({ exitCode: 2, stdout: "" });
    expect(removing.stderr).toMatch(/- Namespace proxymeter[\s\S]*cannot ask "Remove this\?"/);
  });

  it("opt in their own namespace without taking its labels off, and out again", async () => {
    const own = async () => (await kube.get<KubeObject>(namespace("proxymeter"))).metadata.labels;
    expectSuccess(await install());
    const labels = await own();
    expectSuccess(await install("--namespaces", "proxymeter"));
    expect(await own()).toEqual({ ...(labels as object), "proxymeter.io/enabled": "true" });
    const again = await install("--namespaces", "proxymeter", "-o", "json");
    expect(JSON.parse(again.stdout)).toMatchObject({ isChanged: false });
    expectSuccess(await uninstall());
    expect(Object.keys(await dump(kube)).filter((name) => name.includes("proxymeter"))).toEqual([]);
  });

  it("restore the mesh configuration of the revision before, and both in the end", async () => {
    const canary: KubeObject = { ...MESH, metadata: { name: "istio-canary", namespace: "istio-system" }, data: {} };
    const meshOf = async (map: KubeObject) => (await kube.get<{ data: { mesh: string } }>(map)).data.mesh;
    const before = await mesh();
    await kube.apply({ ...canary, data: { mesh: before } });
    expectSuccess(await install());
    const changed = await install("--istio-revision", "canary", "-o", "json");
    expectSuccess(changed);
    expect(JSON.parse(changed.stdout)).toMatchObject({ restoredMeshConfigs: [{ name: "istio" }] });
    expect([await mesh(), await meshOf(canary)]).toEqual([before, expect.stringContaining("proxy_vendor")]);
    expectSuccess(await uninstall());
    expect([await mesh(), await meshOf(canary)]).toEqual([before, before]);
    await kube.remove(canary);
  });

  it("name every lack of what was asked: image, namespace, version", async () => {
    const args = ["install", "-f", vendorsFile("acme"), "-y"];
    const expectations: [string[], string][] = [
      [ISTIO, "no image of the filter is named"],
      [["--image", "oci://127.0.0.1:9/proxymeter:1", ...ISTIO], "127.0.0.1:9"],
      [["--image", IMAGE], "cannot tell the version of Istio"],
      [["--image", IMAGE, ...ISTIO, "--namespaces", "nowhere"], 'namespace "nowhere": it does not exist'],
      [["--image", IMAGE, ...ISTIO, "--istio-revision", "canary"], "no ConfigMap istio-system/istio-canary"],
    ];
    for (const [more, message] of expectations) expect((await proxymeter(...args, ...more)).stderr).toContain(message);
  });
});
