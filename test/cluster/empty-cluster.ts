// SPDX-License-Identifier: Apache-2.0
/**
 * A second API server beside the usual one, on the same etcd but under a prefix of its own, with nothing in it: a cluster
 * that has no Istio yet.
 * What istioctl installs there may be run as istiod and reached at ports of its own.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { Teardown } from "../../demo/teardown.ts";
import { startApiserver } from "./apiserver.ts";
import { type Credentials, makeCredentials } from "./credentials.ts";
import type { Daemon } from "./daemon.ts";
import { startDeploymentController } from "./deployment-controller.ts";
import { startIstiod } from "./istiod.ts";
import { Kube, type KubeObject } from "./kube.ts";
import { startNamespaceController } from "./namespace-controller.ts";
import { until } from "./poll.ts";
import type { Tools } from "./tools.ts";

const PORT = 16_444;
const PORT_OFFSET = 1000;
/** Where its istiod answers webhooks. */
export const WEBHOOKS = `https://localhost:${25_017 + PORT_OFFSET}`;
export const XDS = `localhost:${25_012 + PORT_OFFSET}`;

const OWN_SERVICE: KubeObject = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "kubernetes", namespace: "default" },
};

export interface EmptyCluster {
  readonly directory: string;
  readonly credentials: Credentials;
  readonly kube: Kube;
  /** From now on Deployments become ready. */
  startControllers(): void;
  /** Runs what the Deployment of istiod stands for, until that is deleted. */
  startIstiod(env: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

export async function startEmptyCluster(tools: Tools, parent: string): Promise<EmptyCluster> {
  const name = `empty-cluster-${randomUUID()}`;
  const directory = `${parent}/${name}`;
  // Open to the user that sidecars run as.
  mkdirSync(directory);
  const credentials = makeCredentials(`${directory}/credentials`, `https://127.0.0.1:${PORT}`);
  const teardown = new Teardown();
  const place = { port: PORT, etcdPrefix: `/${name}` };
  const apiserver = await startApiserver(tools.apiserver, directory, credentials, place);
  teardown.add(() => apiserver.stop());
  const kube = new Kube(credentials);
  teardown.add(() => kube.close());
  // The last that the server makes by itself: what is there from now on was made by somebody.
  await until(async () => (await kube.get(OWN_SERVICE)) !== undefined, { what: "the API server's own Service" });
  let istiod: Daemon | undefined;
  const stopIstiod = async () => {
    await istiod?.stop();
    istiod = undefined;
  };
  teardown.add(stopIstiod);
  return {
    directory,
    credentials,
    kube,
    startControllers: () => {
      const controllers = [startDeploymentController(kube, stopIstiod), startNamespaceController(kube)];
      for (const controller of controllers) teardown.add(() => controller.close());
    },
    startIstiod: async (env) => {
      istiod = await startIstiod(tools.istiod, directory, credentials, { portOffset: PORT_OFFSET, env });
    },
    close: () => teardown.run(),
  };
}
