// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about `proxymeter publish` as a process: what is on stdout, and the exit status.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../demo/process/port.ts";
import { Teardown } from "../../demo/teardown.ts";
import { makeAuthority } from "../../loadgen/certificate.ts";
import { REGISTRY } from "../cluster/debian.ts";
import { type DockerRegistry, startDockerRegistry } from "./docker-registry.ts";
import { provideOrSay } from "./programs.ts";

const MAIN = join(import.meta.dirname, "../../installer/main.ts");
const provided = await provideOrSay(REGISTRY);
const lack = "lack" in provided ? ` (left out: ${provided.lack})` : "";

describe.skipIf(lack !== "")(`proxymeter publish as a process${lack}`, { timeout: 60_000 }, () => {
  const teardown = new Teardown();
  let registry: DockerRegistry;
  let env: Record<string, string>;

  beforeAll(async () => {
    if (!("program" in provided)) throw new Error("got no docker-registry, want one");
    const folder = mkdtempSync(join(tmpdir(), "proxymeter-test-"));
    teardown.add(() => rmSync(folder, { recursive: true }));
    const authority = await makeAuthority();
    const root = join(folder, "root.pem");
    writeFileSync(root, authority.pem);
    registry = await startDockerRegistry(provided.program, { tls: await authority.issue(["127.0.0.1"]) });
    teardown.add(() => registry.stop());
    env = { DOCKER_CONFIG: folder, NODE_EXTRA_CA_CERTS: root };
  });
  afterAll(() => teardown.run());

  const publish = (...args: string[]) => execa(process.execPath, [MAIN, "publish", ...args], { env, reject: false });

  it("ends with 0 and has the pinned reference, nothing else, on stdout; the root is that of NODE_EXTRA_CA_CERTS", async () => {
    const { exitCode, stdout, stderr } = await publish(`oci://${registry.host}/proxymeter:1`);
    expect(stderr).toMatch(/uploaded [\d,]+ bytes$/);
    expect(stdout).toMatch(new RegExp(`^oci://${registry.host}/proxymeter@sha256:[0-9a-f]{64}$`));
    expect(exitCode).toBe(0);
  });

  it("ends with 1 when the registry is not there, and says what to do", async () => {
    const { exitCode, stdout, stderr } = await publish(`oci://127.0.0.1:${await freePort()}/proxymeter:1`);
    expect(stderr).toMatch(/^cannot reach the registry .*ECONNREFUSED.*\nhint: check that the registry runs/);
    expect([exitCode, stdout]).toEqual([1, ""]);
  });

  it.each([
    ["a reference without a registry", ["proxymeter:1"]],
    ["an unknown format", ["oci://localhost/proxymeter:1", "--format", "docker"]],
    ["no reference", []],
  ])("ends with 2 for %s", async (_name, args) => {
    const { exitCode, stdout, stderr } = await publish(...args);
    expect(stderr).not.toBe("");
    expect([exitCode, stdout]).toEqual([2, ""]);
  });
});
