// SPDX-License-Identifier: Apache-2.0
/**
 * Compiles every filter of this folder into build/filters, all in one process because the compiler is slow to start.
 * A file of its own is replaced whole, so a test never reads half a module. Does nothing when nothing has changed.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SOURCES = join("test", "filters");
const TARGET = join("build", "filters");

const STAMP = join(ROOT, TARGET, "stamp");

/** Hash over everything that decides what the modules look like. */
function sourceHash() {
  const hash = createHash("sha256");
  for (const folder of [SOURCES, join("filter", "as-proxy-wasm")]) {
    for (const name of readdirSync(join(ROOT, folder)).sort())
      hash.update(name).update(readFileSync(join(ROOT, folder, name)));
  }
  return hash.update(readFileSync(join(ROOT, "package-lock.json"))).digest("hex");
}

mkdirSync(join(ROOT, TARGET), { recursive: true });
const hash = sourceHash();
if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === hash) process.exit(0);
for (const file of readdirSync(join(ROOT, SOURCES)).filter((name) => name.endsWith(".ts"))) {
  const module = join(TARGET, file.replace(/\.ts$/, ".wasm"));
  const options = ["--baseDir", ROOT, "--config", join(SOURCES, "asconfig.json"), "--outFile", `${module}.new`];
  const { error, stderr } = await asc.main([join(SOURCES, file), ...options]);
  if (error) {
    process.stderr.write(`cannot compile ${join(SOURCES, file)}: ${error.message}\n${stderr}`);
    process.exitCode = 1;
    break;
  }
  renameSync(join(ROOT, `${module}.new`), join(ROOT, module));
}
if (process.exitCode !== 1) writeFileSync(STAMP, hash);
