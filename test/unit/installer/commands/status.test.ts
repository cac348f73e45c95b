// SPDX-License-Identifier: Apache-2.0
/**
 * `proxymeter status` from the outside: what it refuses before it asks a cluster. What it finds is test/cluster/status.test.ts.
 */
import { expect, it } from "vitest";
import { statusCommand } from "../../../../installer/commands/status.ts";
import { runCommand } from "../../../in-process.ts";

it.each([
  [["-n", "crawl-eu", "crawl/crawler-0"], "found -n crawl-eu and pod crawl/crawler-0 (expected one of them)"],
  [["--raw"], "cannot print raw series without a pod"],
])("status refuses %j with exit status 2", async (args, message) => {
  const ended = await runCommand(statusCommand, ["status", "--kubeconfig", "/nowhere/kubeconfig", ...args]);
  expect(ended).toMatchObject({ stdout: "", exitCode: 2, stderr: expect.stringContaining(message) });
});
