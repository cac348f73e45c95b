// SPDX-License-Identifier: Apache-2.0
/**
 * `install --istio install` by the real istioctl in a cluster without Istio, what its overlay makes of a sidecar, and `uninstall
 * --istio`. Deployments are made ready by a stand-in, since no kubelet runs here; istiod itself is started by the test.
 * The tests follow each other: each begins with what the one before left.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { parse } from "yaml";
import { EXTRA_STAT_TAGS } from "../../filter/core/stat-tags.ts";
import * as contract from "../../filter/core/contract.ts";
import { redactDump } from "../../installer/checks/redact-dump.ts";
import type { OwnIstio } from "../../installer/install/record.ts";
import { differences, dump } from "./api-dump.ts";
import { type Cli, cli, expectSuccess, vendorsFile } from "./cli.ts";
import { matching, sum } from "./counters.ts";
import { type EmptyCluster, startEmptyCluster, WEBHOOKS, XDS } from "./empty-cluster.ts";
import { type KubeObject, readObjects } from "./kube.ts";
import { gateway } from "./manifests.ts";
import { CRAWL } from "./objects.ts";
import { until } from "./poll.ts";
import { type Rig, startRig } from "./rig.ts";
import { readTools } from "./tools.ts";

const tools = readTools();
const plane = inject("plane");
const IMAGE = `oci://registry.example/proxymeter@sha256:${"0".repeat(64)}`;
const object = (apiVersion: string, kind: string, name: string, namespace?: string): KubeObject => {
  return { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
};
const MESH = object("v1", "ConfigMap", "istio", "istio-system");
const RECORD = object("v1", "ConfigMap", "proxymeter-installation", "proxymeter");
const DEFINITIONS = readObjects(readFileSync(tools.definitions, "utf8")).length;
const THEIRS: KubeObject = {
  ...object("networking.istio.io/v1", "ServiceEntry", "theirs", CRAWL),
  spec: { hosts: ["shop.example"], ports: [{ number: 443, name: "tls", protocol: "TLS" }], resolution: "DNS" },
};

/** What upstream Envoy does not hold is off, and webhooks are where the test runs istiod. */
const OPERATOR = `# Ours
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
spec:
  profile: minimal
  meshConfig:
    enablePrometheusMerge: false
    defaultProviders: {metrics: []}
    defaultConfig:
      extraStatTags: [team]
  values:
    istiodRemote: {injectionURL: "${WEBHOOKS}/inject"}
    base: {validationURL: "${WEBHOOKS}/validate"}
`;

