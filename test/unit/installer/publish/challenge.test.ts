// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about reading WWW-Authenticate, and about what may be answered: what registries send, what they may send, and noise.
 */
import { Agent } from "undici";
import { describe, expect, it } from "vitest";
import { chooseChallenge, parseChallenges } from "../../../../installer/publish/challenge.ts";
import { authorize } from "../../../../installer/publish/token.ts";
import { seededRandom } from "../../../../loadgen/random.ts";

const read = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe("parseChallenges", () => {
  it.each<[string, unknown[]]>([
    [
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
      [
        [
          "bearer",
          { realm: "https://auth.example/token", service: "registry.example", scope: "repository:a/b:pull,push" },
        ],
      ],
    ],
    ['Basic realm="Registry Realm"', [["basic", { realm: "Registry Realm" }]]],
    ["BASIC  Realm = plain", [["basic", { realm: "plain" }]]],
    ['Bearer realm="a\\"b,c=d"', [["bearer", { realm: 'a"b,c=d' }]]],
    [
      'Negotiate, Basic realm="x", Bearer realm="y"',
      [
        ["negotiate", {}],
        ["basic", { realm: "x" }],
        ["bearer", { realm: "y" }],
      ],
    ],
    ["", []],
    [",, ,", []],
    ['realm="no scheme"', []],
    [
      'Bearer realm="unfinished',
      [
        ["bearer", {}],
        ["realm", {}],
      ].slice(0, 1),
    ],
  ])("reads %s", (header, want) => expect(read(header)).toEqual(want));

  it("ends with any text", () => {
    const random = seededRandom(1, "challenges");
    const pieces = ["Bearer", "Basic", " ", ",", "=", '"', "\\", "realm", "https://a.example", "\u0000", "é"];
    for (let round = 0; round < 20_000; round++) {
      const text = Array.from(
        { length: Math.floor(random() * 12) },
        () => pieces[Math.floor(random() * pieces.length)],
      ).join("");
      for (const { scheme } of parseChallenges(text)) expect(scheme).toMatch(/^[a-z]+$/);
    }
  });
});

describe("chooseChallenge", () => {
  it.each([
    ['Basic realm="x", Bearer realm="y"', "bearer"],
    ['Bearer service="no realm", Basic realm="x"', "basic"],
    ["Negotiate", undefined],
    ["", undefined],
  ])("of %s is %s", (header, scheme) => expect(chooseChallenge(parseChallenges(header))?.scheme).toBe(scheme));
});

describe("authorize", () => {
  const access = (isPlain: boolean) => ({
    scope: "repository:team/proxymeter:pull",
    credentials: { kind: "password" as const, username: "crawl", password: "s3cret" },
    dispatcher: new Agent(),
    isPlain,
    patience: { waitsMs: [] },
    registry: "registry.example",
  });
  const asked = (realm: string) => ({ scheme: "bearer", parameters: new Map([["realm", realm]]) });

  it.each([
    ["plain HTTP for a registry that speaks HTTPS", "http://127.0.0.1:1/token", false, "plain http://127.0.0.1:1"],
    ["another protocol", "ftp://registry.example/token", true, "plain ftp://registry.example"],
    ["no address", "token", true, "no address"],
  ])("goes to no token server by %s", async (_name, realm, isPlain, found) => {
    await expect(authorize(asked(realm), access(isPlain))).rejects.toMatchObject({
      code: "E_REGISTRY_AUTH",
      message: expect.stringContaining(`it names ${found} as its token server`),
    });
  });

  it("answers Basic with username and password, and with nothing else", async () => {
    const basic = { scheme: "basic", parameters: new Map<string, string>() };
    expect(await authorize(basic, access(false))).toBe(`Basic ${Buffer.from("crawl:s3cret").toString("base64")}`);
    const identity = { ...access(false), credentials: { kind: "identity" as const, token: "id" } };
    await expect(authorize(basic, identity)).rejects.toMatchObject({ code: "E_REGISTRY_AUTH" });
  });

  it("sends a registry's own token as it is", async () => {
    const ready = { ...access(false), credentials: { kind: "registry" as const, token: "ready" } };
    expect(await authorize(asked("https://auth.example/token"), ready)).toBe("Bearer ready");
  });
});
