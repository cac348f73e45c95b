// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about talking to registries that are overloaded, move, mislead or are not there: what is repeated, where credentials go, and
 * that no secret is told.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../../../demo/process/port.ts";
import { Teardown } from "../../../../demo/teardown.ts";
import { ProxymeterError } from "../../../../installer/errors.ts";
import { resolveLocation } from "../../../../installer/publish/http.ts";
import { buildImage, digestOf } from "../../../../installer/publish/image.ts";
import { pushImage } from "../../../../installer/publish/push.ts";
import { parseReference } from "../../../../installer/publish/reference.ts";
import { isReachable, resolveDigest } from "../../../../installer/publish/resolve.ts";
import type { RegistryOptions } from "../../../../installer/publish/session.ts";
import { type Heard, type Say, type ScriptedRegistry, startScripted } from "./scripted-registry.ts";

const DIGEST = `sha256:${"ab".repeat(32)}`;
const SECRET = "s3cret-password";
const BASIC = `Basic ${Buffer.from(`crawl:${SECRET}`).toString("base64")}`;
const IMAGE = buildImage(Buffer.from("\0asm\x01\0\0\0", "latin1"), "artifact");
const found: Say = [200, { "docker-content-digest": DIGEST }];

const files = new Teardown();
const servers: ScriptedRegistry[] = [];
let empty: string;
let options: RegistryOptions;

