// SPDX-License-Identifier: Apache-2.0
/**
 * The map of the sources in ARCHITECTURE.md: every file with the first sentence of its head, folder by folder.
 * Run as a script (`npm run map`) it writes the map; the house test compares.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");
const FOLDERS = ["filter", "installer", "demo", "loadgen", "grafana", "bill", "view", "setup"];
const PAGE = join(ROOT, "ARCHITECTURE.md");
const BETWEEN = /(<!-- map: npm run map -->\n)[\s\S]*(<!-- end of map -->)/;

/** Files below a folder that belong to the sources. */
export function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((name) => /\.(ts|mjs)$/.test(name) && !name.includes("node_modules"))
    .sort();
}

/** First sentence of a file's head, on one line. */
function firstSentence(name: string): string {
  const head = /\/\*\*([\s\S]*?)\*\//.exec(readFileSync(join(ROOT, name), "utf8"))?.[1] ?? "";
  const text = head.replace(/\n\s*\* ?/g, " ").trim();
  return /^.*?[.:](?= [A-Z]|$)/.exec(text)?.[0].replace(/:$/, ".") ?? text;
}

/** The map as it should be. */
export function sourceMap(): string {
  const files = FOLDERS.flatMap(sourceFiles);
  const folders = [...new Set(files.map((name) => dirname(name)))];
  return folders
    .map((folder) => {
      const rows = files
        .filter((name) => dirname(name) === folder)
        .map((name) => `| \`${name}\` | ${firstSentence(name)} |`);
      return `### ${folder}/\n\n| file | owns |\n|---|---|\n${rows.join("\n")}\n`;
    })
    .join("\n");
}

/** The map as it stands in ARCHITECTURE.md. */
export function writtenMap(): string {
  return (BETWEEN.exec(readFileSync(PAGE, "utf8"))?.[0] ?? "")
    .replace(/^.*\n\n?/, "")
    .replace(/<!-- end of map -->$/, "");
}

if (import.meta.main) {
  const page = readFileSync(PAGE, "utf8");
  writeFileSync(
    PAGE,
    page.replace(BETWEEN, (_all, start: string, end: string) => `${start}\n${sourceMap()}${end}`),
  );
}
