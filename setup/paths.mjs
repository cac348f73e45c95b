// SPDX-License-Identifier: Apache-2.0
/**
 * Where set-up puts things: everything under the project folder, nothing outside.
 * `.tools/bin` holds one link per tool, so that the rest of the project need not know where a tool came from.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const TOOLS = join(ROOT, ".tools");
export const BIN = join(TOOLS, "bin");
const STAGING = ".staging-";

/** Makes `.tools/bin/NAME` lead to the given executable, replacing an older link in one step. */
export function linkTool(name, executable) {
  mkdirSync(BIN, { recursive: true });
  const fresh = join(BIN, `.${name}.${process.pid}`);
  rmSync(fresh, { force: true });
  symlinkSync(executable, fresh);
  renameSync(fresh, join(BIN, name));
}

/**
 * Fills a folder in one step: `fill` writes into a temporary one, which is renamed when it succeeds and removed when it fails.
 *
 * @param fill  gets the temporary folder; may return a folder within it, to be moved instead of the whole
 */
export async function replaceFolder(target, fill) {
  mkdirSync(TOOLS, { recursive: true });
  removeLeftovers();
  const staging = join(TOOLS, `${STAGING}${process.pid}`);
  mkdirSync(staging);
  try {
    const filled = (await fill(staging)) ?? staging;
    const old = `${staging}-old`;
    moveAside(target, old);
    renameSync(filled, target);
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

// Only one set-up runs at a time, so what is found here was left by one that was killed.
function removeLeftovers() {
  for (const name of readdirSync(TOOLS)) {
    if (name.startsWith(STAGING)) rmSync(join(TOOLS, name), { recursive: true, force: true });
  }
}

function moveAside(path, aside) {
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}
