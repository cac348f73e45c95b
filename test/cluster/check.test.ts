// SPDX-License-Identifier: Apache-2.0
/**
 * `proxymeter check` against the real API server: what it finds wrong is made wrong there, and mended again.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Command } from "commander";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { ROOT_NETWORK } from "../../filter/core/contract.ts";
import { gatherFacts } from "../../installer/checks/gather.ts";
import { askRegistry } from "../../installer/checks/probes.ts";
import { type Report, runChecks } from "../../installer/checks/run.ts";
import { Cluster } from "../../installer/cluster/cluster.ts";
import { checkCommand } from "../../installer/commands/check.ts";
import { accessObjectsOf } from "../../installer/objects/access.ts";
import { OPT_IN_LABEL, type Target } from "../../installer/objects/target.ts";
import { parseVendors } from "../../installer/vendors/read.ts";
import { Kube, type KubeObject } from "./kube.ts";
import { until } from "./poll.ts";
import { startRegistry } from "./registry.ts";
import { istioMinor } from "./tools.ts";

const NAMESPACE = "check-crawl";
const SHOP = "check-shop";
const SYSTEM = "check-system";
const VENDORS = `apiVersion: proxymeter.io/v1
vendors:
  - name: acme
    gateways: [{host: gw.acme.example, addresses: [203.0.113.10], ports: [8080]}]
`;

const TARGET: Target = {
  release: "0.1.0",
  systemNamespace: SYSTEM,
  namespaces: [],
  istio: { namespace: "istio-system", minor: istioMinor() },
  module: { url: "", digest: "" },
  optionalKinds: new Set(),
  parts: { catchAll: true, telemetry: true, monitor: "none" },
};

const folder = mkdtempSync(join(tmpdir(), "proxymeter-check-"));
const vendorsFile = join(folder, "vendors.yaml");
const { credentials } = inject("plane");
const kube = new Kube(credentials);
const control = { finish: new AbortController().signal, abort: new AbortController().signal };

const namespace = (name: string, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});

const plugin = (url: string): KubeObject => ({
  apiVersion: "extensions.istio.io/v1alpha1",
  kind: "WasmPlugin",
  metadata: { name: "proxymeter-network", namespace: NAMESPACE },
  spec: { url, type: "NETWORK", failStrategy: "FAIL_OPEN", pluginName: ROOT_NETWORK },
});

async function check(stage: "before" | "after", kubeconfig = credentials.kubeconfigFile): Promise<Report> {
  const cluster = new Cluster({ kubeconfig });
  const facts = await gatherFacts(cluster, {
    stage,
    vendors: parseVendors(VENDORS, "vendors.yaml"),
    systemNamespace: SYSTEM,
    probes: {
      resolve: async () => ["203.0.113.10"],
      image: askRegistry,
      prometheus: async () => Promise.reject(new Error("none here")),
    },
  });
  return runChecks(facts);
}

/** What does not pass, by check. */
function bad({ groups }: Report): Record<string, string> {
  const found = groups.flatMap(({ checks }) => checks).filter(({ status }) => status === "fail" || status === "warn");
  return Object.fromEntries(found.map(({ id, status, evidence }) => [id, `${status}: ${evidence.join("\n")}`]));
}

/** A kubeconfig of a service account that has what the given objects grant. */
async function kubeconfigFor(name: string): Promise<string> {
  await kube.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: SYSTEM } });
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } };
  const path = `/api/v1/namespaces/${SYSTEM}/serviceaccounts/${name}/token`;
  const granted = (await kube.call("POST", path, JSON.stringify(request), "application/json")) as {
    status: { token: string };
  };
  const config = JSON.parse(readFileSync(credentials.kubeconfigFile, "utf8"));
  config.users[0].user = { token: granted.status.token };
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(config));
  return file;
}

