// SPDX-License-Identifier: Apache-2.0
/**
 * Answers of an API server as they come over HTTP.
 */
import { createServer } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Cluster } from "../../../../installer/cluster/cluster.ts";
import { listen } from "../../../../loadgen/listener.ts";

it.each([[204], [200]])("an answer %i without a body is an empty text, at once", async (status) => {
  const server = createServer((_request, response) => void response.writeHead(status).end());
  const { port, close } = await listen(server);
  onTestFinished(close);
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-cluster-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const kubeconfig = join(folder, "kubeconfig");
  const config = {
    clusters: [{ name: "test", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
    users: [{ name: "test", user: {} }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  };
  writeFileSync(kubeconfig, JSON.stringify({ apiVersion: "v1", kind: "Config", ...config }));
  expect(await new Cluster({ kubeconfig }).get("/nothing")).toBe("");
});
