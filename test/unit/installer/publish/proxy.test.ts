// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about registries behind a company's proxy: the environment names it, and this machine is never behind it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server } from "proxy-chain";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { Teardown } from "../../../../demo/teardown.ts";
import { resolveDigest } from "../../../../installer/publish/resolve.ts";
import { type ScriptedRegistry, startScripted } from "./scripted-registry.ts";

const DIGEST = `sha256:${"ab".repeat(32)}`;
const teardown = new Teardown();
const asked: string[] = [];
let server: ScriptedRegistry;
let env: Record<string, string>;

beforeAll(async () => {
  server = await startScripted(() => [200, { "docker-content-digest": DIGEST }]);
  teardown.add(() => server.close());
  const prepareRequestFunction = ({ hostname, port }: { hostname: string; port: number }) => {
    asked.push(`${hostname}:${port}`);
    return {};
  };
  const proxy = new Server({ port: 0, host: "127.0.0.1", prepareRequestFunction });
  await proxy.listen();
  teardown.add(() => proxy.close(true));
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-test-"));
  teardown.add(() => rmSync(folder, { recursive: true }));
  const address = `http://127.0.0.1:${proxy.port}`;
  env = { DOCKER_CONFIG: folder, HTTP_PROXY: address, HTTPS_PROXY: address };
});
afterAll(() => teardown.run());
beforeEach(() => {
  asked.length = 0;
});

/** This machine under a name that is not loopback's. */
const elsewhere = () => server.host.replace("127.0.0.1", "0.0.0.0");
const resolve = (host: string, more: Record<string, string> = {}) =>
  resolveDigest(`oci://${host}/proxymeter:1`, { insecure: true, waitsMs: [], env: { ...env, ...more } });

it("a registry on another machine is reached through the proxy of the environment", async () => {
  expect(await resolve(elsewhere())).toBe(DIGEST);
  expect(new Set(asked)).toEqual(new Set([elsewhere()]));
});

it("a registry that NO_PROXY names is reached without it", async () => {
  expect(await resolve(elsewhere(), { NO_PROXY: "0.0.0.0" })).toBe(DIGEST);
  expect(asked).toEqual([]);
});

it("a registry on this machine is reached without it", async () => {
  expect(await resolve(server.host)).toBe(DIGEST);
  expect(asked).toEqual([]);
});
