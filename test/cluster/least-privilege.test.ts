// SPDX-License-Identifier: Apache-2.0
/**
 * The whole story of an installation as service account `proxymeter`, with exactly the rights that `render` lists; what takes an
 * administrator is done as one, and is nothing but the rights themselves. The tests follow each other.
 */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { dump } from "./api-dump.ts";
import { actual, expectBalance, logOnFailure } from "./balance.ts";
import { type Cli, cli, expectSuccess, foundBy, ISTIO, type InstallDocument, vendorsFile } from "./cli.ts";
import { type KubeObject, readObjects } from "./kube.ts";
import { RUN_FOLDER } from "./namespace.ts";
import { type NamespaceController, startNamespaceController } from "./namespace-controller.ts";
import { ROOT_CERTIFICATES } from "../../installer/istio/leftovers.ts";
import { CRAWL } from "./objects.ts";
import { until } from "./poll.ts";
import { type Rig, startRig } from "./rig.ts";
import { writeKubeconfig } from "./service-account.ts";

const plane = inject("plane");
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
    start = await dump(rig.kube);
    // As `kubectl apply -l 'app.kubernetes.io/component in (system, access)'` does.
    await rig.kube.apply(...objects.filter((object) => component(object) === "access"));
    await writeKubeconfig(plane.credentials, rig.kube, ACCOUNT, kubeconfig);
  });
  afterAll(async () => {
    await administrator("uninstall", "-y");
    for (const name of [LATER.metadata.name, ACCOUNT.namespace])
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
    const { exitCode, stderr } = await proxymeter("uninstall", "-y");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/restored the mesh configuration[\s\S]*hint: .*administrator/);
    const left = Object.keys(await dump(rig.kube)).filter((key) => !(key in start));
    expect(left.filter((key) => !/ (ServiceAccount|(Cluster)?Role(Binding)?) /.test(key))).toEqual([]);
  });

  it("leaves nothing but the namespace that an administrator made, once one has finished", async () => {
    const result = await administrator("uninstall", "-y");
    expectSuccess(result);
    expect(await dump(rig.kube)).toEqual(start);
  });
});

interface CronJobSpec {
  jobTemplate: {
    spec: { template: { spec: { serviceAccountName: string; containers: { args: string[] }[] } } };
  };
}
