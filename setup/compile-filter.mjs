// SPDX-License-Identifier: Apache-2.0
/**
 * Compiles the filter and the door to its core into build/. Run by the script `build:filter`, on the project's own Node.
 * Envoy compiles the module with V8's optimizing compiler alone, which takes memory and time by what it inlines; so
 * functions stay apart here, but for tiny ones, instead of being merged into few large ones. Low memory is left free, so
 * that a test can tell a null address from data.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";

const BIN = join(ROOT, "node_modules", ".bin");
const NEXT = join("build", "next");
const FEATURES = ["bulk-memory", "sign-ext", "nontrapping-float-to-int", "mutable-globals"];
const INLINING = [
  "--always-inline-max-function-size=11",
  "--flexible-inline-max-function-size=0",
  "--one-caller-inline-max-function-size=0",
];

function run(tool, args) {
  execFileSync(process.execPath, [join(BIN, tool), ...args], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
}

mkdirSync(join(ROOT, NEXT), { recursive: true });
run("asc", ["filter/index.ts", "--target", "release"]);
run("wasm-opt", [
  ...FEATURES.map((feature) => `--enable-${feature}`),
  "-Os",
  ...INLINING,
  join(NEXT, "filter.raw.wasm"),
  ...["-o", join(NEXT, "filter.wasm")],
]);
run("wasm-dis", [join(NEXT, "filter.wasm"), "-o", join(NEXT, "filter.wat")]);
run("asc", ["test/core/entry.ts", "--target", "core"]);
// Whoever reads a module meanwhile gets the old one or the new one, never half of it.
for (const name of ["filter.wasm", "filter.wat", "core.wasm"])
  renameSync(join(ROOT, NEXT, name), join(ROOT, "build", name));
