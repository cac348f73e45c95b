// SPDX-License-Identifier: Apache-2.0
/**
 * What the pages say of this repository is there: files, headings, scripts, subcommands with their options, reasons for dependencies.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { subcommands } from "../subcommands.ts";

const ROOT = join(import.meta.dirname, "../../..");
const FOLDERS = ["", "docs", "filter/as-proxy-wasm", "grafana", "istio"].map((folder) => join(ROOT, folder));
const PAGES = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .map((name) => ({
      name: join(folder, name).slice(ROOT.length + 1),
      text: readFileSync(join(folder, name), "utf8"),
    })),
);
const FENCE = /^```[^\n]*\n([\s\S]*?)^```/gm;
const PATH = /(?<![\w/.-])(?:bill|demo|docs|filter|grafana|installer|istio|loadgen|setup|test|view)\/[\w./-]+\.\w+\b/g;

const { scripts, dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

/** As GitHub names the anchors of headings. */
function anchorsOf(text: string): string[] {
  const headings = [...text.replace(FENCE, "").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function deadLinks(name: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = ""]) => to).filter((to) => !/^https?:/.test(to));
  return links.filter((to) => {
    const [path = "", anchor] = to.split("#");
    const file = path === "" ? name : normalize(join(dirname(name), path));
    if (!existsSync(join(ROOT, file))) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(join(ROOT, file), "utf8")).includes(anchor);
  });
}

/** Lines of code: in fences, and between backticks. */
function codeOf(text: string): string[] {
  const fenced = [...text.matchAll(FENCE)].flatMap(([, code = ""]) => code.replaceAll("\\\n", " ").split("\n"));
  const spans = [...text.replace(FENCE, "").matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code.replaceAll("\n", " "));
  return [...fenced, ...spans];
}

const COMMANDS = await subcommands();

/** Options in a line that calls a subcommand, which it does not have. */
function unknownOptions(line: string): string[] {
  const call = /(?:^|\bproxymeter )\s*([a-z]+)((?: .*)?)$/.exec(line.replace(/ (?:[|>#]|&&|-- ).*$/, ""));
  const command = COMMANDS.get(call?.[1] ?? "");
  if (command === undefined || call?.[2] === undefined) return [];
  const words = call[2].trim().split(/[\s=\][]+/);
  const below = command.commands.find((each) => each.name() === words[0]);
  const known = (below ?? command).options.flatMap(({ long, short }) => [long, short]);
  return words.filter((word) => /^--?[a-z][a-z-]*$/.test(word) && !known.includes(word) && word !== "--help");
}

describe.each(PAGES)("$name", ({ name, text }) => {
  it("links to files and headings that are there", () => {
    expect(deadLinks(name, text)).toEqual([]);
  });

  it("names files that are there", () => {
    const named = (text.match(PATH) ?? []).filter((path) => !/\b(NAME|FILE)\b/.test(path));
    const missing = named.filter((path) => !existsSync(join(ROOT, path)));
    expect(missing).toEqual([]);
  });

  it("names scripts that package.json has", () => {
    const named = [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, script = ""]) => script);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  it("calls subcommands with options that they have", () => {
    const wrong = codeOf(text).flatMap((line) => unknownOptions(line).map((option) => `${option} in: ${line}`));
    expect(wrong).toEqual([]);
  });

  it("calls subcommands that there are", () => {
    const called = codeOf(text).flatMap((line) => [...line.matchAll(/(?:^|\$ |\| )proxymeter ([a-z]+)\b/g)]);
    expect(called.map(([, sub = ""]) => sub).filter((sub) => !COMMANDS.has(sub))).toEqual([]);
  });
});

describe("CONTRIBUTING.md", () => {
  const page = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8");
  const names = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith("@types/"));

  it.each(names)("has a reason for the dependency %s", (name) => {
    expect(page).toMatch(new RegExp(`^\\|.*(?<![\\w/-])${name}(?![\\w/-]).*\\|.+\\|$`, "m"));
  });
});
