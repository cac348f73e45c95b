// SPDX-License-Identifier: Apache-2.0
/**
 * The rules of the house that a machine can check: who may import whom, how files open, how long they are, and that the
 * map in ARCHITECTURE.md is whole. Style that needs judgement is in CONTRIBUTING.md.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import * as contract from "../../../filter/core/contract.ts";
import { sourceMap, writtenMap } from "./map.ts";

const ROOT = join(import.meta.dirname, "../../..");
const SOURCES = ["filter", "installer", "demo", "loadgen", "grafana", "bill", "view", "setup", "test"];
const LONGEST_SOURCE = 300;
const LONGEST_TEST = 400;

const CONTRACT = /^filter\/core\/(contract|stat-tags|relabel|access-log)\.ts$/;

/** Per folder, the first match wins: what it may import of ours, and whether it may import packages and node. */
const RULES: readonly { from: RegExp; ours: RegExp; packages: RegExp }[] = [
  { from: /^filter\/core\//, ours: /^filter\/core\//, packages: /^$/ },
  { from: /^filter\/as-proxy-wasm\//, ours: /^filter\/as-proxy-wasm\//, packages: /^$/ },
  { from: /^filter\//, ours: /^filter\//, packages: /^$/ },
  { from: /^loadgen\//, ours: /^loadgen\//, packages: /./ },
  { from: /^setup\//, ours: /^setup\//, packages: /^node:/ },
  { from: /^grafana\//, ours: new RegExp(`^grafana/|${CONTRACT.source}`), packages: /./ },
  { from: /^bill\//, ours: new RegExp(`^bill/|${CONTRACT.source}`), packages: /./ },
  { from: /^view\//, ours: new RegExp(`^view/|${CONTRACT.source}`), packages: /./ },
  { from: /^demo\//, ours: new RegExp(`^demo/|^loadgen/|^view/|${CONTRACT.source}`), packages: /./ },
  { from: /^installer\/main\.ts$/, ours: /^(?!test\/)/, packages: /./ },
  {
    from: /^installer\/commands\//,
    ours: new RegExp(`^installer/|^bill/|^view/|^grafana/|${CONTRACT.source}`),
    packages: /./,
  },
  { from: /^installer\//, ours: new RegExp(`^installer/|${CONTRACT.source}`), packages: /./ },
  { from: /^test\//, ours: /./, packages: /./ },
];

function listFiles(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((name) => /\.(ts|mjs)$/.test(name) && !name.includes("/node_modules/"))
    .sort();
}

const files = SOURCES.flatMap(listFiles).map((name) => ({ name, text: readFileSync(join(ROOT, name), "utf8") }));

function importsOf(name: string, text: string): string[] {
  const found = [
    ...text.matchAll(/^\s*(?:import|export)\b[^"';]*?from\s+"([^"]+)"/gm),
    ...text.matchAll(/import\("([^"]+)"\)/g),
  ];
  return found.map(([, to = ""]) => (to.startsWith(".") ? normalize(join(dirname(name), to)) : to));
}

function allowed(name: string, to: string): boolean {
  const rule = RULES.find(({ from }) => from.test(name));
  if (rule === undefined) return false;
  return /\.(ts|mjs|json)$/.test(to) && !to.startsWith("node:") ? rule.ours.test(to) : rule.packages.test(to);
}

describe("every source file", () => {
  it.each(files.map(({ name, text }) => [name, text]))("%s imports only what its folder may", (name, text) => {
    expect(importsOf(name, text).filter((to) => !allowed(name, to))).toEqual([]);
  });

  it.each(files.map(({ name, text }) => [name, text]))("%s opens with its licence and what it owns", (_name, text) => {
    expect(text.replace(/^#!.*\n/, "")).toMatch(/^\/\/ SPDX-License-Identifier: Apache-2\.0\n\/\*\*\n \* \S/);
  });

  it.each(files.map(({ name, text }) => [name, text]))("%s is short enough to read", (name, text) => {
    expect(text.split("\n").length).toBeLessThanOrEqual(name.startsWith("test/") ? LONGEST_TEST : LONGEST_SOURCE);
  });

  it.each(files.map(({ name }) => [name]))("%s has a name that says what it is", (name) => {
    expect(name).not.toMatch(/(^|\/)(utils?|helpers?|common|misc)\.(ts|mjs)$/);
  });
});

describe("the filter's core", () => {
  const core = files.filter(({ name }) => /^filter\/core\/(?!relabel|stat-tags|access-log|portable)/.test(name));

  it.each(core.map(({ name, text }) => [name, text]))("%s keeps to the portable subset", (_name, text) => {
    const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
    const forbidden =
      /\b(try|throw|async|await|undefined|any|enum|new|typeof)\b|\?\.|\?\?|=>|\.\.\.|import type|for \(const \w+ of/;
    expect(code.match(forbidden)?.[0]).toBeUndefined();
  });
});

describe("ARCHITECTURE.md", () => {
  it("maps every source file by the first sentence of its head (npm run map writes it)", () => {
    expect(writtenMap()).toBe(sourceMap());
  });
});

describe("docs/metrics.md", () => {
  const page = readFileSync(join(ROOT, "docs/metrics.md"), "utf8");
  const names = Object.entries(contract)
    .filter(([key, value]) => key.startsWith("LABEL_") || value.startsWith("proxymeter_"))
    .filter(([key]) => !/^(STATE|ROOT|REQUESTS_BUILTIN)/.test(key))
    .map(([, value]) => value);

  it.each(names)("explains %s", (name) => {
    expect(page).toContain(name);
  });
});
