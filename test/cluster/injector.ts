// SPDX-License-Identifier: Apache-2.0
/**
 * Istio's injection webhook, as `istioctl manifest generate` writes it and the API server calls it, answered by an istiod beside
 * the usual one. It is for pods with the label `sidecar.istio.io/inject: "true"`, so pods of other tests stay as written.
 */
import { mkdirSync } from "node:fs";
import { execa } from "execa";
import type { ControlPlane } from "./control-plane.ts";
import { startIstiod } from "./istiod.ts";
import { type Kube, type KubeObject, readObjects } from "./kube.ts";
import { until } from "./poll.ts";
import type { Tools } from "./tools.ts";

const PORT_OFFSET = 2000;
const URL = `https://localhost:${25_017 + PORT_OFFSET}/inject`;
const WEBHOOK = "istio-sidecar-injector";
const KINDS = ["ConfigMap", "MutatingWebhookConfiguration"];
export const INJECT_LABEL = { "sidecar.istio.io/inject": "true" };

interface Container {
  name: string;
  args?: string[];
  env?: { name: string; value?: string }[];
  ports?: { name?: string; containerPort: number }[];
}

interface Pod {
  spec: { containers: Container[]; initContainers?: Container[] };
}

export interface Injector {
  close(): Promise<void>;
}

/** Ready when the API server can call the webhook. */
export async function startInjector(cluster: {
  tools: Tools;
  plane: Pick<ControlPlane, "directory" | "credentials">;
  kube: Kube;
}): Promise<Injector> {
  const { tools, plane, kube } = cluster;
  const objects = await webhookObjects(tools);
  await kube.apply(...objects);
  const directory = `${plane.directory}/injector`;
  mkdirSync(directory, { recursive: true });
  const place = { portOffset: PORT_OFFSET, env: { INJECTION_WEBHOOK_CONFIG_NAME: WEBHOOK } };
  const istiod = await startIstiod(tools.istiod, directory, plane.credentials, place);
  const close = async () => {
    for (const object of objects.toReversed()) await kube.remove(object);
    await istiod.stop();
  };
  try {
    const webhook = objects.find(({ kind }) => kind === "MutatingWebhookConfiguration") as KubeObject;
    const isTrusted = async () =>
      (await kube.get<{ webhooks: { clientConfig: { caBundle?: string } }[] }>(webhook)).webhooks.every(
        ({ clientConfig }) => (clientConfig.caBundle ?? "") !== "",
      );
    await until(isTrusted, { what: "istiod's certificate in its webhook", detail: istiod.log });
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

async function webhookObjects({ istioctl }: Tools): Promise<KubeObject[]> {
  const values = ["profile=minimal", `values.istiodRemote.injectionURL=${URL}`];
  const { stdout } = await execa(istioctl, ["manifest", "generate", ...values.flatMap((value) => ["--set", value])]);
  return readObjects(stdout).filter(({ kind, metadata }) => metadata.name === WEBHOOK && KINDS.includes(kind));
}

/** The sidecar's container of a pod as the API server has it, where one was added. */
export async function injectedSidecar(kube: Kube, pod: KubeObject): Promise<Container> {
  const { spec } = await kube.get<Pod>(pod);
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const found = containers.find(({ name }) => name === "istio-proxy");
  if (!found) throw new Error(`cannot find container "istio-proxy" in pod "${pod.metadata.name}": no webhook added it`);
  return found;
}

/** PROXY_CONFIG of the pod's sidecar: what its bootstrap is made from. */
export async function injectedProxyConfig(
  kube: Kube,
  pod: KubeObject,
): Promise<{ extraStatTags?: string[]; [member: string]: unknown }> {
  const { env = [] } = await injectedSidecar(kube, pod);
  return JSON.parse(env.find(({ name }) => name === "PROXY_CONFIG")?.value ?? "{}");
}
