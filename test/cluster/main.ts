// SPDX-License-Identifier: Apache-2.0
/**
 * Entry point of the cluster tests: `npx node test/cluster/main.ts [--istio FOLDER] [vitest arguments]`.
 * Gets the tools while there is still a network, then runs vitest in private namespaces. Exit status is vitest's.
 * FOLDER has another release of Istio than the one that is built here: the programs and files of ISTIO_FILES.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { findFilter, findTool } from "../../demo/paths.ts";
import { build } from "./build.ts";
import { ETCD, IPTABLES, provide, REGISTRY } from "./debian.ts";
import { APISERVER, ETCD_MODULE, ISTIO, OPERATOR, PROMETHEUS } from "./go-modules.ts";
import { runInNamespace } from "./namespace.ts";
import { firstLack } from "./requirements.ts";
import { TOOLS_VARIABLE, type Tools } from "./tools.ts";

const HERE = import.meta.dirname;
const PROJECT = `${HERE}/../..`;

const announce = (line: string) => console.error(`cluster: ${line}`);

const ISTIO_FILES = ["istioctl", "pilot-discovery", "pilot-agent", "crd-all.gen.yaml", "envoy_bootstrap.json"];
/** Of the module in go/istio, which carries no release of its own. */
const BUILT_VERSION = "1.31.0";

async function main(given: readonly string[]): Promise<number> {
  const { istio, args } = optionsOf(given);
  const lack = await firstLack();
  if (lack) {
    const isRequired = Boolean(process.env.CI || process.env.REQUIRE_ALL);
    announce(`${isRequired ? "FAILED" : "SKIPPED, nothing was tested"}: ${lack}`);
    return isRequired ? 1 : 0;
  }
  findFilter();
  const tools = await prepareTools(istio);
  const vitest = [`${PROJECT}/node_modules/vitest/vitest.mjs`, "run", `--config=${HERE}/vitest.config.ts`, ...args];
  return runInNamespace([process.execPath, ...vitest], { [TOOLS_VARIABLE]: JSON.stringify(tools) });
}

interface GivenIstio {
  readonly folder: string;
  readonly version: string;
}

function optionsOf(given: readonly string[]): { istio?: GivenIstio; args: readonly string[] } {
  const [option, folder, ...args] = given;
  if (option !== "--istio") return { args: given };
  const missing = ISTIO_FILES.filter((name) => !existsSync(`${folder}/${name}`));
  if (folder === undefined || missing.length > 0)
    throw new Error(`cannot use the Istio in "${folder ?? ""}": found no ${missing.join(", ")}`);
  const stdout = execFileSync(`${folder}/istioctl`, ["version", "--remote=false"], { encoding: "utf8" });
  const [, version] = /(1\.\d+\.\d+)/.exec(stdout) ?? [];
  if (version === undefined) throw new Error(`cannot use the Istio in "${folder}": its istioctl says "${stdout}"`);
  announce(`Istio ${version} of ${folder}`);
  return { istio: { folder, version }, args };
}

async function prepareTools(given: GivenIstio | undefined): Promise<Tools> {
  const place = { sources: `${HERE}/go`, cache: `${PROJECT}/.tools/cluster`, announce };
  mkdirSync(place.cache, { recursive: true });
  const iptables = await provide(IPTABLES, place.cache, announce);
  const registry = await provide(REGISTRY, place.cache, announce);
  const istio = given?.folder ?? (await build(ISTIO, place));
  const apiserver = await build(APISERVER, place);
  const prometheus = await build(PROMETHEUS, place);
  const operator = await build(OPERATOR, place);
  const debianEtcd = await provide(ETCD, place.cache, announce).catch((error: Error) => announce(error.message));
  return {
    etcd: debianEtcd?.path ?? `${await build(ETCD_MODULE, place)}/etcd`,
    apiserver: `${apiserver}/kube-apiserver`,
    istioVersion: given?.version ?? BUILT_VERSION,
    istiod: `${istio}/pilot-discovery`,
    istioctl: `${istio}/istioctl`,
    agent: `${istio}/pilot-agent`,
    definitions: `${istio}/crd-all.gen.yaml`,
    bootstrap: `${istio}/envoy_bootstrap.json`,
    envoy: findTool("envoy"),
    prometheus: `${prometheus}/prometheus`,
    operator,
    iptables,
    registry,
  };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  announce(`FAILED: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
