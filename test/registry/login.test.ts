// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about logging in to Debian's docker-registry: by password, by tokens of a token server, by what credential helpers keep, over TLS.
 * No secret is in anything that is printed.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Teardown } from "../../demo/teardown.ts";
import { resolveDigest } from "../../installer/publish/resolve.ts";
import { makeAuthority } from "../../loadgen/certificate.ts";
import { REGISTRY } from "../cluster/debian.ts";
import { publishJson, runPublish } from "./command.ts";
import { type DockerRegistry, LOGIN, type RegistryOptions, startDockerRegistry } from "./docker-registry.ts";
import { provideOrSay } from "./programs.ts";
import { IDENTITY_TOKEN, startTokenServer, type TokenServer } from "./token-server.ts";

const provided = await provideOrSay(REGISTRY);
const lack = "lack" in provided ? ` (left out: ${provided.lack})` : "";
const teardown = new Teardown();
let folder: string;
let count = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "proxymeter-test-"));
  teardown.add(() => rmSync(folder, { recursive: true }));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => teardown.run());

async function start(options: RegistryOptions): Promise<DockerRegistry> {
  if (!("program" in provided)) throw new Error("got no docker-registry, want one");
  const registry = await startDockerRegistry(provided.program, options);
  teardown.add(() => registry.stop());
  return registry;
}

/** Makes this the docker configuration of the test. */
function useConfig(config: unknown): void {
  const place = join(folder, String(count++));
  mkdirSync(place);
  writeFileSync(join(place, "config.json"), JSON.stringify(config));
  vi.stubEnv("DOCKER_CONFIG", place);
}

/** Puts a credential helper on PATH that answers with this for one server, and knows no other. */
function useHelper(name: string, server: string, answer: { Username: string; Secret: string }): void {
  const bin = join(folder, `bin-${name}`);
  mkdirSync(bin, { recursive: true });
  const found = JSON.stringify({ ServerURL: server, ...answer });
  const script = `#!/bin/sh
read -r server
[ "$1" = get ] && [ "$server" = '${server}' ] && { echo '${found}'; exit 0; }
echo 'credentials not found in native keychain'
exit 1
`;
  const file = join(bin, `docker-credential-${name}`);
  writeFileSync(file, script);
  chmodSync(file, 0o755);
  vi.stubEnv("PATH", `${bin}:${process.env.PATH}`);
}

const base64 = (username: string, password: string) => Buffer.from(`${username}:${password}`).toString("base64");
const AUTH = base64(LOGIN.username, LOGIN.password);

/** The error of a command that must fail, and that everything it says keeps these to itself. */
async function failure(target: string, ...secrets: string[]): Promise<{ code: string; message: string; hint: string }> {
  const error = await runPublish([target]).then(
    ({ stdout }) => Promise.reject(new Error(`got ${stdout}, want an error`)),
    (thrown: Error & { code: string; hint: string }) => thrown,
  );
  for (const secret of secrets) expect(`${error.stack} ${error.hint}`).not.toContain(secret);
  return error;
}

describe.skipIf(lack !== "")(`a registry that asks for a password${lack}`, () => {
  let target: string;
  let host: string;
  beforeAll(async () => {
    ({ host } = await start({ auth: "password" }));
    target = `oci://${host}/team/proxymeter:1`;
  });

  it.each([
    ["the registry's name", (server: string) => server],
    ["its address", (server: string) => `https://${server}/v2/`],
    ["a folder of repositories", (server: string) => `${server}/team`],
  ])("takes the password that the docker configuration has under %s", async (_name, keyOf) => {
    useConfig({ auths: { [keyOf(host)]: { auth: AUTH }, "other.example": { auth: base64("someone", "else") } } });
    const { url, digest } = await publishJson(target);
    expect(await resolveDigest(url)).toBe(digest);
  });

  it("takes the password that a helper for this registry has", async () => {
    useHelper("one", host, { Username: LOGIN.username, Secret: LOGIN.password });
    useConfig({ credHelpers: { [host]: "one" }, auths: { [host]: {} } });
    expect(await resolveDigest(target)).toMatch(/^sha256:/);
  });

  it("takes the password that the helper for all registries has", async () => {
    useHelper("all", host, { Username: LOGIN.username, Secret: LOGIN.password });
    useConfig({ credsStore: "all" });
    expect(await resolveDigest(target)).toMatch(/^sha256:/);
  });

  it("takes the configuration's own password when the helper has none", async () => {
    useHelper("empty", "other.example", { Username: "someone", Secret: "else" });
    useConfig({ credsStore: "empty", auths: { [host]: { auth: AUTH } } });
    expect(await resolveDigest(target)).toMatch(/^sha256:/);
  });

  it("is refused a wrong password in words that keep it secret", async () => {
    const auth = base64(LOGIN.username, "wr0ng");
    useConfig({ auths: { [host]: { auth } } });
    const error = await failure(target, "wr0ng", auth);
    expect(error.code).toBe("E_REGISTRY_AUTH");
    expect(error.message).toContain("answered 401");
    expect(error.hint).toContain(`docker login ${host}`);
  });

  it("names the docker configuration when that has no password for it", async () => {
    useConfig({});
    expect((await failure(target)).message).toContain("the docker configuration has none for it");
  });
});

