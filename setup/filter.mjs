// SPDX-License-Identifier: Apache-2.0
/**
 * The compiled filter, build/filter.wasm, and what else asconfig.json has as targets; rebuilt when the sources, the build script or the
 * compiler change. How they are compiled is the business of the `build:filter` script.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";
import { run } from "./run.mjs";

const STAMP = join(ROOT, "build", "filter.stamp");
const SOURCE_FOLDERS = ["filter", join("test", "core")];

export const filter = {
  title: "the filter (build/filter.wasm)",

  isReady() {
    const files = [STAMP, ...moduleFiles()];
    return files.every((file) => existsSync(file)) && readFileSync(STAMP, "utf8") === sourceHash();
  },

  async make() {
    const hash = sourceHash();
    mkdirSync(join(ROOT, "build"), { recursive: true });
    await run("npm", ["run", "--silent", "build:filter"], { cwd: ROOT, hint: "see the compiler's message above" });
    writeFileSync(STAMP, hash);
  },
};

function readJson(name) {
  return JSON.parse(readFileSync(join(ROOT, name), "utf8"));
}

/** What the build script leaves in build/. */
function moduleFiles() {
  return ["filter.wasm", "core.wasm"].map((name) => join(ROOT, "build", name));
}

/** Hash over everything that decides what the modules look like. */
function sourceHash() {
  const hash = createHash("sha256");
  for (const name of ["asconfig.json", join("setup", "compile-filter.mjs"), ...SOURCE_FOLDERS.flatMap(sourcesIn)]) {
    hash.update(`${name}\0`).update(readFileSync(join(ROOT, name)));
  }
  const { scripts, devDependencies } = readJson("package.json");
  return hash
    .update(JSON.stringify([scripts["build:filter"], devDependencies.assemblyscript, devDependencies.binaryen]))
    .digest("hex");
}

function sourcesIn(folder) {
  if (!existsSync(join(ROOT, folder))) return [];
  const names = readdirSync(join(ROOT, folder), { recursive: true });
  const sources = names.filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  return sources.sort().map((name) => join(folder, name));
}
