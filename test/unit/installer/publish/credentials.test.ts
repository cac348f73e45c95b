// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the docker configuration: which entry is a repository's, and what is said when the file or a helper does not work.
 * Helpers that work are in test/registry, with a real registry.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configFile, entryFor, findCredentials } from "../../../../installer/publish/credentials.ts";

const REPOSITORY = { registry: "registry.example", repository: "team/proxymeter" };
const base64 = (text: string) => Buffer.from(text).toString("base64");
const named = (name: string) => ({ auth: base64(`${name}:pass`) });
let folder: string;
let count = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "proxymeter-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Environment with this text as the docker configuration, and nothing but these programs on PATH. */
function environment(config: string, scripts: Record<string, string> = {}) {
  const home = join(folder, String(count++));
  mkdirSync(join(home, "bin"), { recursive: true });
  writeFileSync(join(home, "config.json"), config);
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(home, "bin", name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(home, "bin", name), 0o755);
  }
  return { DOCKER_CONFIG: home, PATH: `${join(home, "bin")}:/usr/bin:/bin` };
}

describe("entryFor", () => {
  it.each<[string, string[], string | undefined]>([
    ["the registry's name", ["registry.example", "other.example"], "registry.example"],
    ["its name in capitals", ["Registry.Example"], "Registry.Example"],
    ["its address", ["https://registry.example/v1/"], "https://registry.example/v1/"],
    [
      "the longest folder",
      ["registry.example", "registry.example/team", "registry.example/te"],
      "registry.example/team",
    ],
    [
      "the repository itself",
      ["registry.example/team", "registry.example/team/proxymeter"],
      "registry.example/team/proxymeter",
    ],
    ["nothing, for another folder", ["registry.example/other"], undefined],
    ["nothing, for another port", ["registry.example:5000"], undefined],
    ["nothing, for a longer name", ["registry.example.evil.example", "my-registry.example"], undefined],
  ])("is that of %s", (_name, keys, want) => {
    const auths = Object.fromEntries(keys.map((key) => [key, named(base64(key))]));
    const found = entryFor(auths, REPOSITORY, "config.json");
    expect(found).toEqual(
      want === undefined ? undefined : { kind: "password", username: base64(want), password: "pass" },
    );
  });

  it.each(["docker.io", "index.docker.io"])("finds Docker Hub's oldest address for %s", (registry) => {
    const auths = { "https://index.docker.io/v1/": named("hub"), "registry.example": named("other") };
    expect(entryFor(auths, { registry, repository: "team/proxymeter" }, "")).toMatchObject({ username: "hub" });
  });

  it.each([
    [{ auth: base64("user:pa:ss\0\0") }, { kind: "password", username: "user", password: "pa:ss" }],
    [
      { username: "user", password: "pass" },
      { kind: "password", username: "user", password: "pass" },
    ],
    [
      { auth: base64("<token>:"), identitytoken: "id" },
      { kind: "identity", token: "id" },
    ],
    [{ registrytoken: "ready" }, { kind: "registry", token: "ready" }],
    [{}, undefined],
  ])("reads %j", (entry, want) => {
    expect(entryFor({ "registry.example": entry }, REPOSITORY, "config.json")).toEqual(want);
  });
});

describe("findCredentials", () => {
  it("has none without a docker configuration", async () => {
    expect(await findCredentials(REPOSITORY, { DOCKER_CONFIG: join(folder, "absent") })).toBe(undefined);
  });

  it("looks below the home folder unless it is told otherwise", () => {
    expect(configFile({ HOME: "/home/crawl" })).toBe("/home/crawl/.docker/config.json");
    expect(configFile({ HOME: "/home/crawl", DOCKER_CONFIG: "/etc/docker" })).toBe("/etc/docker/config.json");
  });

  it("prefers the helper for a registry to the helper for all", async () => {
    const helper = (name: string) => `echo '{"Username":"${name}","Secret":"pass"}'`;
    const config = JSON.stringify({ credsStore: "all", credHelpers: { "registry.example": "one" } });
    const scripts = { "docker-credential-all": helper("all"), "docker-credential-one": helper("one") };
    expect(await findCredentials(REPOSITORY, environment(config, scripts))).toMatchObject({ username: "one" });
  });

  const store = JSON.stringify({ credsStore: "bad" });
  it.each<[string, string, Record<string, string>, string]>([
    ["a file that is no JSON", '{"auths": s3cret', {}, "not a JSON object"],
    ["a file that is a list", "[1]", {}, "no JSON object"],
    [
      "an entry that is not base64",
      '{"auths":{"registry.example":{"auth":"s3cret"}}}',
      {},
      'the entry "registry.example"',
    ],
    ["a helper's name with a path", '{"credsStore":"../../bin/s3cret"}', {}, "cannot run a credential helper"],
    ["a helper that is not there", store, {}, "no such program on PATH"],
    [
      "a helper that fails",
      store,
      { "docker-credential-bad": "echo s3cret; echo s3cret >&2; exit 3" },
      "status 3 (expected 0)",
    ],
    ["a helper that talks", store, { "docker-credential-bad": "echo s3cret" }, "not JSON with Username and Secret"],
    [
      "a helper without a secret",
      store,
      { "docker-credential-bad": `echo '{"Username":"s3cret"}'` },
      "not JSON with Username",
    ],
  ])("says what is wrong with %s, and none of its secrets", async (name, config, scripts, message) => {
    const error = await findCredentials(REPOSITORY, environment(config, scripts)).catch((thrown: Error) => thrown);
    if (name === "a file that is a list") return expect(error).toBe(undefined);
    expect(error).toMatchObject({ code: "E_CREDENTIALS", message: expect.stringContaining(message) });
    if (!name.includes("path")) expect((error as Error).stack).not.toContain("s3cret");
    return undefined;
  });
});