describe.skipIf(lack !== "")(`a registry that sends to a token server${lack}`, () => {
  let tokens: TokenServer;
  let host: string;
  beforeAll(async () => {
    tokens = await startTokenServer();
    teardown.add(() => tokens.close());
    ({ host } = await start({ auth: tokens.auth }));
  });

  it("is pushed to with one token for pull and push, got by password", async () => {
    useConfig({ auths: { [host]: { auth: AUTH } } });
    const { url, digest } = await publishJson(`oci://${host}/one:1`);
    expect(tokens.asked()).toEqual([`GET ${LOGIN.username} repository:one:pull,push`]);
    expect(await resolveDigest(url)).toBe(digest);
    expect(tokens.asked().slice(1)).toEqual([`GET ${LOGIN.username} repository:one:pull`]);
  });

  it.each([
    [
      "the configuration",
      () => useConfig({ auths: { [host]: { auth: base64("<token>", ""), identitytoken: IDENTITY_TOKEN } } }),
    ],
    [
      "a helper",
      () => {
        useHelper("identity", host, { Username: "<token>", Secret: IDENTITY_TOKEN });
        useConfig({ credsStore: "identity" });
      },
    ],
  ])("is pushed to with an identity token from %s", async (name, use) => {
    use();
    const repository = name.replace(" ", "-").replace("the-", "");
    await publishJson(`oci://${host}/${repository}:1`);
    expect(tokens.asked().at(-1)).toBe(`POST identity repository:${repository}:pull,push`);
  });

  it.each([
    ["password", { auth: base64(LOGIN.username, "wr0ng") }, "wr0ng"],
    ["identity token", { identitytoken: "wr0ng-identity" }, "wr0ng-identity"],
  ])("is refused a wrong %s in words that keep it secret", async (_name, entry, secret) => {
    useConfig({ auths: { [host]: entry } });
    const error = await failure(`oci://${host}/two:1`, secret, Object.values(entry).join(""));
    expect(error.code).toBe("E_REGISTRY_AUTH");
    expect(error.message).toContain("answered 401 to the credentials of the docker configuration");
  });
});

describe.skipIf(lack !== "")(`a registry with a certificate of its own${lack}`, () => {
  let host: string;
  let root: string;
  beforeAll(async () => {
    const authority = await makeAuthority();
    root = authority.pem;
    ({ host } = await start({ tls: await authority.issue(["127.0.0.1"]) }));
    useConfig({});
  });

  it("is not pushed to while its root is unknown, not even with --insecure", async () => {
    const error = await failure(`oci://${host}/one:1`);
    expect(error).toMatchObject({ code: "E_REGISTRY", hint: expect.stringContaining("NODE_EXTRA_CA_CERTS") });
    await expect(runPublish([`oci://${host}/one:1`, "--insecure"])).rejects.toMatchObject({ code: "E_REGISTRY" });
  });

  it("is pushed to by HTTPS when its root is known", async () => {
    const usual = tls.getCACertificates("default");
    tls.setDefaultCACertificates([...usual, root]);
    try {
      const { url, digest } = await publishJson(`oci://${host}/one:1`);
      expect(await resolveDigest(url)).toBe(digest);
    } finally {
      tls.setDefaultCACertificates(usual);
    }
  });
});
