// SPDX-License-Identifier: Apache-2.0
/**
 * Where the dashboards' queries are asked: the rig of the main job under load, with a Prometheus of its own that has our
 * rules, a back-filled past, prices, one pod that does not answer, and a stand-in for cAdvisor and kube-state-metrics.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { RULES } from "../../demo/paths.ts";
import { crawlerPods } from "../../demo/pod.ts";
import { freePort } from "../../demo/process/port.ts";
import { prometheusConfig } from "../../demo/prometheus/config.ts";
import { type Prometheus, startPrometheus } from "../../demo/prometheus/prometheus.ts";
import { writeRules } from "../../demo/prometheus/rules.ts";
import { type Rig, startRig } from "../../demo/rig.ts";
import { Teardown } from "../../demo/teardown.ts";
import { startTraffic } from "../../demo/traffic/traffic.ts";
import { WAYS } from "../../demo/traffic/ways.ts";
import { HOSTS, VENDORS } from "../../demo/vendors.ts";
import { constantsOf } from "../../installer/objects/vendor-constants.ts";
import { parseVendors } from "../../installer/vendors/read.ts";
import { backfill } from "./history.ts";
import { startKubelet } from "./kubelet.ts";
import { makeTrouble } from "./trouble.ts";

const PODS = 2;
const RATE_PER_SECOND = 30;
const SEED = 1;

export interface Stage {
  prometheus: Prometheus;
  rig: Rig;
  teardown: Teardown;
}

/** Starts everything; load goes on until the teardown. */
export async function startStage(): Promise<Stage> {
  const teardown = new Teardown();
  const signal = new AbortController().signal;
  const pods = crawlerPods(PODS);
  try {
    const rig = await startRig({
      ...{ pods, vendors: VENDORS, hosts: HOSTS, teardown, signal },
      ...{ concurrency: 1, prometheusPort: 0, resetShare: 0.05, seed: SEED },
      onBroken: (failure) => {
        throw failure;
      },
      onStage: () => {},
    });
    const kubelet = await startKubelet(pods);
    teardown.add(() => kubelet.close());
    const prometheus = await startWithPast(rig, kubelet.address, { signal, teardown });
    const traffic = startTraffic({ ...rig, ways: WAYS, hosts: HOSTS, ratePerSecond: RATE_PER_SECOND, seed: SEED });
    teardown.add(() => traffic.stop());
    teardown.add(makeTrouble(rig.entrances));
    return { prometheus, rig, teardown };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function startWithPast(
  rig: Rig,
  kubelet: string,
  { signal, teardown }: { signal: AbortSignal; teardown: Teardown },
): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-grafana-"));
  teardown.add(() => rmSync(folder, { recursive: true, force: true }));
  await backfill(folder, Math.floor(Date.now() / 1000));
  return startPrometheus({
    config: await configOf(rig, kubelet, folder),
    folder,
    port: 0,
    signal,
    onChild: (child) => teardown.add(() => child.stop()),
  });
}

async function configOf(rig: Rig, kubelet: string, folder: string): Promise<object> {
  const prices = join(folder, "prices.yaml");
  writeFileSync(prices, stringify({ groups: [constants()] }));
  const gone = { ...crawlerPods(PODS + 1)[PODS], name: "crawler-gone", namespace: "crawl", labels: {} };
  const targets = [
    ...rig.envoys.map(({ admin, name }) => ({ address: admin, pod: { name, namespace: "crawl", labels: {} } })),
    { address: `127.0.0.1:${await freePort()}`, pod: gone },
  ];
  const config = prometheusConfig(targets, [...writeRules(RULES, folder), prices]);
  const others = { job_name: "kubelet", honor_labels: true, static_configs: [{ targets: [kubelet] }] };
  return { ...config, scrape_configs: [...config.scrape_configs, others] };
}

/** What the installer writes from a vendors.yaml with prices and budgets; as often as the rig's other rules. */
function constants(): object {
  const vendors = VENDORS.map(({ name, gateway: { host, port } }) => ({
    name,
    gateways: [{ host, addresses: ["203.0.113.10"], ports: [port] }],
    price: { currency: "USD", perGB: 3 },
    alerts: { monthlyBudget: 500 },
  }));
  const file = parseVendors(stringify({ apiVersion: "proxymeter.io/v1", vendors }), "vendors.yaml");
  return { ...constantsOf(file), interval: "2s" };
}
