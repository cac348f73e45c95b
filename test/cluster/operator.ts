// SPDX-License-Identifier: Apache-2.0
/**
 * A real prometheus-operator, its kinds, and a Prometheus object that selects every monitor and rule. It writes the configuration of
 * a Prometheus; whether one runs by that is the test's business.
 */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { ControlPlane } from "./control-plane.ts";
import { startDaemon } from "./daemon.ts";
import { type Kube, type KubeObject, readObjects } from "./kube.ts";
import { until } from "./poll.ts";
import type { Tools } from "./tools.ts";

const LISTEN = "127.0.0.1:28080";
const CONFIGURATION = "prometheus.yaml.gz";

export interface Operator {
  /** The configuration that it wrote for its Prometheus, YAML; undefined before it has. */
  configuration(): Promise<string | undefined>;
  /** Ends it, and removes its kinds with all their objects. */
  close(): Promise<void>;
}

/** @param namespace  of the Prometheus object; it is there already */
export async function startOperator(
  cluster: { tools: Tools; plane: Pick<ControlPlane, "directory" | "credentials">; kube: Kube },
  namespace: string,
): Promise<Operator> {
  const { tools, plane, kube } = cluster;
  const definitions = readDefinitions(tools.operator);
  await Promise.all(definitions.map((definition) => kube.apply(definition)));
  await Promise.all(definitions.map((definition) => established(kube, definition)));
  const prometheus: KubeObject = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "Prometheus",
    metadata: { name: "main", namespace },
    spec: {
      ...{ podMonitorSelector: {}, podMonitorNamespaceSelector: {} },
      ...{ ruleSelector: {}, ruleNamespaceSelector: {} },
    },
  };
  await kube.apply(prometheus);
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
  const secret: KubeObject = { apiVersion: "v1", kind: "Secret", metadata: { name: "prometheus-main", namespace } };
  const configuration = async () => {
    const read = await kube.get<{ data?: Record<string, string> }>(secret).catch(() => undefined);
    const written = read?.data?.[CONFIGURATION];
    // Its config-reloader puts in which shard a Prometheus is; here there is one.
    return written && gunzipSync(Buffer.from(written, "base64")).toString().replaceAll("$(SHARD)", "0");
  };
  const close = async () => {
    await daemon.stop();
    for (const definition of definitions) await kube.remove(definition);
    for (const definition of definitions) await gone(kube, definition);
  };
  return { configuration, close };
}

function readDefinitions(folder: string): KubeObject[] {
  const files = readdirSync(folder).filter((name) => name.startsWith("monitoring.coreos.com_"));
  return files.flatMap((name) => readObjects(readFileSync(`${folder}/${name}`, "utf8")));
}

interface Definition {
  status?: { conditions?: { type: string; status: string }[] };
}

async function established(kube: Kube, definition: KubeObject): Promise<void> {
  const isEstablished = async () =>
    (await kube.get<Definition>(definition)).status?.conditions?.some(
      ({ type, status }) => type === "Established" && status === "True",
    );
  await until(isEstablished, { what: `${definition.metadata.name} established` });
}

async function gone(kube: Kube, definition: KubeObject): Promise<void> {
  const isGone = () =>
    kube.get(definition).then(
      () => false,
      (error: Error) => error.message.includes(": 404 "),
    );
  await until(isGone, { what: `the end of ${definition.metadata.name}` });
}
