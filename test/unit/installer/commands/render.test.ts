// SPDX-License-Identifier: Apache-2.0
/**
 * `proxymeter render` from the outside: options, stdout, folders, mistakes.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { renderCommand } from "../../../../installer/commands/render.ts";
import { type KubeObject, nameOf } from "../../../../installer/objects/object.ts";
import { runCommand } from "../../../in-process.ts";
import { GOLDENS, target } from "../objects/fixtures.ts";

const IMAGE = target().module.url;
const SMALL = ["-f", `${GOLDENS}/small.vendors.yaml`, "--namespaces", "crawl"];
const WITH_IMAGE = [...SMALL, "--image", IMAGE];

const render = (...args: string[]) => runCommand(renderCommand, ["render", ...args]);

function folder(): string {
  const path = mkdtempSync(`${tmpdir()}/proxymeter-render-`);
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

const objectsIn = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as KubeObject);

describe("render", () => {
  it("writes one stream of YAML to stdout and nothing to stderr", async () => {
    const { stdout, stderr } = await render(...WITH_IMAGE);
    const objects = objectsIn(stdout);
    expect(stderr).toBe("");
    expect(objects.map(nameOf).slice(0, 1)).toEqual(["Namespace proxymeter"]);
    expect(objects.map(nameOf).slice(-1)).toEqual(["ServiceEntry crawl/proxymeter-gw.acme.example"]);
    expect(stdout).toContain("#     - proxy_vendor\n");
    expect(stdout).not.toMatch(/[&*]a\d/);
  });

  it("writes the same objects as one JSON List, and what belongs into the mesh configuration to stderr", async () => {
    const { stdout, stderr } = await render(...WITH_IMAGE, "-o", "json");
    const yaml = objectsIn((await render(...WITH_IMAGE)).stdout);
    expect(JSON.parse(stdout)).toEqual({ apiVersion: "v1", kind: "List", items: yaml });
    expect(stderr).toContain("- proxy_vendor");
  });

  it("lists what there is as a table", async () => {
    const { stdout } = await render(...WITH_IMAGE, "-o", "table");
    expect(stdout).toMatch(/ServiceEntry +│ crawl +│ proxymeter-gw\.acme\.example/);
  });

  it("refuses another format than YAML for a folder", async () => {
    const path = folder();
    const { exitCode, stderr } = await render(...WITH_IMAGE, "--output-dir", path, "-o", "json");
    expect([exitCode, readdirSync(path)]).toEqual([2, []]);
    expect(stderr).toContain("files are YAML (found -o json)");
  });

  it("writes a folder whose kustomization lists the objects in apply order", async () => {
    const path = folder();
    await render(...WITH_IMAGE, "--output-dir", path);
    const { stdout } = await render(...WITH_IMAGE);
    const kustomization = parse(readFileSync(`${path}/kustomization.yaml`, "utf8")) as { resources: string[] };
    const { resources } = kustomization;
    expect(kustomization).toMatchObject({ kind: "Kustomization", sortOptions: { order: "fifo" } });
    expect(resources).toEqual(readdirSync(path).filter((name) => /^\d/.test(name)));
    expect(resources.map((name) => parse(readFileSync(`${path}/${name}`, "utf8")))).toEqual(objectsIn(stdout));
    expect(parse(readFileSync(`${path}/mesh-config.yaml`, "utf8"))).toBeNull();
  });

  it("removes files of an earlier run that are no longer objects, and no other file", async () => {
    const path = folder();
    await render(...WITH_IMAGE, "--output-dir", path);
    const before = readdirSync(path);
    writeFileSync(`${path}/99-mine.yaml`, "mine\n");
    await render(...WITH_IMAGE, "--output-dir", path, "--without-catch-all", "--without-telemetry");
    const after = readdirSync(path);
    expect(after).toContain("99-mine.yaml");
    expect(after.filter((name) => /envoyfilter|telemetry/.test(name))).toEqual([]);
    expect(before.filter((name) => /envoyfilter|telemetry/.test(name))).toHaveLength(2);
    const { resources } = parse(readFileSync(`${path}/kustomization.yaml`, "utf8")) as { resources: string[] };
    expect(after.filter((name) => /^\d/.test(name) && name !== "99-mine.yaml")).toEqual(resources);
  });

  it("does not touch a folder with somebody else's kustomization", async () => {
    const path = folder();
    writeFileSync(`${path}/kustomization.yaml`, "resources: [mine.yaml]\n");
    const { stderr, exitCode } = await render(...WITH_IMAGE, "--output-dir", path);
    expect([stderr.split("\n")[0], exitCode]).toEqual([
      `cannot write to "${path}": kustomization.yaml there is not from this command`,
      1,
    ]);
    expect(readdirSync(path)).toEqual(["kustomization.yaml"]);
  });

  it("takes image and pull secret of vendors.yaml where the command line says nothing", async () => {
    const { stdout } = await render("-f", `${GOLDENS}/full.vendors.yaml`, "--namespaces", "crawl-eu,crawl");
    expect(stdout).toContain(`url: oci://registry.example/proxymeter@sha256:${"1".repeat(64)}`);
    expect(stdout).toContain("imagePullSecret: registry");
  });

  it("leaves the tag out of an image that has a digest too", async () => {
    const { stdout } = await render(...SMALL, "--image", IMAGE.replace("@", ":0.1.0@"));
    expect(stdout).toContain(`url: ${IMAGE}\n`);
  });

  it("makes a PodMonitor, a NetworkPolicy and TrafficExtensions where asked to", async () => {
    const { stdout } = await render(
      ...WITH_IMAGE,
      ...["--monitor", "pod-monitor", "--scrape-from", "monitoring", "--plugin-kind", "TrafficExtension"],
    );
    expect(objectsIn(stdout).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["PodMonitor", "NetworkPolicy", "TrafficExtension"]),
    );
  });

  it.each([
    ["no image", SMALL, /no image of the filter is named/],
    ["an image without a digest", [...SMALL, "--image", "oci://registry.example/proxymeter:0.1.0"], /without a digest/],
    [
      "an unsupported Istio",
      [...WITH_IMAGE, "--istio-version", "1.27"],
      /found Istio "1.27" \(expected 1.28 to 1.31\)/,
    ],
    ["an Istio that is too new", [...WITH_IMAGE, "--istio-version", "1.32"], /found Istio "1.32"/],
    ["an Istio that is no version", [...WITH_IMAGE, "--istio-version", "latest"], /found Istio "latest"/],
    ["a name that is no namespace", [...WITH_IMAGE, "--namespaces", "crawl,"], /found namespace ""/],
    [
      "a kind that the version lacks",
      [...WITH_IMAGE, "--istio-version", "1.29", "--plugin-kind", "TrafficExtension"],
      /1.29 has no TrafficExtension/,
    ],
    ["a file that is not there", ["-f", "/nowhere.yaml", "--namespaces", "crawl"], /cannot read/],
  ])("ends with status 2 for %s, and writes nothing", async (_what, args, reason) => {
    const path = `${folder()}/new`;
    const { stdout, stderr, exitCode } = await render(...args, "--output-dir", path);
    expect([stdout, exitCode]).toEqual(["", 2]);
    expect(stderr).toMatch(reason);
    expect(stderr).toMatch(/\nhint: \S/);
    expect(existsSync(path)).toBe(false);
  });

  it("writes the CronJob alone with --follow, which hears of Istio only what the user said", async () => {
    const { stdout, exitCode } = await render("--follow", "--cli-image", "registry.example/cli:1", "-n", "metering");
    expect(exitCode).toBe(0);
    expect(objectsIn(stdout).map(nameOf)).toEqual(["CronJob metering/proxymeter-follow"]);
    expect(stdout).not.toContain("--istio");
    const told = await render("--follow", "--cli-image", "registry.example/cli:1", "--istio-revision", "canary");
    expect(told.stdout).toMatch(/- "--istio-revision"\n +- canary\n/);
  });

  it("writes the IstioOperator as YAML with its comments, or the same as JSON, and no table of it", async () => {
    const yaml = await render("--istio-overlay", ...SMALL.slice(0, 2));
    const json = await render("--istio-overlay", ...SMALL.slice(0, 2), "-o", "json");
    expect(JSON.parse(json.stdout)).toMatchObject({ kind: "IstioOperator" });
    expect(JSON.parse(json.stdout)).toEqual(parse(yaml.stdout));
    const table = await render("--istio-overlay", "-o", "table");
    expect(table).toMatchObject({ stdout: "", exitCode: 2, stderr: expect.stringContaining("found -o table") });
  });

  it.each([
    [["--follow"], "no image of the command line is named"],
    [[], "no vendors.yaml is named"],
    [["-f", "vendors.yaml"], "no namespace of crawlers is named"],
  ])("refuses %j with status 2", async (args, message) => {
    expect(await render(...args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
  });
});
