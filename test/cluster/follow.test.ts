// SPDX-License-Identifier: Apache-2.0
/**
 * How an installation reaches namespaces that are labelled after it, by --watch and by the rendered CronJob; and the checks that
 * it ends with. The tests follow each other.
 */
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Report } from "../../installer/checks/run.ts";
import { type Cli, cli, expectSuccess, ISTIO, type InstallDocument, MAIN, vendorsFile } from "./cli.ts";
import { Kube, type KubeObject, readObjects } from "./kube.ts";
import { type NamespaceController, startNamespaceController } from "./namespace-controller.ts";
import { CRAWL } from "./objects.ts";
import { until } from "./poll.ts";

const { credentials } = inject("plane");
const IMAGE = `oci://registry.example/proxymeter@sha256:${"0".repeat(64)}`;
const LABELS = { "proxymeter.io/enabled": "true" };
const LATER: KubeObject = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "crawl-later", labels: LABELS },
};
const PLUGIN: KubeObject = {
  apiVersion: "extensions.istio.io/v1alpha1",
  kind: "WasmPlugin",
  metadata: { name: "proxymeter-network", namespace: LATER.metadata.name },
};

function failedIn({ groups }: Report): string[] {
  return groups.flatMap(({ checks }) => checks.filter(({ status }) => status === "fail").map(({ id }) => id));
}

describe("an installation", () => {
  let kube: Kube;
  let controller: NamespaceController;
  let proxymeter: Cli;
  const recorded = (...args: readonly string[]) =>
    proxymeter("install", "--recorded", "-y", "-o", "json", "--wait", "0", ...ISTIO, ...args);
  const has = (object: KubeObject) =>
    kube.get(object).then(
      () => true,
      () => false,
    );

  beforeAll(async () => {
    kube = new Kube(credentials);
    controller = startNamespaceController(kube);
    proxymeter = cli(credentials);
    const args = ["-f", vendorsFile("acme"), "--image", IMAGE, "--namespaces", CRAWL, "--wait", "0"];
    expectSuccess(await proxymeter("install", "-y", ...ISTIO, ...args));
  });
  afterAll(async () => {
    expectSuccess(await proxymeter("uninstall", "-y"));
    await kube.remove(LATER);
    await until(async () => !(await has(LATER)), { what: "the end of the namespace" });
    await controller.close();
    await kube.close();
  });

  it("has nothing to do again as it is recorded", async () => {
    const result = await recorded();
    expectSuccess(result);
    expect((JSON.parse(result.stdout) as InstallDocument).isChanged).toBe(false);
  });

  it("follows a newly labelled namespace with --watch, until Ctrl-C, which is a success", async () => {
    const args = [MAIN, "install", "--recorded", "--watch", "-y", "--no-check", "--wait", "0", ...ISTIO];
    const env = { KUBECONFIG: credentials.kubeconfigFile, NO_COLOR: "1" };
    const watching = execa(process.execPath, args, { env, stdin: "ignore", reject: false });
    let said = "";
    watching.stderr.on("data", (chunk) => {
      said += String(chunk);
    });
    await until(() => said.includes("following namespaces"), { what: "the watch", timeoutMs: 30_000 });
    expect(await has(PLUGIN)).toBe(false);
    await kube.apply(LATER);
    await until(() => said.includes("installed in crawl-later"), { what: "the installation", timeoutMs: 60_000 });
    expect(await has(PLUGIN)).toBe(true);
    watching.kill("SIGINT");
    expect((await watching).exitCode).toBe(0);
  });

  it("leaves the rendered CronJob that follows it, and uninstall takes it along", async () => {
    const rendered = await proxymeter("render", "--follow", "--cli-image", "registry.example/proxymeter-cli:0.1.0");
    expectSuccess(rendered);
    const [job] = readObjects(rendered.stdout);
    if (job === undefined) throw new Error("cannot read what was rendered: no object in it");
    await kube.apply(job);
    const result = await recorded();
    expectSuccess(result);
    expect((JSON.parse(result.stdout) as InstallDocument).isChanged).toBe(false);
    expect(await has(job)).toBe(true);
    expectSuccess(await proxymeter("uninstall", "-y"));
    expect(await has(job)).toBe(false);
  });

  it("ends with the checks, and fails when one does, with everything applied all the same", async () => {
    const checked = cli(credentials, { hasEndingCheck: true });
    const args = ["-f", vendorsFile("acme"), "--image", IMAGE, "-y", "-o", "json", ...ISTIO];
    const good = await checked("install", ...args);
    expectSuccess(good);
    expect((JSON.parse(good.stdout) as { check: Report }).check.ok).toBe(true);
    // Istio takes one of the two and says nothing.
    const labels = { ...LABELS, "istio-injection": "enabled", "istio.io/rev": "canary" };
    await kube.apply({ ...LATER, metadata: { ...LATER.metadata, labels } });
    const bad = await checked("install", ...args);
    expect({ exitCode: bad.exitCode, found: failedIn(JSON.parse(bad.stdout).check) }).toEqual({
      exitCode: 1,
      found: expect.arrayContaining(["injection-labels"]),
    });
    expect(bad.stderr).toMatch(/crawl-later[\s\S]*everything is applied, but the cluster is not in order: 1 failed/);
    expect(await has(PLUGIN)).toBe(true);
    const unchecked = await checked("install", ...args, "--no-check");
    expectSuccess(unchecked);
    expect(JSON.parse(unchecked.stdout)).not.toHaveProperty("check");
  });
});
