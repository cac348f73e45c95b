// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about `proxymeter graph` as a command: what it writes in each format, and how it ends. Prometheus is a small
 * HTTP server here; test/grafana asks a real one.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { graphCommand } from "../../../installer/commands/graph.ts";
import { runCommand } from "../../in-process.ts";

const LINK = { id: "l", source: "pod/crawl/crawler-0", target: "vendor/acme" };
const NODES = [
  { id: "pod/crawl/crawler-0", title: "crawler-0", subtitle: "pod" },
  { id: "vendor/acme", title: "acme", subtitle: "vendor" },
];

let server: Server;
let url = "";
const asked: string[] = [];

beforeAll(async () => {
  server = createServer(async (incoming, response) => {
    await text(incoming);
    const query = new URL(incoming.url ?? "/", "http://prometheus").searchParams.get("query") ?? "";
    asked.push(query);
    const metrics = query.startsWith("sum by (id, source, target)") ? [LINK] : NODES;
    const result = metrics.map((metric) => ({ metric, value: [0, "1500"] }));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ status: "success", data: { resultType: "vector", result } }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

const run = (...args: string[]) => runCommand(graphCommand, ["graph", "--prometheus", url, ...args]);

describe("graph", () => {
  it("writes JSON that has nodes and links", async () => {
    const { exitCode, stdout } = await run(
      "-o",
      "json",
      "--from",
      "2026-11-01T00:00:00Z",
      "--to",
      "2026-11-01T01:00:00Z",
    );
    expect(exitCode).toBe(0);
    const figures = { requests: 1500, bytes: 1500, faults: 1500 };
    expect(JSON.parse(stdout)).toEqual({
      from: "2026-11-01T00:00:00Z",
      to: "2026-11-01T01:00:00Z",
      nodes: [
        { id: "pod/crawl/crawler-0", kind: "pod", name: "crawler-0", ...figures },
        { id: "vendor/acme", kind: "vendor", name: "acme", ...figures },
      ],
      links: [{ source: "pod/crawl/crawler-0", target: "vendor/acme", ...figures }],
    });
  });

  it.each([
    [[], /from +to +requests +bytes +faults *\n.*pod\/crawl\/crawler-0 +vendor\/acme +1,500 +1\.5 kB +1,500/],
    [
      ["-o", "dot"],
      /^digraph proxymeter \{\n[\s\S]*"pod\/crawl\/crawler-0" -> "vendor\/acme" \[label="1\.5 kB"[\s\S]*\}\n$/,
    ],
    [["-o", "yaml"], /^links:|nodes:\n {2}- id: pod\/crawl\/crawler-0/m],
  ])("writes it as %o wants it", async (args, wanted) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(wanted);
  });

  it("asks about workloads, namespaces and vendors as it is told", async () => {
    asked.length = 0;
    await run("--by", "workload", "-n", "crawl,crawl-eu", "--vendor", "acme", "--top", "7");
    expect(asked).toHaveLength(6);
    for (const query of asked) {
      expect(query).toContain('namespace=~"crawl|crawl-eu", proxy_vendor=~"acme"');
      expect(query).toContain("topk(7, ");
      expect(query).toContain("label_join(");
    }
    expect(asked.some((query) => query.includes("sum by (namespace, workload, proxy_vendor)"))).toBe(true);
  });

  it.each([[["--from", "yesterday"]], [["--by", "node"]], [["--top", "0"]], [["--vendor", "acme,"]], [["-o", "svg"]]])(
    "takes %o for a mistake of the user's",
    async (args) => {
      const { exitCode, stdout, stderr } = await run(...args);
      expect([exitCode, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/expected|[Aa]llowed choices/);
    },
  );
});
