// SPDX-License-Identifier: Apache-2.0
/**
 * The subcommand itself: mistakes of the user, a cluster that is not there, and what goes to stdout.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { checkCommand } from "../../../../installer/commands/check.ts";
import { documentation } from "../../../../installer/documentation.ts";

const folder = mkdtempSync(join(tmpdir(), "proxymeter-check-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** Port 1 refuses connections. */
const NOWHERE = file(
  "kubeconfig",
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server: "http://127.0.0.1:1" } }],
    users: [{ name: "u", user: {} }],
    contexts: [{ name: "nowhere", context: { cluster: "c", user: "u" } }],
    "current-context": "nowhere",
  }),
);

async function run(
  ...args: string[]
): Promise<{ out: string; error: { code?: string; exitCode?: number } | undefined }> {
  const written: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => written.push(String(chunk)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  const control = { finish: new AbortController().signal, abort: new AbortController().signal };
  const command = checkCommand(control).exitOverride();
  const program = new Command().exitOverride().addCommand(command);
  const error = await program.parseAsync(["node", "proxymeter", "check", "--kubeconfig", NOWHERE, ...args]).then(
    () => undefined,
    (reason) => reason as { code?: string; exitCode?: number },
  );
  return { out: written.join(""), error };
}

describe("proxymeter check", () => {
  it("fails with status 1 where the API does not answer, and skips the rest", async () => {
    vi.stubEnv("LC_ALL", "C");
    const { out, error } = await run("--pre");
    vi.unstubAllEnvs();
    expect(error).toMatchObject({ code: "E_CHECK", exitCode: 1 });
    expect(out).toMatch(/^kubernetes-api\n-+\nx the Kubernetes API answers\n {4}context "nowhere": cannot reach/);
    expect(out).toMatch(/istio\n-----\n- not checked: the Kubernetes API does not answer/);
    expect(out).toMatch(/1 failed, 0 passed, 0 warned, \d+ skipped\n$/);
  });

  it("prints the same as JSON and YAML", async () => {
    const json = JSON.parse((await run("--pre", "-o", "json")).out);
    expect(json).toMatchObject({ ok: false, context: "nowhere", stage: "before", counts: { fail: 1 } });
    expect(json.groups[0].checks[0]).toMatchObject({
      id: "api-reachable",
      hint: documentation("checks.md", "api-reachable"),
    });
    expect(parse((await run("--pre", "-o", "yaml")).out)).toEqual(json);
  });

  it("keeps to what does not pass when it is to be short", async () => {
    const { groups, counts } = JSON.parse((await run("--pre", "--short", "-o", "json")).out);
    expect(groups).toHaveLength(1);
    expect(groups[0].checks).toHaveLength(1);
    expect(counts.skip).toBeGreaterThan(10);
  });

  it("takes a mistake in options or vendors.yaml for the user's, before it asks any cluster", async () => {
    expect((await run("--prometheus", "prometheus:9090")).error).toMatchObject({ exitCode: 2 });
    const vendors = file("vendors.yaml", "apiVersion: proxymeter.io/v1\nvendors: 3\n");
    expect((await run("-f", vendors)).error).toMatchObject({ code: "E_VENDORS", exitCode: 2 });
    expect((await run("-f", join(folder, "none.yaml"))).error).toMatchObject({ exitCode: 2 });
  });

  it("writes no bundle where it can't, and says so", async () => {
    expect((await run("--bundle", join(folder, "none/bundle.gz"))).error).toMatchObject({ code: "E_BUNDLE" });
  });
});