describe("a cluster without Istio", () => {
  let cluster: EmptyCluster;
  let proxymeter: Cli;
  let start: Record<string, unknown>;
  let rig: Rig;
  const operator = `${plane.directory}/operator.yaml`;
  const ISTIO = ["--istio", "install", "--istioctl", tools.istioctl, "--istio-version", tools.istioVersion];
  const OURS = ["-f", vendorsFile("acme"), "--image", IMAGE, "--namespaces", CRAWL, "--without-telemetry"];
  const install = (...more: readonly string[]) => proxymeter("install", ...OURS, ...ISTIO, ...more);
  const record = async (): Promise<OwnIstio | undefined> => {
    const { data } = await cluster.kube.get<{ data: Record<string, string> }>(RECORD);
    return (JSON.parse(data["installation.json"] ?? "") as { istio?: OwnIstio }).istio;
  };
  const mesh = async () => (await cluster.kube.get<{ data: { mesh: string } }>(MESH)).data.mesh;
  const tagsOf = (text: string) => (parse(text) as { defaultConfig: { extraStatTags: string[] } }).defaultConfig;

  beforeAll(async () => {
    writeFileSync(operator, OPERATOR);
    cluster = await startEmptyCluster(tools, plane.directory);
    proxymeter = cli(cluster.credentials);
    await cluster.kube.apply(object("v1", "Namespace", CRAWL), object("v1", "ServiceAccount", "crawler", CRAWL));
    await cluster.kube.apply({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "injected", labels: { "istio-injection": "enabled" } },
    });
    start = await dump(cluster.kube);
  });
  afterAll(async () => {
    await rig?.close();
    await cluster?.close();
  });

  it("is told apart from one with Istio: without --istio install nothing is done", async () => {
    const { exitCode, stderr } = await proxymeter("install", ...OURS, "-y");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("cannot find Istio");
    expect(stderr).toContain("--istio install");
  });

  it("has nothing changed by --dry-run, which shows istioctl, its overlay, and what follows", async () => {
    const result = await install("--istio-config", operator, "--dry-run");
    expectSuccess(result);
    expect(result.stdout).toContain(`First Istio ${tools.istioVersion}, by ${tools.istioctl}: no Istio is there`);
    expect(result.stdout).toContain(`${DEFINITIONS} CustomResourceDefinitions`);
    expect(result.stdout).toMatch(/extraStatTags: \[ ?team, proxy_vendor, /);
    expect(result.stdout).toContain(`+ WasmPlugin ${CRAWL}/proxymeter-network`);
    expect(differences(start, await dump(cluster.kube))).toEqual([]);
  });

  it("has nothing changed where nobody can be asked, or istioctl is not there", async () => {
    const asked = await install();
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toContain("standard input is no terminal (expected one, or -y)");
    const missing = await install("-y", "--istioctl", "/nowhere/istioctl");
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr).toContain('cannot run "/nowhere/istioctl": not found');
    expect(differences(start, await dump(cluster.kube))).toEqual([]);
  });

  it("has it recorded as broken off when istiod does not become ready, with istioctl's own words", async () => {
    const result = await install("-y", "--istio-config", operator, "--istio-timeout", "3s");
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("istioctl install ended with status 1");
    expect(result.stderr).toContain("run the same command again: it goes on from there");
    expect(await record()).toMatchObject({ state: "installing", hasMadeNamespace: true, hasMadeDefinitions: true });
  });

  it("gets Istio by the same command again, then our objects, and is recorded so", async () => {
    cluster.startControllers();
    const result = await install("-y", "-o", "json", "--wait", "0");
    expectSuccess(result);
    expect(JSON.parse(result.stdout)).toMatchObject({
      istioInstallation: { action: "resume", namespace: "istio-system", revision: "default", profile: "minimal" },
      isChanged: true,
    });
    expect(result.stderr).toMatch(/istioctl: .*Istiod/);
    expect(await record()).toMatchObject({ state: "installed", hasMadeNamespace: true, hasMadeDefinitions: true });
    expect(Object.keys(await dump(cluster.kube)).filter((name) => name.includes("WasmPlugin"))).toEqual([
      `/apis/extensions.istio.io/v1alpha1 WasmPlugin ${CRAWL}/proxymeter-network`,
    ]);
  });

  it("has our stat tags in its mesh configuration, after those of the user", async () => {
    expect(tagsOf(await mesh()).extraStatTags).toEqual(["team", ...EXTRA_STAT_TAGS]);
  });

  it("has exactly the mesh configuration that istioctl generates of the recorded overlay", async () => {
    const { data } = await cluster.kube.get<{ data: Record<string, string> }>(RECORD);
    // What an uninstall that leaves Istio goes back to.
    expect(tagsOf(data["mesh-before"] ?? "").extraStatTags).toEqual(["team"]);
    const overlay = `${cluster.directory}/overlay.yaml`;
    writeFileSync(overlay, data["istio-overlay.yaml"] ?? "");
    const { stdout } = await execa(tools.istioctl, ["manifest", "generate", "-f", overlay]);
    const generated = readObjects(stdout).find(
      ({ kind, metadata }) => kind === "ConfigMap" && metadata.name === MESH.metadata.name,
    );
    expect((generated?.data as { mesh: string } | undefined)?.mesh).toBe(await mesh());
  });

  it("has nothing written by the same installation again", async () => {
    const before = await dump(cluster.kube, { hasVersions: true });
    const result = await install("-y", "--wait", "0");
    expectSuccess(result);
    expect(result.stderr).toContain("which an earlier installation brought, is as wanted");
    const passing = (name: string) => /ReplicaSet/.test(name);
    const kept = (all: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(all).filter(([name]) => !passing(name)));
    expect(kept(await dump(cluster.kube, { hasVersions: true }))).toEqual(kept(before));
  });

  it("is changed in place by another --istio-config, and the plan says what becomes of the mesh configuration", async () => {
    writeFileSync(operator, OPERATOR.replace("enablePrometheusMerge: false", "$&\n    enableTracing: false"));
    const result = await install("-y", "--istio-config", operator, "--wait", "0", "-o", "json");
    expectSuccess(result);
    const change = { path: "mesh.enableTracing", after: false };
    expect(JSON.parse(result.stdout)).toMatchObject({ istioInstallation: { action: "change", meshChanges: [change] } });
    expect(await mesh()).toContain("enableTracing: false");
    expect(await record()).toMatchObject({ state: "installed", hasMadeNamespace: true, hasMadeDefinitions: true });
  });

  it("injects pods with our tags, by the webhook of an istiod that runs with that configuration", async () => {
    await cluster.startIstiod({
      INJECTION_WEBHOOK_CONFIG_NAME: "istio-sidecar-injector",
      VALIDATION_WEBHOOK_CONFIG_NAME: "istio-validator-istio-system",
    });
    const injected = await until(() => injectedConfig(cluster), { what: "a pod with a sidecar", timeoutMs: 30_000 });
    expect(injected.extraStatTags).toEqual(["team", ...EXTRA_STAT_TAGS]);
    rig = await startRig(cluster, { pod: "crawler-0", proxyConfig: injected, xdsAddress: XDS });
  });

  it("has such a pod metered with full labels", async () => {
    const { url } = rig.registry.publish(rig.filter);
    expectSuccess(await proxymeter("install", ...OURS, "--image", url, "--istio-version", tools.istioVersion, "-y"));
    const tunnel = await rig.open("acme", "shop-01.example");
    await tunnel.download(100_000);
    await tunnel.close();
    const samples = await rig.samples();
    const full = { [contract.LABEL_ENCODING]: contract.ENCODING_FULL };
    expect(matching(samples, contract.INFO, full)).not.toEqual([]);
    const labels = {
      [contract.LABEL_VENDOR]: "acme",
      [contract.LABEL_POOL]: "residential",
      [contract.LABEL_OUTCOME]: "ok",
    };
    expect(sum(samples, contract.REQUESTS, labels)).toBe(1);
  });

  it("has a config dump of which a bundle keeps listeners and our plugin, and no certificate", async () => {
    const raw = await rig.sidecar.admin("/config_dump");
    expect(raw).toContain("SecretsConfigDump");
    const kept = JSON.stringify(redactDump(JSON.parse(raw)));
    expect(kept).not.toMatch(/SecretsConfigDump|certificate_chain":\{"inline/);
    const { address, port } = gateway("acme");
    expect(kept).toContain(`"name":"${address}_${port}"`);
    expect(kept).toContain(`"root_id":"${contract.ROOT_NETWORK}"`);
    expect(kept).toContain("config_hash");
    await rig.close();
  });

  it("is said to keep Istio by an uninstall that is not told otherwise", async () => {
    const { stdout } = await proxymeter("uninstall", "--dry-run");
    expect(stdout).toContain(`Istio ${tools.istioVersion} in namespace istio-system, which install brought, stays`);
  });

  it("keeps definitions where somebody else has an object of Istio's kinds, and says whose", async () => {
    await cluster.kube.apply(THEIRS);
    const { stdout } = await proxymeter("uninstall", "--istio", "--istioctl", tools.istioctl, "--dry-run");
    expect(stdout).toContain("uninstall --context local --revision default");
    expect(stdout).toContain(`others have made ServiceEntry ${CRAWL}/theirs`);
    expect(stdout).toContain("Namespace istio-system stays with what is shared");
    await cluster.kube.remove(THEIRS);
  });

  it("is as before after uninstall --istio", { timeout: 120_000 }, async () => {
    const result = await proxymeter("uninstall", "--istio", "--istioctl", tools.istioctl, "-y");
    expectSuccess(result);
    expect(result.stdout).toContain("- Deployment istio-system/istiod");
    expect(result.stdout).toContain(`- ${DEFINITIONS} definitions of Istio's kinds`);
    expect(differences(start, await dump(cluster.kube))).toEqual([]);
  });

  it("loses only istiod where somebody else has an object of Istio's kinds", { timeout: 120_000 }, async () => {
    expectSuccess(await install("-y", "--istio-config", operator, "--wait", "0"));
    await cluster.kube.apply(THEIRS);
    expectSuccess(await proxymeter("uninstall", "--istio", "--istioctl", tools.istioctl, "-y"));
    expect(await cluster.kube.get(THEIRS)).toMatchObject({ spec: THEIRS.spec });
    const left = Object.keys(await dump(cluster.kube));
    expect(left.filter((name) => /proxymeter|Deployment |WebhookConfiguration /.test(name))).toEqual([]);
    expect(left).toContain("/api/v1 Namespace /istio-system");
  });
});

it("an Istio of others is refused, and named", async () => {
  const args = ["-f", vendorsFile("acme"), "--image", IMAGE, "--istio", "install", "--istioctl", tools.istioctl];
  const { exitCode, stderr } = await cli(plane.credentials)("install", ...args, "--istio-version", tools.istioVersion);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("found ConfigMap istio-system/istio, which this program has not installed");
});

/** The proxy configuration that the webhook gives to a new pod of a namespace with the injection label. */
async function injectedConfig({ kube }: EmptyCluster): Promise<{ extraStatTags: string[] }> {
  const pod = {
    ...object("v1", "Pod", "probe", "injected"),
    spec: { serviceAccountName: "crawler", containers: [{ name: "crawler", image: "crawler:dev" }] },
  };
  try {
    await kube.apply(pod);
    const { spec } = await kube.get<{ spec: Record<"containers" | "initContainers", Container[] | undefined> }>(pod);
    const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
    const sidecar = containers.find(({ name }) => name === "istio-proxy");
    return JSON.parse(sidecar?.env?.find(({ name }) => name === "PROXY_CONFIG")?.value ?? "");
  } finally {
    await kube.remove(pod);
  }
}

interface Container {
  name: string;
  env?: { name: string; value?: string }[];
}
