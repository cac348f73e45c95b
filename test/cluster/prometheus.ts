// SPDX-License-Identifier: Apache-2.0
/**
 * A real Prometheus as a pod of the cluster: it finds what it scrapes through the API server, with the rights of a service account
 * whose token lies where the kubelet would put it. Which configuration and rules it has, is the test's.
 */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { makePrometheus, type Prometheus } from "../../installer/prometheus/client.ts";
import { urlFetcher } from "../../installer/prometheus/fetcher.ts";
import { API_PORT } from "./apiserver.ts";
import type { ControlPlane } from "./control-plane.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import type { Kube, KubeObject } from "./kube.ts";
import { addAddress } from "./namespace.ts";
import { runningStatus } from "./objects.ts";
import type { Tools } from "./tools.ts";

/** Its pod's own address; in the pod network, since the API server does not forward to loopback. */
const ADDRESS = "10.244.0.7";
const PORT = 9090;
const ACCOUNT_FOLDER = "/run/secrets/kubernetes.io/serviceaccount";
/** Scrapes and rules of a test come once a second instead of every 15. */
export const INTERVAL_SECONDS = 1;
const INTERVAL = `${INTERVAL_SECONDS}s`;

/** The rendered account of a Prometheus, and the ConfigMap with the scrape configuration for it. */
const ACCOUNT = { name: "proxymeter-prometheus", namespace: "proxymeter" };
const SCRAPE_CONFIG: KubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "proxymeter-scrape-config", namespace: ACCOUNT.namespace },
};

export interface PrometheusOptions {
  /** Files for `scrape_config_files`, by name. */
  readonly scrapeConfigs: Readonly<Record<string, string>>;
  /** Rule files, by name. */
  readonly rules?: Readonly<Record<string, string>>;
}

export interface ClusterPrometheus {
  readonly url: string;
  readonly client: Prometheus;
  readonly daemon: Daemon;
  /** Takes other files instead. Throws where it refuses them. */
  reload(files: PrometheusOptions): Promise<void>;
  close(): Promise<void>;
}

export async function startPrometheus(
  cluster: { tools: Tools; plane: Pick<ControlPlane, "directory" | "credentials">; kube: Kube },
  options: PrometheusOptions,
): Promise<ClusterPrometheus> {
  const { tools, plane, kube } = cluster;
  const directory = `${plane.directory}/prometheus`;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  mkdirSync(ACCOUNT_FOLDER, { recursive: true });
  writeFileSync(`${ACCOUNT_FOLDER}/token`, await accountToken(kube));
  writeFileSync(`${ACCOUNT_FOLDER}/namespace`, ACCOUNT.namespace);
  copyFileSync(plane.credentials.caFile, `${ACCOUNT_FOLDER}/ca.crt`);
  writeFiles(directory, options);
  await addAddress(ADDRESS);
  const url = `http://${ADDRESS}:${PORT}`;
  const daemon = await startDaemon({
    name: "prometheus",
    command: tools.prometheus,
    args: [
      `--config.file=${directory}/prometheus.yml`,
      `--storage.tsdb.path=${directory}/data`,
      `--web.listen-address=${ADDRESS}:${PORT}`,
      "--web.enable-lifecycle",
    ],
    env: { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(API_PORT), GOMAXPROCS: "2" },
    directory,
    ready: async () => (await fetch(`${url}/-/ready`)).ok,
    stopSignal: "SIGKILL",
  });
  const client = makePrometheus(urlFetcher(url, new AbortController().signal));
  const reload = async (files: PrometheusOptions) => {
    writeFiles(directory, files);
    const response = await fetch(`${url}/-/reload`, { method: "POST" });
    if (!response.ok) throw new Error(`cannot load the configuration: ${await response.text()}`);
  };
  return { url, client, daemon, reload, close: () => daemon.stop() };
}

/** A token as the kubelet mounts it. */
export async function accountToken(kube: Kube): Promise<string> {
  const { name, namespace } = ACCOUNT;
  const body = JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} });
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  return ((await kube.call("POST", path, body, "application/json")) as { status: { token: string } }).status.token;
}

/** Makes the namespace, pod and Service by which the commands find this Prometheus, and the API server reaches it. */
export async function publishPrometheus(kube: Kube, namespace: string): Promise<void> {
  const at = { name: "prometheus", namespace };
  const ports = [{ name: "web", port: PORT, protocol: "TCP" }];
  const pod: KubeObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: at,
    spec: { nodeName: "node-0", containers: [{ name: "prometheus", image: "prometheus:dev" }] },
  };
  const targetRef = { kind: "Pod", ...at };
  await kube.apply(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    pod,
    { apiVersion: "v1", kind: "Service", metadata: { ...at, labels: { app: "prometheus" } }, spec: { ports } },
    {
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: at,
      subsets: [{ addresses: [{ ip: ADDRESS, targetRef }], ports }],
    },
  );
  await kube.setStatus(pod, runningStatus(ADDRESS));
}

/** What the installed ConfigMap holds for `scrape_config_files`, in the rhythm of the tests. */
export async function renderedScrapeConfig(kube: Kube): Promise<string> {
  return hurried((await kube.get<{ data: Record<string, string> }>(SCRAPE_CONFIG)).data["proxymeter.yaml"] ?? "");
}

/** A scrape configuration or rule file in the rhythm of the tests instead of its own; nothing else in it changes. */
export function hurried(text: string): string {
  return text.replaceAll(/\b(scrape_interval|scrape_timeout|interval): "?\d+\w+"?/g, `$1: ${INTERVAL}`);
}

function writeFiles(directory: string, { scrapeConfigs, rules = {} }: PrometheusOptions) {
  for (const [name, text] of Object.entries({ ...scrapeConfigs, ...rules }))
    writeFileSync(`${directory}/${name}`, text);
  const configuration = {
    global: { scrape_interval: INTERVAL, scrape_timeout: INTERVAL, evaluation_interval: INTERVAL },
    scrape_config_files: Object.keys(scrapeConfigs),
    rule_files: Object.keys(rules),
  };
  writeFileSync(`${directory}/prometheus.yml`, stringify(configuration));
}
