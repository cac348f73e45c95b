// SPDX-License-Identifier: Apache-2.0
/**
 * A real prometheus-operator, its kinds, and a Prometheus object that selects every monitor and rule. It writes the configuration of
 * a Prometheus; whether one runs by that is the test's business.
 */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Teardown } from "../../demo/teardown.ts";
import type { ControlPlane } from "./control-plane.ts";
import { startDaemon } from "./daemon.ts";
import { type Kube, type KubeObject, readObjects } from "./kube.ts";
import { until } from "./poll.ts";
import type { Tools } from "./tools.ts";

const GROUP = "monitoring.coreos.com";
const LISTEN = "127.0.0.1:28080";
const CONFIGURATION = "prometheus.yaml.gz";

export interface Operator {
  /** The configuration that it wrote for its Prometheus, YAML; undefined before it has. */
  configuration(): Promise<string | undefined>;
  /** The rule files that it wrote, by name; empty before it has. */
  rules(): Promise<Record<string, string>>;
  /** Ends it, and removes its kinds with all their objects. */
  close(): Promise<void>;
}

/** @param namespace  of the Prometheus object; it is there already */
export async function startOperator(
  cluster: { tools: Tools; plane: Pick<ControlPlane, "directory" | "credentials">; kube: Kube },
  namespace: string,
): Promise<Operator> {
  const { tools, plane, kube } = cluster;
  const teardown = new Teardown();
  try {
    const definitions = readDefinitions(tools.operator);
    teardown.add(() => removeDefinitions(kube, definitions));
    await Promise.all(definitions.map((definition) => kube.apply(definition)));
    // The server says that a kind is established a little before it can be found.
    await until(() => hasKinds(kube), { what: "the kinds of the operator" });
    await kube.apply(prometheusObject(namespace));
    const directory = `${plane.directory}/operator`;
    mkdirSync(directory, { recursive: true });
    const daemon = await startDaemon({
      name: "operator",
      command: `${tools.operator}/operator`,
      args: [`--web.listen-address=${LISTEN}`, "--kubelet-endpoints=false", "--cluster-domain=cluster.local"],
      env: { KUBECONFIG: plane.credentials.kubeconfigFile, GOMAXPROCS: "2" },
      directory,
      ready: async () => (await fetch(`http://${LISTEN}/healthz`)).ok,
      stopSignal: "SIGKILL",
    });
    teardown.add(daemon.stop);
    return {
      configuration: () => readConfiguration(kube, namespace),
      rules: () => readRules(kube, namespace),
      close: () => teardown.run(),
    };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

/** Selects every monitor and rule of the cluster. */
function prometheusObject(namespace: string): KubeObject {
  const monitors = { podMonitorSelector: {}, podMonitorNamespaceSelector: {} };
  const rules = { ruleSelector: {}, ruleNamespaceSelector: {} };
  const metadata = { name: "main", namespace };
  return { apiVersion: `${GROUP}/v1`, kind: "Prometheus", metadata, spec: { ...monitors, ...rules } };
}

async function readConfiguration(kube: Kube, namespace: string): Promise<string | undefined> {
  const secret: KubeObject = { apiVersion: "v1", kind: "Secret", metadata: { name: "prometheus-main", namespace } };
  const read = await kube.get<{ data?: Record<string, string> }>(secret).catch(() => undefined);
  const written = read?.data?.[CONFIGURATION];
  // Its config-reloader puts in which shard a Prometheus is; here there is one.
  return written && gunzipSync(Buffer.from(written, "base64")).toString().replaceAll("$(SHARD)", "0");
}

async function readRules(kube: Kube, namespace: string): Promise<Record<string, string>> {
  const metadata = { name: "prometheus-main-rulefiles-0", namespace };
  const files: KubeObject = { apiVersion: "v1", kind: "ConfigMap", metadata };
  return (await kube.get<{ data?: Record<string, string> }>(files).catch(() => undefined))?.data ?? {};
}

function readDefinitions(folder: string): KubeObject[] {
  const files = readdirSync(folder).filter((name) => name.startsWith(`${GROUP}_`));
  return files.flatMap((name) => readObjects(readFileSync(`${folder}/${name}`, "utf8")));
}

async function hasKinds(kube: Kube): Promise<boolean> {
  const { resources } = (await kube.call("GET", `/apis/${GROUP}/v1`)) as { resources: { kind: string }[] };
  return ["PodMonitor", "Prometheus", "PrometheusRule"].every((kind) => resources.some((one) => one.kind === kind));
}

async function removeDefinitions(kube: Kube, definitions: readonly KubeObject[]): Promise<void> {
  for (const definition of definitions) await kube.remove(definition);
  const isForgotten = () =>
    kube.call("GET", `/apis/${GROUP}`).then(
      () => false,
      (error: Error) => error.message.includes(": 404 "),
    );
  await until(isForgotten, { what: "the end of the operator's kinds" });
}
