// SPDX-License-Identifier: Apache-2.0
/**
 * etcd, API server and istiod as one thing that starts in order and ends in reverse.
 * Leaves pods and their sidecars to the tests.
 */
import { readFileSync } from "node:fs";
import { API_PORT, startApiserver } from "./apiserver.ts";
import { type Credentials, makeCredentials } from "./credentials.ts";
import type { Daemon } from "./daemon.ts";
import { startEtcd } from "./etcd.ts";
import { startIstiod } from "./istiod.ts";
import { Kube, type KubeObject, readObjects } from "./kube.ts";
import { RUN_FOLDER } from "./namespace.ts";
import { MESH_OBJECTS, ROOT_CERTIFICATE } from "./objects.ts";
import { until } from "./poll.ts";
import type { Tools } from "./tools.ts";

export interface ControlPlane {
  readonly directory: string;
  readonly credentials: Credentials;
  /** Seconds from the start of each part until it was ready. */
  readonly timings: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** @throws Error with the log of the part that did not start; what had started is ended */
export async function startControlPlane(tools: Tools): Promise<ControlPlane> {
  const directory = RUN_FOLDER;
  const credentials = makeCredentials(`${directory}/credentials`, `https://127.0.0.1:${API_PORT}`);
  const daemons: Daemon[] = [];
  const timings: Record<string, number> = {};
  const stop = async () => {
    for (const daemon of daemons.toReversed()) await daemon.stop();
  };
  const timed = async (name: string, start: () => Promise<Daemon | undefined>) => {
    const begin = performance.now();
    const daemon = await start();
    if (daemon) daemons.push(daemon);
    timings[name] = Math.round(performance.now() - begin) / 1000;
  };
  try {
    await timed("etcd", () => startEtcd(tools.etcd, directory));
    await timed("kube-apiserver", () => startApiserver(tools.apiserver, directory, credentials));
    await timed("objects", () => applyFoundations(tools, credentials));
    await timed("istiod", () => startIstiod(tools.istiod, directory, credentials));
  } catch (error) {
    await stop();
    throw error;
  }
  return { directory, credentials, timings, stop };
}

/** Istio's resource definitions, then what istiod reads when it starts. */
async function applyFoundations(tools: Tools, credentials: Credentials): Promise<undefined> {
  const kube = new Kube(credentials);
  try {
    const definitions = readObjects(readFileSync(tools.definitions, "utf8"));
    await Promise.all(definitions.map((definition) => kube.apply(definition)));
    for (const definition of definitions) {
      const what = `${definition.metadata.name} established`;
      await until(async () => isEstablished(await kube.get(definition)), { what });
    }
    await kube.apply(...MESH_OBJECTS);
  } finally {
    await kube.close();
  }
}

function isEstablished(definition: { status?: { conditions?: { type: string; status: string }[] } }): boolean {
  return (
    definition.status?.conditions?.some(({ type, status }) => type === "Established" && status === "True") ?? false
  );
}

/** The certificate that sidecars trust istiod by, PEM; istiod writes it shortly after it is ready. */
export async function rootCertificate(kube: Kube): Promise<string> {
  const read = async () =>
    (await kube.get<KubeObject & { data?: Record<string, string> }>(ROOT_CERTIFICATE)).data?.["root-cert.pem"];
  return until(read, { what: `the root certificate of istiod in namespace "${ROOT_CERTIFICATE.metadata.namespace}"` });
}
