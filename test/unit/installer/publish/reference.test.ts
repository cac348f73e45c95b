// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about reading and printing image references: a table of each, and seeded noise.
 */
import { describe, expect, it } from "vitest";
import { ProxymeterError } from "../../../../installer/errors.ts";
import {
  formatReference,
  type ImageReference,
  isLoopback,
  parseReference,
  pinned,
} from "../../../../installer/publish/reference.ts";
import { type Random, seededRandom } from "../../../../loadgen/random.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const ROUNDS = 20_000;
const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

describe("parseReference", () => {
  it.each<[string, ImageReference]>([
    [
      "oci://registry.example/proxymeter:0.1.0",
      { registry: "registry.example", repository: "proxymeter", tag: "0.1.0" },
    ],
    ["registry.example/proxymeter", { registry: "registry.example", repository: "proxymeter" }],
    ["oci://localhost/a_b/c__d/e--f.g:T_1", { registry: "localhost", repository: "a_b/c__d/e--f.g", tag: "T_1" }],
    ["oci://host:5000/team/filter:v1", { registry: "host:5000", repository: "team/filter", tag: "v1" }],
    ["oci://[::1]:5000/filter", { registry: "[::1]:5000", repository: "filter" }],
    [`oci://127.0.0.1:65535/filter@${DIGEST}`, { registry: "127.0.0.1:65535", repository: "filter", digest: DIGEST }],
    [`oci://r.example/f2:t@${DIGEST}`, { registry: "r.example", repository: "f2", tag: "t", digest: DIGEST }],
  ])("reads %s, and prints it again", (text, want) => {
    expect(parseReference(text)).toEqual(want);
    expect(formatReference(want)).toBe(text.startsWith("oci://") ? text : `oci://${text}`);
  });

  it.each([
    ["", "no repository"],
    ["proxymeter:0.1.0", "no repository"],
    ["https://registry.example/proxymeter", 'scheme "https://"'],
    ["docker://registry.example/proxymeter", 'scheme "docker://"'],
    ["oci://team/proxymeter", 'registry "team"'],
    ["oci:///proxymeter", 'registry ""'],
    ["oci://-bad.example/proxymeter", 'registry "-bad.example"'],
    ["oci://registry.example:/proxymeter", 'port ""'],
    ["oci://registry.example:0/proxymeter", 'port "0"'],
    ["oci://registry.example:65536/proxymeter", 'port "65536"'],
    ["oci://registry.example/", 'repository ""'],
    ["oci://registry.example/Proxymeter", 'repository "Proxymeter"'],
    ["oci://registry.example/a//b", 'repository "a//b"'],
    ["oci://registry.example/../secret", 'repository "../secret"'],
    ["oci://registry.example/a?b=c", 'repository "a?b=c"'],
    ["oci://registry.example/p", "a repository of length 1 (expected 2 to 255 characters)"],
    [`oci://registry.example/${"p".repeat(256)}`, "a repository of length 256"],
    ["oci://registry.example/proxymeter:", 'tag ""'],
    ["oci://registry.example/proxymeter:.1", 'tag ".1"'],
    [`oci://registry.example/proxymeter:${"1".repeat(129)}`, 'tag "111'],
    ["oci://registry.example/proxymeter@sha256:abc", 'digest "sha256:abc"'],
    [`oci://registry.example/proxymeter@${DIGEST.toUpperCase()}`, 'digest "SHA256'],
    [`oci://registry.example/proxymeter@${DIGEST}@${DIGEST}`, 'more than one "@"'],
  ])("refuses %s", (text, found) => {
    const read = () => parseReference(text);
    expect(read).toThrow(ProxymeterError);
    expect(read).toThrow(found);
    expect(read).toThrow("cannot read the image reference");
  });

  it("refuses credentials in front of the host, and keeps them to itself", () => {
    const read = () => parseReference("oci://user:s3cret@registry.example/proxymeter");
    expect(read).toThrow('"oci://***@registry.example/proxymeter": credentials in front of the host');
    expect(read).not.toThrow("s3cret");
  });

  it(`reads back what it printed, and refuses the rest as a mistake of the user, for ${ROUNDS} random texts`, () => {
    const random = seededRandom(1, "references");
    const slots = [
      ["oci://", "", "https://", "oci:"],
      [
        "registry.example",
        "localhost",
        "[::1]",
        "127.0.0.1",
        "1.2.3.999",
        "[::::]",
        "team",
        "",
        "\u00e9.example",
        "u:p@h.example",
      ],
      ["", ":5000", ":", ":70000"],
      ["/", "", "//"],
      ["proxymeter", "team/a_b", "a", "Team", "../x", "a%20b", ""],
      ["", ":0.1.0", ":latest", ":", ":-1"],
      ["", `@${DIGEST}`, "@sha256:0", "@"],
    ];
    let read = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const text = slots.map(([usual = "", ...others]) => (random() < 0.6 ? usual : pick(random, others))).join("");
      const outcome = attempt(text);
      if (outcome instanceof Error) {
        expect(outcome).toMatchObject({ code: "E_REFERENCE", exitCode: 2 });
        continue;
      }
      read++;
      expect(parseReference(formatReference(outcome))).toEqual(outcome);
      expect(formatReference(outcome).replace(/^oci:\/\//, "")).toBe(text.replace(/^oci:\/\//, ""));
      expect(URL.canParse(`https://${outcome.registry}/v2/${outcome.repository}/`)).toBe(true);
    }
    expect(read).toBeGreaterThan(100);
    expect(read).toBeLessThan(ROUNDS / 2);
  });
});

describe("pinned", () => {
  it("names the digest and leaves out the tag, which may move", () => {
    expect(pinned(parseReference("oci://r.example/filter:latest"), DIGEST)).toBe(`oci://r.example/filter@${DIGEST}`);
  });
});

describe("isLoopback", () => {
  it.each(["localhost", "LOCALHOST:5000", "registry.localhost:5000", "127.0.0.1", "127.1.2.3:80", "[::1]:5000"])(
    "is true of %s",
    (registry) => expect(isLoopback(registry)).toBe(true),
  );

  it.each([
    "registry.example",
    "localhost.example",
    "127.0.0.1.example",
    "128.0.0.1",
    "10.0.0.1:5000",
    "[::2]",
    "0.0.0.0:1",
  ])("is false of %s", (registry) => expect(isLoopback(registry)).toBe(false));
});

function attempt(text: string): ImageReference | Error {
  try {
    return parseReference(text);
  } catch (error) {
    return error as Error;
  }
}
