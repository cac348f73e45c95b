// SPDX-License-Identifier: Apache-2.0
/**
 * The compiled filter, build/filter.wasm, rebuilt when its sources, its build script or the compiler change.
 * How it is compiled is the business of the `build:filter` script.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";
import { run } from "./run.mjs";

const MODULE = join(ROOT, "build", "filter.wasm");
const STAMP = join(ROOT, "build", "filter.stamp");

export const filter = {
  title: "the filter (build/filter.wasm)",

  isReady() {
    return existsSync(MODULE) && existsSync(STAMP) && readFileSync(STAMP, "utf8") === sourceHash();
  },

  async make() {
    const hash = sourceHash();
    mkdirSync(join(ROOT, "build"), { recursive: true });
    await run("npm", ["run", "--silent", "build:filter"], { cwd: ROOT, hint: "see the compiler's message above" });
    writeFileSync(STAMP, hash);
  },
};

/** Hash over everything that decides what the module looks like. */
function sourceHash() {
  const sources = readdirSync(join(ROOT, "filter"), { recursive: true })
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => join("filter", name));
  const hash = createHash("sha256");
  for (const name of ["asconfig.json", ...sources]) {
    if (existsSync(join(ROOT, name))) hash.update(`${name}\0`).update(readFileSync(join(ROOT, name)));
  }
  const { scripts, devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  return hash.update(JSON.stringify([scripts["build:filter"], devDependencies.assemblyscript])).digest("hex");
}
