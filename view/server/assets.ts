// SPDX-License-Identifier: Apache-2.0
/**
 * The files of the page: its TypeScript as the JavaScript that browsers run, its style, the chart library, the first document.
 * Reads each once. A list made at the start decides what exists; no path of a request ever reaches the file system.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const VIEW = fileURLToPath(new URL("..", import.meta.url));
const JAVASCRIPT = "text/javascript; charset=utf-8";

export interface Asset {
  type: string;
  body: string | Buffer;
}

export interface Assets {
  /** By path, such as `/page/main.ts`. */
  find(path: string): Asset | undefined;
  /** base64 of the SHA-256 of the import map in the first document. */
  importMapHash: string;
}

/** The page's files as they are now. */
export function loadAssets(): Assets {
  const html = readFileSync(join(VIEW, "page", "index.html"), "utf8");
  const importMap = /<script type="importmap">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? "";
  const readers = new Map<string, () => Asset>([
    ["/", () => ({ type: "text/html; charset=utf-8", body: html })],
    [
      "/page/style.css",
      () => ({ type: "text/css; charset=utf-8", body: readFileSync(join(VIEW, "page", "style.css")) }),
    ],
    ["/page/icon.svg", () => ({ type: "image/svg+xml", body: readFileSync(join(VIEW, "page", "icon.svg")) })],
    ["/echarts.mjs", () => ({ type: JAVASCRIPT, body: readFileSync(echartsFile()) })],
    ...["page", "model"].flatMap(scriptReaders),
  ]);
  const read = new Map<string, Asset>();
  const find = (path: string) => {
    const asset = read.get(path) ?? readers.get(path)?.();
    if (asset !== undefined) read.set(path, asset);
    return asset;
  };
  return { find, importMapHash: createHash("sha256").update(importMap).digest("base64") };
}

function scriptReaders(folder: string): [string, () => Asset][] {
  const names = readdirSync(join(VIEW, folder), { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => [
      `/${folder}/${name}`,
      () => ({ type: JAVASCRIPT, body: withoutTypes(readFileSync(join(VIEW, folder, name), "utf8")) }),
    ]);
}

/** Node announces on stderr that this function may still change; who opens a page can't do anything about it. */
function withoutTypes(source: string): string {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}

function echartsFile(): string {
  const folder = dirname(createRequire(import.meta.url).resolve("echarts/package.json"));
  return join(folder, "dist", "echarts.esm.min.mjs");
}
