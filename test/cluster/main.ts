// SPDX-License-Identifier: Apache-2.0
/**
 * Entry point of the cluster tests: `node test/cluster/main.ts [vitest arguments]`.
 * Gets the tools while there is still a network, then runs vitest in private namespaces. Exit status is vitest's.
 */
import { mkdirSync } from "node:fs";
import { findFilter, findTool } from "../../demo/paths.ts";
import { build } from "./build.ts";
import { ETCD, IPTABLES, provide, REGISTRY } from "./debian.ts";
import { APISERVER, ETCD_MODULE, ISTIO } from "./go-modules.ts";
import { runInNamespace } from "./namespace.ts";
import { firstLack } from "./requirements.ts";
import { TOOLS_VARIABLE, type Tools } from "./tools.ts";

const HERE = import.meta.dirname;
const PROJECT = `${HERE}/../..`;
const _FILTER = `${PROJECT}/build/filter.wasm`;

const announce = (line: string) => console.error(`cluster: ${line}`);

async function main(args: readonly string[]): Promise<number> {
  const lack = await firstLack();
  if (lack) {
    announce(`${process.env.CI ? "FAILED" : "SKIPPED, nothing was tested"}: ${lack}`);
    return process.env.CI ? 1 : 0;
  }
  findFilter();
  const tools = await prepareTools();
  const vitest = [`${PROJECT}/node_modules/vitest/vitest.mjs`, "run", `--config=${HERE}/vitest.config.ts`, ...args];
  return runInNamespace([process.execPath, ...vitest], { [TOOLS_VARIABLE]: JSON.stringify(tools) });
}

async function prepareTools(): Promise<Tools> {
  const place = { sources: `${HERE}/go`, cache: `${PROJECT}/.tools/cluster`, announce };
  mkdirSync(place.cache, { recursive: true });
  const iptables = await provide(IPTABLES, place.cache, announce);
  const registry = await provide(REGISTRY, place.cache, announce);
  const istio = await build(ISTIO, place);
  const apiserver = await build(APISERVER, place);
  const debianEtcd = await provide(ETCD, place.cache, announce).catch((error: Error) => announce(error.message));
  return {
    etcd: debianEtcd?.path ?? `${await build(ETCD_MODULE, place)}/etcd`,
    apiserver: `${apiserver}/kube-apiserver`,
    istiod: `${istio}/pilot-discovery`,
    istioctl: `${istio}/istioctl`,
    agent: `${istio}/pilot-agent`,
    definitions: `${istio}/crd-all.gen.yaml`,
    bootstrap: `${istio}/envoy_bootstrap.json`,
    envoy: findTool("envoy"),
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
