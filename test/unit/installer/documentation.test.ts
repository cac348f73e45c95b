// SPDX-License-Identifier: Apache-2.0
/**
 * Addresses of the documentation in messages: each leads to a page, and the package brings the pages.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { documentation } from "../../../installer/documentation.ts";

const ROOT = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");
const pages = globSync("{installer,bill,view,grafana}/**/*.ts", { cwd: fileURLToPath(ROOT) }).flatMap((path) =>
  [...read(path).matchAll(/\bdocumentation\("([^"]+)"/g)].map(([, page = ""]): [string, string] => [page, path]),
);

describe("documentation", () => {
  it("is named by messages", () => expect(pages.length).toBeGreaterThan(5));

  it.each(pages)("has the page %s that %s names", (page) => {
    expect(existsSync(fileURLToPath(documentation(page)))).toBe(true);
  });

  it("is an address that can be opened from anywhere, whatever folder the program is called in", () => {
    expect(documentation("checks.md", "istio-found")).toBe(new URL("docs/checks.md#istio-found", ROOT).href);
  });

  it("comes with the package: nothing leaves docs/ out of it", () => {
    const { files = ["docs"] } = JSON.parse(read("package.json")) as { files?: string[] };
    expect(files.join()).toContain("docs");
    expect(existsSync(new URL(".npmignore", ROOT))).toBe(false);
    expect(read(".gitignore")).not.toMatch(/^\/?docs/m);
  });
});