describe("proxymeter check", () => {
  const made: KubeObject[] = [];
  const make = async (...objects: KubeObject[]) => {
    for (const object of objects) {
      await kube.apply(object);
      made.push(object);
    }
  };

  beforeAll(async () => {
    writeFileSync(vendorsFile, VENDORS);
    await kube.apply(namespace(NAMESPACE), namespace(SHOP), namespace(SYSTEM));
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const object of made.splice(0).reverse()) await kube.remove(object);
    await kube.apply(namespace(NAMESPACE));
  });
  afterAll(async () => {
    for (const name of [NAMESPACE, SHOP, SYSTEM]) await removeNamespace(name);
    await kube.close();
    rmSync(folder, { recursive: true });
  });

  it("has nothing against this control plane but that it tells no version and nobody opted in", async () => {
    const report = await check("before");
    expect(bad(report)).toEqual({
      "istio-version": expect.stringContaining("warn"),
      "opted-in": expect.stringContaining("warn"),
    });
    expect(report.ok).toBe(true);
  });

  it("finds a Service whose HTTP port is a gateway's", async () => {
    const ports = [{ name: "http-web", port: 8080, protocol: "TCP" }];
    await make({ apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: SHOP }, spec: { ports } });
    expect(bad(await check("before"))["shared-ports"]).toMatch(/^warn: .*8080 is HTTP of Service check-shop\/web/);
    expect(bad(await check("after"))["shared-ports"]).toMatch(/^fail: .*CONNECT 404/);
  });

  it("finds a ServiceEntry that declares a gateway as HTTP", async () => {
    await make({
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata: { name: "theirs", namespace: SHOP },
      spec: {
        hosts: ["gw.acme.example"],
        resolution: "DNS",
        ports: [{ number: 8080, name: "http", protocol: "HTTP" }],
      },
    });
    expect(bad(await check("before"))["declared-http"]).toMatch(/^fail: ServiceEntry check-shop\/theirs declares acme/);
  });

  it("finds a namespace with both injection labels, and its pod without sidecar", async () => {
    const labels = { [OPT_IN_LABEL]: "true", "istio-injection": "enabled", "istio.io/rev": "canary" };
    await kube.apply(namespace(NAMESPACE, labels));
    await make({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "crawler-0", namespace: NAMESPACE },
      spec: { containers: [{ name: "crawler", image: "crawler:dev" }] },
    });
    const found = bad(await check("before"));
    expect(found["injection-labels"]).toMatch(/^fail: namespace check-crawl/);
    expect(found.sidecars).toMatch(/^fail: 1 pod without sidecar .*check-crawl\/crawler-0/);
  });

  it("finds the policy that Istio's stableValidationPolicy brings", async () => {
    const group = "admissionregistration.k8s.io/v1";
    const name = "stable-channel-default-policy.istio.io";
    const rule = { apiGroups: ["extensions.istio.io"], apiVersions: ["*"], operations: ["CREATE"], resources: ["*"] };
    const variables = [{ name: "isWasmPlugin", expression: "object.kind == 'WasmPlugin'" }];
    const validations = [{ expression: "!variables.isWasmPlugin" }];
    // Of this namespace only, and gone when the test ends: other tests make plugins too.
    const matchConstraints = {
      resourceRules: [rule],
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": NAMESPACE } },
    };
    const policy = { apiVersion: group, kind: "ValidatingAdmissionPolicy", metadata: { name } };
    const binding = { ...policy, kind: "ValidatingAdmissionPolicyBinding", metadata: { name: `${name}-binding` } };
    const cluster = new Cluster({ kubeconfig: credentials.kubeconfigFile });
    const isDenied = () =>
      cluster.apply(plugin("oci://registry.example/x"), { dryRun: true }).then(
        () => false,
        (error: Error) => error.message.includes("isWasmPlugin"),
      );
    await kube.apply(
      { ...policy, spec: { failurePolicy: "Fail", matchConstraints, variables, validations } },
      { ...binding, spec: { policyName: name, validationActions: ["Deny"] } },
    );
    try {
      expect(bad(await check("before"))["stable-validation-policy"]).toContain(name);
      await until(isDenied, { what: "the policy in force" });
    } finally {
      await kube.remove(binding);
      await kube.remove(policy);
    }
    await until(async () => !(await isDenied()), { what: "the policy out of force" });
  });

  it("finds a module that the registry lacks, and a namespace that was labelled since", async () => {
    const registry = await startRegistry();
    try {
      const { url } = registry.publish(Buffer.from("module"));
      const labels = { [OPT_IN_LABEL]: "true", "istio-injection": "enabled" };
      await kube.apply(namespace(NAMESPACE, labels));
      await make(plugin(url));
      expect(bad(await check("after"))).not.toHaveProperty("image-reachable");
      const missing = url.replace(/[0-9a-f]{64}$/, "0".repeat(64));
      await make(plugin(missing));
      await kube.apply(namespace(SHOP, labels));
      const found = bad(await check("after"));
      expect(found["image-reachable"]).toMatch(/^fail: .*0000.*no manifest/);
      expect(found["labelled-since-install"]).toContain("namespace check-shop");
    } finally {
      await registry.close();
      await kube.apply(namespace(SHOP));
    }
  });

  it("names the rights that an account without any lacks, and skips what it may not see", async () => {
    const report = await check("before", await kubeconfigFor("nobody"));
    const found = bad(report);
    expect(found["rights-to-read"]).toMatch(/^fail: [\s\S]*pods: list/);
    expect(found["rights-to-install"]).toMatch(
      /^fail: [\s\S]*wasmplugins\.extensions\.istio\.io: create, patch, update, delete/,
    );
    const skipped = report.groups.flatMap(({ checks }) => checks).filter(({ status }) => status === "skip");
    expect(skipped.map(({ id }) => id)).toContain("shared-ports");
    expect(skipped.every(({ evidence }) => evidence[0]?.includes("403"))).toBe(true);
  });

  it("finds no right missing for an account with exactly the rendered ones", async () => {
    const access = accessObjectsOf(TARGET);
    const kubeconfig = await kubeconfigFor("proxymeter");
    await make(...(access.filter(({ kind }) => kind !== "ServiceAccount") as unknown as KubeObject[]));
    await vi.waitFor(
      async () => {
        const found = bad(await check("before", kubeconfig));
        expect(found).toEqual({ "istio-version": expect.anything(), "opted-in": expect.anything() });
      },
      { timeout: 20_000, interval: 500 },
    );
  });

  it("prints, writes a bundle and fails as a command", async () => {
    const written: string[] = [];
    vi.spyOn(process.stdout, "write").mockImplementation((chunk) => written.push(String(chunk)) > 0);
    const bundle = join(folder, "bundle.json.gz");
    const run = (...args: string[]) =>
      new Command()
        .exitOverride()
        .addCommand(checkCommand(control))
        .parseAsync(["node", "proxymeter", "check", "--kubeconfig", credentials.kubeconfigFile, ...args]);
    await run("--pre", "--istio-version", `1.${istioMinor()}`);
    expect(written.join("")).toMatch(/no check failed: \d+ passed, 1 warned/);
    written.length = 0;
    await expect(run("-f", vendorsFile, "-o", "json", "--short", "--bundle", bundle)).rejects.toMatchObject({
      code: "E_CHECK",
      exitCode: 1,
    });
    const report = JSON.parse(written.join("")) as Report;
    expect(bad(report)["plugins-present"]).toMatch(/^fail/);
    const content = JSON.parse(gunzipSync(readFileSync(bundle)).toString());
    expect(content).toMatchObject({ report: { ok: false }, api: { value: { minor: 36 } } });
    expect(JSON.stringify(content)).not.toContain(credentials.token);
  });
});

async function removeNamespace(name: string): Promise<void> {
  await kube.remove(namespace(name));
  const isGone = () =>
    kube.get(namespace(name)).then(
      () => false,
      () => true,
    );
  await until(isGone, { what: `the end of namespace "${name}"` });
}
