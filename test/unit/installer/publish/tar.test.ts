// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about archives: every byte is decided by the files, and other programs read them.
 */
import { execFileSync } from "node:child_process";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { digestOf } from "../../../../installer/publish/image.ts";
import { gzipStored, tar } from "../../../../installer/publish/tar.ts";
import { seededRandom } from "../../../../loadgen/random.ts";

const STORED = 65_535;
const noise = (length: number) => {
  const random = seededRandom(length, "archives");
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
};

describe("tar", () => {
  it("has these bytes, on every machine and for ever", () => {
    const archive = tar([{ name: "plugin.wasm", bytes: Buffer.from("module") }]);
    expect(archive.length).toBe(4 * 512);
    expect(digestOf(archive)).toBe("sha256:8c98aca3a5b11069b9a7367d14d59a1d267f560f20364b8960b271b98391e572");
  });

  it.each([0, 1, 511, 512, 513, 100_000])("is read by tar with a file of %i bytes", (length) => {
    const bytes = noise(length);
    const archive = tar([{ name: "plugin.wasm", bytes }]);
    expect(archive.length % 512).toBe(0);
    const input = { input: archive, maxBuffer: 1e6 };
    expect(execFileSync("tar", ["-xOf", "-", "plugin.wasm"], input).equals(bytes)).toBe(true);
    const listed = execFileSync("tar", ["--utc", "--full-time", "--numeric-owner", "-tvf", "-"], input).toString();
    expect(listed).toMatch(new RegExp(`^-rw-r--r-- 0/0 +${length} 1970-01-01 00:00:00 plugin\\.wasm\\n$`));
  });

  it("keeps several files in the order given", () => {
    const archive = tar(["b", "a"].map((name) => ({ name, bytes: Buffer.from(name) })));
    expect(execFileSync("tar", ["-tf", "-"], { input: archive }).toString()).toBe("b\na\n");
  });

  it.each(["", "é", "a b", "a".repeat(101)])('refuses the name "%s", which has no place in the header', (name) => {
    expect(() => tar([{ name, bytes: Buffer.alloc(0) }])).toThrow(RangeError);
  });
});

describe("gzipStored", () => {
  it.each([0, 1, STORED - 1, STORED, STORED + 1, 2 * STORED, 200_000])(
    "is read back by zlib and gzip with %i bytes",
    (length) => {
      const bytes = noise(length);
      const packed = gzipStored(bytes);
      expect(gunzipSync(packed).equals(bytes)).toBe(true);
      expect(execFileSync("gzip", ["-dc"], { input: packed, maxBuffer: 1e6 }).equals(bytes)).toBe(true);
      expect(packed.length).toBe(length + 18 + 5 * Math.max(1, Math.ceil(length / STORED)));
    },
  );

  it("has no time and no system in its header", () => {
    expect(gzipStored(Buffer.from("x")).subarray(0, 10).toString("hex")).toBe("1f8b08000000000000ff");
  });
});
