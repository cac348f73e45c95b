// SPDX-License-Identifier: Apache-2.0
/**
 * What is said of an address of metrics that answers with an error.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import type { SidecarPod } from "../../../../installer/cluster/sidecar-pods.ts";
import { byTemplate } from "../../../../installer/install/metrics-source.ts";

it("an address that answers with an error is named without its credentials", async () => {
  const server = createServer((_, response) => response.writeHead(503).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const pod = { namespace: "crawl", name: "pod-1", address: "127.0.0.1" } as SidecarPod;
  await expect(byTemplate(`http://user:pa55@{ip}:${port}/{pod}`)(pod)).rejects.toThrow(
    `http://REDACTED@127.0.0.1:${port}/pod-1 answered 503 (expected 200)`,
  );
});
