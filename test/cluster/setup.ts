// SPDX-License-Identifier: Apache-2.0
/**
 * Runs once before and after all cluster tests: prepares the namespace, starts and stops the control plane and the controller of
 * namespaces. Hands its whereabouts to the test files.
 */
import type { TestProject } from "vitest/node";
import { startControlPlane } from "./control-plane.ts";
import type { Credentials } from "./credentials.ts";
import { Kube } from "./kube.ts";
import { prepareNamespace } from "./namespace.ts";
import { startNamespaceController } from "./namespace-controller.ts";
import { readTools } from "./tools.ts";

declare module "vitest" {
  interface ProvidedContext {
    plane: { directory: string; credentials: Credentials };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const tools = readTools();
  await prepareNamespace();
  const plane = await startControlPlane(tools);
  const parts = Object.entries(plane.timings).map(([name, seconds]) => `${name} ${seconds.toFixed(1)} s`);
  console.error(`cluster: control plane up: ${parts.join(", ")}`);
  project.provide("plane", { directory: plane.directory, credentials: plane.credentials });
  // For all files, as a cluster has one: whatever a test leaves behind, no namespace stays for ever on its way out.
  const kube = new Kube(plane.credentials);
  const controller = startNamespaceController(kube);
  return async () => {
    await controller.close();
    await kube.close();
    await plane.stop();
  };
}
