// SPDX-License-Identifier: Apache-2.0
/**
 * The sidecar of one crawler pod: a real pilot-agent that starts upstream Envoy, as istio-proxy's container does.
 * Lays out the files that Kubernetes would mount, and reads what Envoy shows. Packet rules are in intercept.ts.
 */
import { chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { EXTRA_STAT_TAGS } from "../../filter/core/stat-tags.ts";
import { type ControlPlane, rootCertificate } from "./control-plane.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { XDS_ADDRESS } from "./istiod.ts";
import { injectedProxyConfig } from "./injector.ts";
import type { Kube, KubeObject } from "./kube.ts";
import { addAddress, POD_ADDRESS, SIDECAR_UID } from "./namespace.ts";
import { CRAWL, crawlerPod, POD_LABELS, runningStatus } from "./objects.ts";
import type { Tools } from "./tools.ts";

const ADMIN = "http://127.0.0.1:15000";
/** Envoy's own port for Prometheus, the one that a cluster's PodMonitor scrapes. */
const STATS = "http://127.0.0.1:15090/stats/prometheus";

export interface SidecarOptions {
  readonly pod: string;
  /** Istio's default when absent; see `drainDuration` of ProxyConfig. */
  readonly drainSeconds?: number;
  /** What the injector gave it; our stat tags when absent. */
  readonly proxyConfig?: object;
  /** Of another istiod than the usual one. */
  readonly xdsAddress?: string;
  /** The pod as its owner writes it, without a sidecar: an injection webhook adds that, with the proxy configuration to start by. */
  readonly written?: KubeObject;
  /** Of the pod, in the namespace's loopback; the usual one when absent. */
  readonly address?: string;
  /** More for the agent. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Sidecar {
  readonly daemon: Daemon;
  /** Prometheus exposition of the sidecar. */
  stats(): Promise<string>;
  /** Envoy's admin interface, path and query; the answer's body. */
  admin(path: string): Promise<string>;
  /** Process id of the Envoy that pilot-agent runs now; another one after a restart. */
  envoyPid(): number;
  stop(): Promise<void>;
}

/** Creates the pod in the API server and starts its sidecar; ready when Envoy has acknowledged its listeners. */
export async function startSidecar(
  cluster: { tools: Tools; plane: Pick<ControlPlane, "directory">; kube: Kube },
  options: SidecarOptions,
): Promise<Sidecar> {
  const { tools, plane, kube } = cluster;
  const pod = options.written ?? crawlerPod(options.pod);
  await kube.apply(pod);
  if (options.address) await addAddress(options.address);
  const proxyConfig = options.written ? await injectedProxyConfig(kube, pod) : options.proxyConfig;
  await kube.setStatus(pod, runningStatus(options.address ?? POD_ADDRESS));
  const directory = `${plane.directory}/${options.pod}`;
  layOut(directory, {
    "var/run/secrets/tokens/istio-token": await kube.token(pod, "crawler"),
    "var/run/secrets/istio/root-cert.pem": await rootCertificate(kube),
    "etc/istio/pod/labels": Object.entries(POD_LABELS)
      .map(([key, value]) => `${key}="${value}"\n`)
      .join(""),
    "etc/istio/pod/annotations": "",
    "etc/istio/proxy/.keep": "",
    "var/lib/istio/envoy/.keep": "",
  });
  copyFileSync(tools.bootstrap, `${directory}/var/lib/istio/envoy/envoy_bootstrap_tmpl.json`);
  const daemon = await startDaemon({
    name: "sidecar",
    command: tools.agent,
    args: ["proxy", "sidecar", `--domain=${CRAWL}.svc.cluster.local`, "--concurrency=1", "--proxyLogLevel=info"],
    env: environment(tools, { ...options, ...(proxyConfig && { proxyConfig }) }),
    directory,
    uid: SIDECAR_UID,
    ready: async () => (await fetch("http://127.0.0.1:15021/healthz/ready")).ok,
    stopSignal: "SIGTERM",
  });
  const stop = async () => {
    await daemon.stop();
    await kube.remove(pod);
  };
  const envoyPid = () => Number(readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, "utf8").trim());
  return { daemon, stop, envoyPid, stats: () => read(STATS), admin: (path) => read(ADMIN + path) };
}

/** What the injector puts into istio-proxy's container. */
function environment(tools: Tools, options: SidecarOptions): Record<string, string> {
  const xdsAddress = options.xdsAddress ?? XDS_ADDRESS;
  const proxyConfig = {
    ...(options.proxyConfig ?? { extraStatTags: EXTRA_STAT_TAGS }),
    discoveryAddress: xdsAddress,
    configPath: "./etc/istio/proxy",
    binaryPath: tools.envoy,
    statusPort: 15_020,
    terminationDrainDuration: "1s",
    ...(options.drainSeconds === undefined ? {} : { drainDuration: `${options.drainSeconds}s` }),
  };
  return {
    PROXY_CONFIG: JSON.stringify(proxyConfig),
    POD_NAME: options.pod,
    POD_NAMESPACE: CRAWL,
    INSTANCE_IP: options.address ?? POD_ADDRESS,
    SERVICE_ACCOUNT: "crawler",
    TRUST_DOMAIN: "cluster.local",
    JWT_POLICY: "third-party-jwt",
    CA_ADDR: xdsAddress,
    ISTIO_META_CLUSTER_ID: "Kubernetes",
    ISTIO_META_INTERCEPTION_MODE: "REDIRECT",
    ISTIO_META_MESH_ID: "cluster.local",
    ISTIO_META_WORKLOAD_NAME: "crawler",
    ISTIO_META_NODE_NAME: "node-0",
    // A release would say so by itself; a build from the module proxy knows only its commit.
    ISTIO_META_ISTIO_VERSION: tools.istioVersion,
    ISTIO_META_APP_CONTAINERS: "crawler",
    // The registry of the tests speaks plain HTTP.
    WASM_INSECURE_REGISTRIES: "*",
    GOMAXPROCS: "2",
    ...options.env,
  };
}

function layOut(directory: string, files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(`${directory}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    writeFileSync(`${directory}/${path}`, content);
  }
  for (const folder of ["", "/etc/istio/proxy", "/var/run/secrets", "/var/run/secrets/istio", "/var/lib/istio"]) {
    chownSync(directory + folder, SIDECAR_UID, SIDECAR_UID);
  }
}

async function read(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`cannot read ${url}: ${response.status} (expected 200)`);
  return response.text();
}
