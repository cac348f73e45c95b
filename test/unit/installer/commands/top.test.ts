// SPDX-License-Identifier: Apache-2.0
/**
 * `proxymeter top` from its options to what Prometheus is asked. What is drawn is test/unit/view.
 */
import { createServer } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { topCommand } from "../../../../installer/commands/top.ts";
import { listen } from "../../../../loadgen/listener.ts";
import { runCommand } from "../../../in-process.ts";

it.each([
  [["-n", "crawl,crawl-eu"], 'namespace=~"crawl|crawl-eu"'],
  [["-n", "crawl", "-n", "c.awl"], 'namespace=~"crawl|c\\\\.awl"'],
])("top asks with %j for pods of each namespace by name", async (args, matcher) => {
  const queries: string[] = [];
  const server = createServer((request, response) => {
    queries.push(new URL(request.url ?? "", "http://any.example").searchParams.get("query") ?? "");
    response.end(JSON.stringify({ status: "success", data: { resultType: "vector", result: [] } }));
  });
  const { port, close } = await listen(server);
  onTestFinished(close);
  const prometheus = ["--prometheus", `http://127.0.0.1:${port}`, "--window", "30s", "--once"];
  expect(await runCommand(topCommand, ["top", ...prometheus, ...args])).toMatchObject({ exitCode: 0 });
  const asked = queries.filter((query) => query.includes('job="proxymeter"'));
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.filter((query) => !query.includes(matcher))).toEqual([]);
});
