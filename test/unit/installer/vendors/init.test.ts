// SPDX-License-Identifier: Apache-2.0
/**
 * The subcommand `init` from its options to files and streams. The API server and Prometheus are small HTTP servers here.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { initCommand } from "../../../../installer/commands/init.ts";
import type { KubeObject } from "../../../../installer/objects/object.ts";
import { parseVendors, readVendorsFile } from "../../../../installer/vendors/read.ts";
import { schemaText } from "../../../../installer/vendors/schema.ts";
import { deployment, serviceEntry, tcp } from "./objects.ts";

let folder: string;
let file: string;
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "init-"));
  file = join(folder, "vendors.yaml");
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** What the command wrote to both streams. */
async function run(...options: string[]): Promise<{ stdout: string; stderr: string }> {
  const stdout = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const never = new AbortController().signal;
  const textOf = (spy: typeof stdout) => spy.mock.calls.map(([text]) => text).join("");
  try {
    await initCommand({ finish: never, abort: never }).exitOverride().parseAsync(options, { from: "user" });
    return { stdout: textOf(stdout), stderr: textOf(stderr) };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

async function serve(answer: (request: IncomingMessage) => unknown): Promise<string> {
  const server = createServer((request, response) => {
    const value = answer(request);
    response.writeHead(value === undefined ? 404 : 200, { connection: "close" }).end(JSON.stringify(value ?? {}));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const RESOURCES: Readonly<Record<string, { name: string; kind: string }[]>> = {
  "/api/v1": [
    { name: "pods", kind: "Pod" },
    { name: "configmaps", kind: "ConfigMap" },
    { name: "namespaces", kind: "Namespace" },
  ],
  "/apis/apps/v1": [{ name: "deployments", kind: "Deployment" }],
  "/apis/networking.istio.io/v1": [{ name: "serviceentries", kind: "ServiceEntry" }],
};

/** A kubeconfig for an API server with these objects. */
async function clusterWith(...objects: KubeObject[]): Promise<string> {
  const url = await serve(({ url: path = "" }) => {
    const [whole = ""] = path.split("?");
    if (RESOURCES[whole]) return { resources: RESOURCES[whole].map((resource) => ({ ...resource, namespaced: true })) };
    const at = whole.lastIndexOf("/");
    const kind = RESOURCES[whole.slice(0, at)]?.find(({ name }) => name === whole.slice(at + 1))?.kind;
    return kind && { items: objects.filter((object) => object.kind === kind) };
  });
  const kubeconfig = join(folder, "kubeconfig");
  const context = { name: "test", context: { cluster: "test", user: "test" } };
  const config = {
    clusters: [{ name: "test", cluster: { server: url, "insecure-skip-tls-verify": true } }],
    users: [{ name: "test", user: {} }],
    contexts: [context],
    "current-context": "test",
  };
  writeFileSync(kubeconfig, JSON.stringify({ apiVersion: "v1", kind: "Config", ...config }));
  return kubeconfig;
}

const CRAWLER = deployment("crawler", {
  HTTPS_PROXY: "http://customer-jane-zone-mobile-country-de:hunter2@gw.acme.example:8080",
});
const namespace = (name: string): KubeObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
const ENTRY = serviceEntry("gw-globex", {
  hosts: ["gw.globex.example"],
  addresses: ["203.0.113.20/32"],
  ports: tcp(3128),
});

describe("init", () => {
  it("writes a file without mistakes, and the schema that its first line names", async () => {
    const { stdout, stderr } = await run("-f", file);
    expect(readVendorsFile(file).vendors).toHaveLength(1);
    expect(readFileSync(join(folder, "vendors.schema.json"), "utf8")).toBe(schemaText());
    expect(stdout).toBe("");
    expect(stderr).toContain(`wrote ${file}`);
  });

  it("does not overwrite a file, unless told to", async () => {
    writeFileSync(file, "mine");
    const message = `cannot write ${file}: found it there already (expected no such file)`;
    await expect(run("-f", file)).rejects.toMatchObject({ code: "E_INIT", exitCode: 2, message });
    expect(readFileSync(file, "utf8")).toBe("mine");
    await run("-f", file, "--force");
    expect(readFileSync(file, "utf8")).toContain("apiVersion");
  });

  it("renews its own schema, and does not overwrite another one", async () => {
    const schema = join(folder, "vendors.schema.json");
    writeFileSync(schema, schemaText().replace("proxy vendors", "old vendors"));
    await run("-f", file);
    expect(readFileSync(schema, "utf8")).toBe(schemaText());
    rmSync(file);
    writeFileSync(schema, "{}");
    await expect(run("-f", file)).rejects.toMatchObject({
      code: "E_INIT",
      message: expect.stringContaining("found another file"),
    });
    expect(existsSync(file)).toBe(false);
  });

  it("writes to stdout and no file for -f -", async () => {
    const { stdout, stderr } = await run("-f", "-");
    expect(parseVendors(stdout, "stdout").vendors).toHaveLength(1);
    expect(stderr).toBe("");
  });

  it.each([
    [["-n", "crawl"], "cannot use -n: found no --from-cluster (expected both or none)"],
    [["--prometheus", "http://127.0.0.1"], "cannot use --prometheus: found no --from-cluster (expected both or none)"],
    [
      ["-f", "-", "-o", "json"],
      "cannot write both vendors.yaml and the result as json to stdout (expected one of them)",
    ],
  ])("refuses %s", async (options, message) => {
    await expect(run(...options)).rejects.toMatchObject({ code: "E_INIT", exitCode: 2, message });
  });

  it("says that a folder is not there", async () => {
    await expect(run("-f", join(folder, "none", "v.yaml"))).rejects.toMatchObject({ code: "E_INIT", exitCode: 2 });
  });

  it("ends its help with exit statuses and examples", () => {
    let help = "";
    const never = new AbortController().signal;
    initCommand({ finish: never, abort: never })
      .configureOutput({
        writeOut: (text) => {
          help += text;
        },
      })
      .outputHelp();
    expect(help).toMatch(/\nExit status: 0 [\s\S]*\nExamples:\n( {2}proxymeter init.*\n?)+$/);
  });
});

describe("init --from-cluster", () => {
  it("proposes what is in the cluster, and lets no secret out", async () => {
    const kubeconfig = await clusterWith(CRAWLER, ENTRY);
    const { stdout, stderr } = await run("--kubeconfig", kubeconfig, "--from-cluster", "-f", file, "-o", "json");
    const { vendors } = readVendorsFile(file);
    expect(vendors.map(({ name, gateways }) => [name, gateways[0]?.host])).toEqual([
      ["acme", "gw.acme.example"],
      ["globex", "gw.globex.example"],
    ]);
    expect(vendors[0]?.username).toEqual({ separator: "-", pool: "zone", country: "country" });
    expect(JSON.parse(stdout)).toMatchObject({
      file,
      vendors: [{ name: "acme", isSure: true }, { name: "globex" }],
    });
    expect(stdout + stderr + readFileSync(file, "utf8")).not.toMatch(/hunter2|jane|mobile/);
  });

  it("shows people a table", async () => {
    const { stdout } = await run("--kubeconfig", await clusterWith(CRAWLER), "--from-cluster", "-f", file);
    expect(stdout).toMatch(/acme\s.*yes\s.*gw\.acme\.example:8080\s.*HTTPS_PROXY of Deployment crawl\/crawler/);
  });

  it("finds nothing in an empty cluster, and the file is still right", async () => {
    const { stdout } = await run("--kubeconfig", await clusterWith(), "--from-cluster", "-f", file);
    expect(stdout).toMatch(/^found no vendors\nnote: live traffic was not looked at: .+\n$/);
    expect(readVendorsFile(file).vendors).toEqual([]);
  });

  it("notes undeclared traffic that Prometheus knows", async () => {
    const queries: string[] = [];
    const url = await serve(({ headers, url: path = "" }) => {
      queries.push(`${headers.authorization} ${new URLSearchParams(path.split("?")[1]).get("query")}`);
      const metric = {
        namespace: "crawl",
        pod: "crawler-0",
        source_workload_namespace: "crawl",
        source_workload: "crawler",
      };
      return {
        status: "success",
        data: { resultType: "vector", result: [{ metric, value: [1, queries.length === 1 ? "1234567" : "12"] }] },
      };
    });
    const prometheus = url.replace("//", "//reader:hunter2@");
    const options = ["--kubeconfig", await clusterWith(), "--from-cluster", "--prometheus", prometheus, "-f", file];
    const { stdout } = await run(...options);
    const notes = [
      "pod crawl/crawler-0 sent 1.2 MB in a day through proxies that no vendor has: find out which, and add their gateways",
      "workload crawl/crawler received 12 bytes in a day from places that the mesh does not know: add the gateways among them",
    ];
    for (const note of notes) expect(readFileSync(file, "utf8")).toContain(`# - ${note}\n`);
    expect(stdout).toContain(`note: ${notes[0]}`);
    expect(queries).toEqual([
      expect.stringContaining('proxy_vendor="unknown"'),
      expect.stringContaining("PassthroughCluster"),
    ]);
    expect(queries[0]?.startsWith(`Basic ${Buffer.from("reader:hunter2").toString("base64")} `)).toBe(true);
  });

  it("asks Prometheus of the named namespaces only", async () => {
    const queries: string[] = [];
    const url = await serve(({ url: path = "" }) => {
      queries.push(new URLSearchParams(path.split("?")[1]).get("query") ?? "");
      return { status: "success", data: { resultType: "vector", result: [] } };
    });
    const kubeconfig = await clusterWith(...["crawl", "crawl-eu"].map(namespace));
    const options = ["--kubeconfig", kubeconfig, "--from-cluster", "--prometheus", url, "-f", file];
    await run(...options, "-n", "crawl,crawl-eu");
    expect(queries).toEqual([
      expect.stringMatching(/^topk\(20, sum by .*,namespace=~"crawl\|crawl-eu"\}\[1d\]\)\)\) > 0$/),
      expect.stringMatching(/^topk\(20, sum by .*,source_workload_namespace=~"crawl\|crawl-eu"\}\[1d\]\)\)\) > 0$/),
    ]);
  });

  it("refuses a namespace that is not there, and writes nothing", async () => {
    const options = ["--kubeconfig", await clusterWith(namespace("crawl")), "--from-cluster", "-f", file];
    await expect(run(...options, "-n", "crawl,craw")).rejects.toMatchObject({
      ...{ code: "E_INIT", exitCode: 2 },
      message: 'cannot look into namespace "craw": the cluster has none of that name',
    });
    expect(existsSync(file)).toBe(false);
  });

  it("says that Prometheus did not answer, without its credentials", async () => {
    const url = (await serve(() => undefined)).replace("//", "//reader:hunter2@");
    const options = ["--kubeconfig", await clusterWith(), "--from-cluster", "--prometheus", url, "-f", file];
    const error = await run(...options).catch((reason: Error) => reason);
    expect(error).toMatchObject({ exitCode: 1, code: expect.stringMatching(/^E_PROMETHEUS/) });
    expect(String(error)).not.toContain("hunter2");
    expect(existsSync(file)).toBe(false);
  });

  it("says that the cluster cannot be reached", async () => {
    const kubeconfig = await clusterWith();
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    const options = ["--kubeconfig", kubeconfig, "--from-cluster", "-f", file];
    await expect(run(...options)).rejects.toMatchObject({
      code: "E_API_UNREACHABLE",
      exitCode: 1,
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });
});
