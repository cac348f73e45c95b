// SPDX-License-Identifier: Apache-2.0
/**
 * The npm packages of package-lock.json.
 * Installed beside the project and moved in when complete, so that a failed or interrupted installation changes nothing.
 */
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, replaceFolder } from "./paths.mjs";
import { run } from "./run.mjs";

const MODULES = join(ROOT, "node_modules");

export const packages = {
  title: "npm packages",

  /** True when what npm wrote down as installed is what the lock file asks for. */
  isReady() {
    const installed = readPackages(join(MODULES, ".package-lock.json"));
    if (installed === undefined || !existsSync(join(MODULES, ".bin", "node"))) return false;
    const wanted = Object.entries(readPackages(join(ROOT, "package-lock.json")) ?? {}).filter(([path]) => path !== "");
    return wanted.every(([path, entry]) =>
      installed[path] === undefined ? entry.optional === true : installed[path].version === entry.version,
    );
  },

  async make() {
    await replaceFolder(MODULES, async (staging) => {
      for (const file of ["package.json", "package-lock.json", ".npmrc"])
        copyFileSync(join(ROOT, file), join(staging, file));
      await run("npm", ["ci", "--no-progress"], {
        cwd: staging,
        hint: "check the connection to the npm registry (`npm ping`), then try again",
      });
      return join(staging, "node_modules");
    });
  },
};

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}
