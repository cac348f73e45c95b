// SPDX-License-Identifier: Apache-2.0
/**
 * The whole story of an installation as service account `proxymeter`, with exactly the rights that `render` lists; what takes an
 * administrator is done as one, and is nothing but the rights themselves. The tests follow each other.
 */
import { readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import * as contract from "../../filter/core/contract.ts";
import type { RestartResult } from "../../installer/commands/restart.ts";
import { RESTARTED_AT_ANNOTATION } from "../../installer/restart/model.ts";
import { differences, dump } from "./api-dump.ts";
import { actual, expectBalance, logOnFailure } from "./balance.ts";
import { type Cli, cli, expectSuccess, foundBy, ISTIO, type InstallDocument, vendorsFile, written } from "./cli.ts";
import { createPod, podObject } from "./injected-pod.ts";
import { type KubeObject, readObjects } from "./kube.ts";
import { RUN_FOLDER } from "./namespace.ts";
import { type NamespaceController, startNamespaceController } from "./namespace-controller.ts";
import { ROOT_CERTIFICATES } from "../../installer/istio/leftovers.ts";
import { CRAWL, runningStatus } from "./objects.ts";
import { until } from "./poll.ts";
import { type ClusterPrometheus, publishPrometheus, renderedScrapeConfig, startPrometheus } from "./prometheus.ts";
import { type Rig, startRig } from "./rig.ts";
import { writeKubeconfig } from "./service-account.ts";
import { readTools } from "./tools.ts";
import { owner, UPDATED, workload } from "./workloads.ts";

const plane = inject("plane");
const MONITORING: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "monitoring" } };
/** One of each kind that `restart` restarts; they are there before the installation, and stay. */
const WORKLOADS = ["Deployment", "StatefulSet", "DaemonSet"].map((kind) =>
  workload(kind, `fleet-${kind.toLowerCase()}`, CRAWL),
);
const ACCOUNT = { namespace: "proxymeter", name: "proxymeter" };
const LATER: KubeObject = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "crawl-later", labels: { "proxymeter.io/enabled": "true" } },
};
const component = ({ metadata }: KubeObject) =>
  (metadata.labels as Record<string, string>)["app.kubernetes.io/component"] ?? "";