beforeAll(() => {
  empty = mkdtempSync(join(tmpdir(), "proxymeter-test-"));
  files.add(() => rmSync(empty, { recursive: true }));
  options = { waitsMs: [1, 1, 1], env: { DOCKER_CONFIG: empty } };
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(() => files.run());

async function start(answer: (heard: Heard, count: number) => Say): Promise<ScriptedRegistry> {
  const server = await startScripted(answer);
  servers.push(server);
  return server;
}

/** Options with a docker configuration that has a password for this registry. */
function withPassword({ host }: ScriptedRegistry): RegistryOptions {
  const folder = mkdtempSync(join(empty, "config-"));
  const auth = Buffer.from(`crawl:${SECRET}`).toString("base64");
  writeFileSync(join(folder, "config.json"), JSON.stringify({ auths: { [host]: { auth } } }));
  return { ...options, env: { DOCKER_CONFIG: folder } };
}

const push = ({ host }: ScriptedRegistry, more = options) =>
  pushImage(IMAGE, parseReference(`oci://${host}/proxymeter:1`), more);

/** A registry that takes everything, but for what `first` answers. */
function takesAll(first: (heard: Heard, count: number) => Say | "usual"): (heard: Heard, count: number) => Say {
  return (heard, count) => {
    const said = first(heard, count);
    if (said !== "usual") return said;
    if (heard.method === "POST") return [202, { location: "/upload?state=signed%2Bkey" }];
    return heard.method === "PUT" ? [201] : [404];
  };
}

describe("resolveDigest", () => {
  it("takes the digest that the registry names", async () => {
    const { host, heard } = await start(() => found);
    expect(await resolveDigest(`oci://${host}/proxymeter:1`, options)).toBe(DIGEST);
    expect(heard.map(({ method, path }) => `${method} ${path}`)).toEqual(["HEAD /v2/proxymeter/manifests/1"]);
  });

  it.each<[string, Say]>([
    ["does not know HEAD", [405]],
    ["names no digest", [200]],
    ["names no digest of ours", [200, { "docker-content-digest": "sha512:abc" }]],
  ])("takes the digest of the manifest itself from a registry that %s", async (_name, head) => {
    const { host } = await start(({ method }) => (method === "HEAD" ? head : [200, {}, "{}"]));
    expect(await resolveDigest(`oci://${host}/proxymeter`, options)).toBe(digestOf(Buffer.from("{}")));
  });

  it("waits for a registry that is overloaded, as long as it says, and tells so", async () => {
    const { host } = await start((_heard, count) => (count < 3 ? [429, { "retry-after": "0" }] : found));
    const told: string[] = [];
    expect(await resolveDigest(`oci://${host}/proxymeter:1`, { ...options, notify: (line) => told.push(line) })).toBe(
      DIGEST,
    );
    expect(told).toEqual(Array(2).fill("the registry answered 429; asking again in 0.0 s"));
  });

  it("does not wait for a registry that asks for an hour", async () => {
    const { host, heard } = await start(() => [429, { "retry-after": "3600" }]);
    await expect(resolveDigest(`oci://${host}/proxymeter:1`, options)).rejects.toMatchObject({ code: "E_REGISTRY" });
    expect(heard).toHaveLength(1);
  });

  it("asks again when the connection broke", async () => {
    const { host } = await start((_heard, count) => (count === 1 ? undefined : found));
    expect(await resolveDigest(`oci://${host}/proxymeter:1`, options)).toBe(DIGEST);
  });

  it("ends at once when it is interrupted, with the reason", async () => {
    const control = new AbortController();
    const reason = new ProxymeterError("E_INTERRUPTED", "stop", "");
    const { host } = await start(() => [503]);
    const patient = {
      ...options,
      waitsMs: [60_000],
      signal: control.signal,
      notify: () => control.abort(reason),
    };
    await expect(resolveDigest(`oci://${host}/proxymeter:1`, patient)).rejects.toThrow("stop");
    await expect(isReachable(`oci://${host}/proxymeter:1`, patient)).rejects.toThrow("stop");
  });

  it("says of a registry that is not there what was tried", async () => {
    const reference = `oci://127.0.0.1:${await freePort()}/proxymeter:1`;
    await expect(resolveDigest(reference, options)).rejects.toMatchObject({
      code: "E_REGISTRY",
      message: expect.stringMatching(
        /^cannot reach the registry "127\.0\.0\.1:\d+": ECONNREFUSED \(expected an answer\)$/,
      ),
    });
    expect(await isReachable(reference, options)).toBe(false);
  });
});

describe("plain HTTP", () => {
  // The system takes 0.0.0.0 for this machine, and nobody's rules call it loopback.
  const elsewhere = ({ host }: ScriptedRegistry) => `oci://${host.replace("127.0.0.1", "0.0.0.0")}/proxymeter:1`;

  it("is not spoken to another machine, which gets no request at all", async () => {
    const server = await start(() => found);
    await expect(resolveDigest(elsewhere(server), options)).rejects.toMatchObject({
      code: "E_REGISTRY",
      hint: expect.stringContaining("--insecure"),
    });
    expect(server.heard).toEqual([]);
  });

  it("is spoken to another machine when that was accepted", async () => {
    const server = await start(() => found);
    expect(await resolveDigest(elsewhere(server), { ...options, insecure: true })).toBe(DIGEST);
  });
});

describe("a push", () => {
  it("begins an upload anew when it broke, keeps signed addresses as they are, and puts the manifest last", async () => {
    let broken = 0;
    const server = await start(
      takesAll(({ method, path }) =>
        method === "PUT" && path.startsWith("/upload") && broken++ === 0 ? undefined : "usual",
      ),
    );
    const { uploadedBytes, size } = await push(server);
    expect(uploadedBytes).toBe(size);
    const puts = server.heard.filter(({ method }) => method === "PUT").map(({ path }) => path);
    const [runtime, module] = IMAGE.blobs.map(
      ({ digest }) => `/upload?state=signed%2Bkey&digest=${encodeURIComponent(digest)}`,
    );
    expect(puts).toEqual([runtime, runtime, module, "/v2/proxymeter/manifests/1"]);
    expect(server.heard.filter(({ method }) => method === "POST")).toHaveLength(3);
    expect(server.heard.at(-1)?.body).toBe(IMAGE.manifest.bytes.toString());
  });

  it("sends no manifest when a blob is refused, and says why", async () => {
    const denied = JSON.stringify({ errors: [{ code: "DENIED", message: "quota\u001b[31m exceeded" }] });
    const server = await start(takesAll(({ method }) => (method === "POST" ? [403, {}, denied] : "usual")));
    await expect(push(server)).rejects.toMatchObject({
      code: "E_REGISTRY_AUTH",
      message: expect.stringContaining("answered 403 (DENIED, quota [31m exceeded) (expected 201)"),
    });
    expect(server.heard.some(({ path }) => path.includes("manifests"))).toBe(false);
  });

  it("fails when the registry stored another manifest", async () => {
    const other = { "docker-content-digest": DIGEST };
    const server = await start(
      takesAll(({ method, path }) => (method === "PUT" && path.includes("manifests") ? [201, other] : "usual")),
    );
    await expect(push(server)).rejects.toMatchObject({ code: "E_REGISTRY", message: expect.stringContaining(DIGEST) });
  });
});

describe("credentials", () => {
  const asks: Say = [401, { "www-authenticate": 'Basic realm="test"' }];

  it("are sent when asked for, and not to the place that the registry redirects to", async () => {
    const storage = await start(() => found);
    const server = await start(({ authorization }) =>
      authorization === BASIC ? [307, { location: `${storage.origin}/signed` }] : asks,
    );
    expect(await resolveDigest(`oci://${server.host}/proxymeter:1`, withPassword(server))).toBe(DIGEST);
    expect(storage.heard.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it("are not sent to the place that uploads go to, when that is another, nor when it asks", async () => {
    const storage: ScriptedRegistry = await start(() => [
      401,
      { "www-authenticate": `Bearer realm="${storage.origin}/token"` },
    ]);
    const server = await start((heard, count) =>
      heard.authorization === BASIC
        ? takesAll(({ method }) => (method === "POST" ? [202, { location: `${storage.origin}/upload` }] : "usual"))(
            heard,
            count,
          )
        : asks,
    );
    await expect(push(server, withPassword(server))).rejects.toMatchObject({ code: "E_REGISTRY_AUTH" });
    expect(storage.heard.map(({ method, authorization }) => [method, authorization])).toEqual([["PUT", undefined]]);
  });

  it("are never sent from HTTPS to plain HTTP", () => {
    const base = new URL("https://registry.example/v2/");
    expect(() => resolveLocation("http://other.example/upload?key=1", base)).toThrow(
      "a redirect from HTTPS to plain http://other.example (expected HTTPS all the way)",
    );
    expect(() => resolveLocation("ftp://registry.example/", base)).toThrow("a redirect to no web address");
    // A proxy that ends TLS hides it from the registry behind it.
    expect(resolveLocation("http://registry.example/upload?key=1", base).href).toBe(
      "https://registry.example/upload?key=1",
    );
    expect(resolveLocation("upload?key=1", base).href).toBe("https://registry.example/v2/upload?key=1");
  });

  it("are in no error, even when the registry repeats them", async () => {
    const echo = JSON.stringify({ errors: [{ code: "DENIED", message: `no ${SECRET}, no ${BASIC}` }] });
    const server = await start(({ method, authorization }) => {
      if (authorization !== BASIC) return asks;
      return method === "HEAD" ? [404] : [403, {}, echo];
    });
    const error = await push(server, withPassword(server)).catch((thrown: Error & { hint: string }) => thrown);
    expect(error).toMatchObject({ code: "E_REGISTRY_AUTH", message: expect.stringContaining("no ***, no Basic ***") });
    expect(JSON.stringify([error, (error as Error).stack])).not.toContain(SECRET);
  });

  it("are exchanged for another token when one has run out", async () => {
    let tokens = 0;
    let uses = 0;
    const server = await start((heard, count) => {
      const challenge = { "www-authenticate": `Bearer realm="${server.origin}/token",service="test"` };
      if (heard.path.startsWith("/token")) {
        uses = 0;
        return [200, {}, JSON.stringify({ token: `token-${++tokens}` })];
      }
      const isValid = heard.authorization === `Bearer token-${tokens}` && uses++ < 2;
      return isValid ? takesAll(() => "usual")(heard, count) : [401, challenge];
    });
    await push(server);
    expect(tokens).toBe(4);
  });

  it.each([
    ["a password", "Basic", 2],
    ["a token", "Bearer", 3],
  ])("are not tried again and again when %s is refused", async (_name, scheme, requests) => {
    const server = await start(({ path }) => {
      const challenge = `${scheme} realm="${server.origin}/token"`;
      return path.startsWith("/token") ? [200, {}, '{"token":"t"}'] : [401, { "www-authenticate": challenge }];
    });
    const resolving = resolveDigest(`oci://${server.host}/proxymeter:1`, withPassword(server));
    await expect(resolving).rejects.toMatchObject({ code: "E_REGISTRY_AUTH" });
    expect(server.heard).toHaveLength(requests);
  });
});

describe("redirects", () => {
  it("are followed to their end, and not for ever", async () => {
    const near = await start(({ path }) => (path.endsWith("/3") ? found : [302, { location: `${path}/3` }]));
    expect(await resolveDigest(`oci://${near.host}/proxymeter:1`, options)).toBe(DIGEST);
    const round = await start(({ path }) => [302, { location: path }]);
    await expect(resolveDigest(`oci://${round.host}/proxymeter:1`, options)).rejects.toThrow("more than 5 redirects");
  });

  it("that keep the method keep the body, too", async () => {
    const storage = await start(takesAll(() => "usual"));
    const server = await start(
      takesAll(({ method, path }) =>
        method === "PUT" && path.startsWith("/upload") ? [307, { location: storage.origin + path }] : "usual",
      ),
    );
    await push(server);
    const contents = IMAGE.blobs.map(({ bytes }) => bytes.toString("latin1"));
    expect(storage.heard.map(({ method, body }) => [method, body])).toEqual(contents.map((body) => ["PUT", body]));
  });
});