describe("an account with the rendered rights and no others", () => {
  let rig: Rig;
  let administrator: Cli;
  let proxymeter: Cli;
  let controller: NamespaceController;
  let start: Record<string, unknown>;
  let image: string;
  let prometheus: ClusterPrometheus | undefined;
  const kubeconfig = `${RUN_FOLDER}/least-privilege-kubeconfig`;

  beforeAll(async () => {
    rig = await startRig(plane, { pod: "crawler-0" });
    controller = startNamespaceController(rig.kube);
    image = rig.registry.publish(rig.filter).url;
    administrator = cli(plane.credentials);
    proxymeter = cli({ kubeconfigFile: kubeconfig });
    const rendered = await administrator("render", "-f", vendorsFile("acme"), "--namespaces", CRAWL, "--image", image);
    expectSuccess(rendered);
    const objects = readObjects(rendered.stdout);
    await rig.kube.apply(...objects.filter(({ kind }) => kind === "Namespace"));
    // istiod writes these into every namespace, and not at once.
    for (const name of ROOT_CERTIFICATES) {
      const written = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: ACCOUNT.namespace } };
      await until(async () => (await rig.kube.get(written)) !== undefined, { what: `istiod's ${name}` });
    }
    await rig.kube.apply(...WORKLOADS);
    start = await dump(rig.kube);
    // As `kubectl apply -l 'app.kubernetes.io/component in (system, access)'` does.
    await rig.kube.apply(...objects.filter((object) => component(object) === "access"));
    await writeKubeconfig(plane.credentials, rig.kube, ACCOUNT, kubeconfig);
  });
  afterAll(async () => {
    await prometheus?.close();
    await administrator("uninstall", "-y");
    for (const object of WORKLOADS) await rig.kube.remove(object);
    for (const name of [LATER.metadata.name, ACCOUNT.namespace, MONITORING.metadata.name])
      await rig.kube.remove({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    await until(async () => !(await namespaces()).includes(ACCOUNT.namespace), { what: "the namespace gone" });
    await controller.close();
    await rig.close();
    rmSync(kubeconfig, { force: true });
  });
  beforeEach((context) => logOnFailure(context, rig));

  const namespaces = async () => {
    const { items } = (await rig.kube.call("GET", "/api/v1/namespaces")) as { items: KubeObject[] };
    return items.map(({ metadata }) => metadata.name);
  };
  const run = async (command: string, ...args: readonly string[]): Promise<InstallDocument> => {
    const result = await proxymeter(command, "-y", "-o", "json", ...ISTIO, ...args);
    expectSuccess(result);
    return JSON.parse(result.stdout) as InstallDocument;
  };

  const sample = async (expression: string) => (await prometheus?.client.query(expression))?.[0]?.value;
  const travel = async (vendor: string) => {
    const tunnel = await rig.open(vendor, "shop-01.example");
    await tunnel.download(100_000);
    await tunnel.upload(10_000);
    await tunnel.close();
  };
  /** Waits until the sample is as wanted, then for two more scrapes: only counters that rest are compared to the byte. */
  const settled = async (expression: string, wanted: number) => {
    await until(async () => (await sample(expression)) === wanted, { what: `${expression} at ${wanted}` });
    const end = Date.now() + 6000;
    await until(() => Date.now() > end, { what: "two scrapes" });
  };
  /** A pod of each workload, with a sidecar from before our stat tags. */
  const addOldPods = async () => {
    const pods: KubeObject[] = [];
    for (const object of WORKLOADS) {
      await rig.kube.setStatus(object, UPDATED[object.kind] ?? {});
      const ownerReferences = owner(await rig.kube.get<KubeObject>(object));
      pods.push(podObject({ name: `${object.metadata.name}-0`, statTags: [], ownerReferences }));
    }
    for (const pod of pods) await createPod(rig.kube, pod, runningStatus("10.244.0.9"));
    return pods;
  };
  const restartedAt = async (object: KubeObject) => {
    const { spec } = await rig.kube.get<KubeObject>(object);
    const { template } = spec as { template: { metadata: { annotations?: Record<string, string> } } };
    return template.metadata.annotations?.[RESTARTED_AT_ANNOTATION];
  };

  it("is told that an administrator has to give the rights, as long as it has none", async () => {
    const stranger = `${RUN_FOLDER}/stranger-kubeconfig`;
    await writeKubeconfig(plane.credentials, rig.kube, { namespace: CRAWL, name: "crawler" }, stranger);
    const args = ["-f", vendorsFile("acme"), "--image", image, "-y", ...ISTIO];
    const { exitCode, stderr } = await cli({ kubeconfigFile: stranger })("install", ...args);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/answered 403 [\s\S]*hint: .*an administrator has to give them/);
  });

  it("finds no fault before the installation", async () => {
    const result = await proxymeter("check", "--pre", "-f", vendorsFile("acme"), ...ISTIO, "-o", "json");
    expectSuccess(result);
    expect(foundBy(result)).not.toHaveProperty("rights");
  });

  it("installs, opts a namespace in, edits the mesh and waits for a pod that is metered to the byte", async () => {
    const unmetered = actual(rig, "acme");
    const { pods } = await run("install", "-f", vendorsFile("acme"), "--image", image, "--namespaces", CRAWL);
    expect(pods).toMatchObject({ metered: 1 });
    const tunnel = await rig.open("acme", "shop-01.example");
    await tunnel.download(100_000);
    await expectBalance(rig, "acme", unmetered);
    await tunnel.close();
  });

  it("upgrades to a vendor more, and changes nothing the second time", async () => {
    expect((await run("install", "-f", vendorsFile("acme", "globex"))).isChanged).toBe(true);
    expect((await run("install", "-f", vendorsFile("acme", "globex"))).isChanged).toBe(false);
  });

  it("checks and tells the status", async () => {
    expectSuccess(await proxymeter("check", "-f", vendorsFile("acme", "globex"), ...ISTIO));
    const status = await proxymeter("status");
    expectSuccess(status);
    expect(status.stdout).toContain("1/1 are metered");
  });

  it("proves the metering by the Prometheus that it finds in the cluster", async () => {
    await publishPrometheus(rig.kube, MONITORING.metadata.name);
    const scrapeConfigs = { "proxymeter.yaml": await renderedScrapeConfig(rig.kube) };
    prometheus = await startPrometheus({ tools: readTools(), plane, kube: rig.kube }, { scrapeConfigs });
    const { requests } = actual(rig, "globex");
    for (const vendor of ["acme", "globex"]) await travel(vendor);
    await settled(`sum(${contract.VENDOR_REQUESTS}{proxy_vendor="globex"})`, requests + 1);
    const args = ["-f", vendorsFile("acme", "globex"), "--window", "5m", "-o", "json"];
    const { stdout, stderr, exitCode } = await proxymeter("validate", ...args);
    const { checks = [] } = JSON.parse(stdout || "{}") as { checks?: { id: string; state: string }[] };
    const states = Object.fromEntries(checks.map(({ id, state }) => [id, state]));
    // This Prometheus has no counters but ours, and so no oracle of the books.
    const wanted = { A: "PASS", B: "PASS", C: "PASS", D: "PASS", books: "SKIP" };
    expect({ states, stderr: exitCode === 3 ? "" : stderr }).toEqual({ states: wanted, stderr: "" });
  });

  it("proposes vendors from ServiceEntries, from workloads, and from live traffic that nobody declared", async () => {
    const undeclared = `${contract.SENT_BYTES}{proxy_vendor="${contract.VALUE_UNKNOWN}"}`;
    await travel("initech");
    await until(() => sample(`sum(${undeclared}) > 0`), { what: "undeclared traffic" });
    await travel("initech");
    await until(() => sample(`sum(increase(${undeclared}[1d])) > 0`), {
      what: "more of it",
      detail: async () => JSON.stringify(await prometheus?.client.query(undeclared)),
    });
    const file = `${dirname(written(""))}/proposed.yaml`;
    const { stdout, stderr, exitCode } = await proxymeter("init", "--from-cluster", "-f", file);
    expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/acme[\s\S]*globex/);
    expect(stdout).toContain(`pod ${CRAWL}/crawler-0 sent`);
    expect(readFileSync(file, "utf8")).toContain("host: gw.globex.example");
  });

  it("restarts workloads of each kind, and waits until their pods are new", async () => {
    const pods = await addOldPods();
    const running = proxymeter("restart", "-y", "--wait", "--timeout", "30s", "-o", "json");
    for (const object of WORKLOADS) {
      await until(async () => (await restartedAt(object)) !== undefined, { what: `the annotation of ${object.kind}` });
      await rig.kube.setStatus(object, { ...UPDATED[object.kind], observedGeneration: 2 });
    }
    const result = await running;
    expectSuccess(result);
    const { restart } = JSON.parse(result.stdout) as RestartResult;
    expect(restart.map(({ kind, lacks }) => [kind, ...lacks])).toEqual([
      ["DaemonSet", "stat tags"],
      ["Deployment", "stat tags"],
      ["StatefulSet", "stat tags"],
    ]);
    for (const pod of pods) await rig.kube.remove(pod);
  });

  it("rolls back, and drains", async () => {
    await run("rollback");
    const { steps } = await run("install", "-f", vendorsFile("acme"), "--drain");
    expect(steps.filter(({ action }) => action === "remove").map(({ kind }) => kind)).toEqual(["ServiceEntry"]);
  });

  it("follows a newly labelled namespace as the rendered CronJob calls it", async () => {
    const rendered = await administrator("render", "--follow", "--cli-image", "registry.example/cli:0.1.0", ...ISTIO);
    expectSuccess(rendered);
    const [job] = readObjects(rendered.stdout) as (KubeObject & { spec: CronJobSpec })[];
    const { serviceAccountName, containers } = job?.spec.jobTemplate.spec.template.spec ?? { containers: [] };
    expect({ namespace: job?.metadata.namespace, name: serviceAccountName }).toEqual(ACCOUNT);
    await rig.kube.apply(LATER);
    expectSuccess(await proxymeter(...(containers[0]?.args ?? [])));
    const metadata = { name: "proxymeter-network", namespace: LATER.metadata.name };
    const plugin = { apiVersion: "extensions.istio.io/v1alpha1", kind: "WasmPlugin", metadata };
    expect(await rig.kube.get(plugin)).toMatchObject({ metadata });
    await rig.kube.remove(LATER);
    await until(async () => !(await namespaces()).includes(LATER.metadata.name), { what: "the namespace gone" });
  });

  it("takes all out again but its own rights, and says that these take an administrator", async () => {
    await prometheus?.close();
    await rig.kube.remove(MONITORING);
    await until(async () => !(await namespaces()).includes(MONITORING.metadata.name), { what: "monitoring gone" });
    const { exitCode, stderr } = await proxymeter("uninstall", "-y");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/restored the mesh configuration[\s\S]*hint: .*administrator/);
    const left = Object.keys(await dump(rig.kube)).filter((key) => !(key in start));
    expect(left.filter((key) => !/ (ServiceAccount|(Cluster)?Role(Binding)?) /.test(key))).toEqual([]);
  });

  it("leaves nothing but the namespace that an administrator made, once one has finished", async () => {
    const result = await administrator("uninstall", "-y");
    expectSuccess(result);
    expect(differences(start, await dump(rig.kube))).toEqual([]);
  });
});

interface CronJobSpec {
  jobTemplate: {
    spec: { template: { spec: { serviceAccountName: string; containers: { args: string[] }[] } } };
  };
}
