// SPDX-License-Identifier: Apache-2.0
/**
 * A headless Chromium for the tests of the page: one on PATH, else Debian's package and its missing libraries under the
 * project folder, behind a small script that says where they are.
 */
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasDebianTools, unpackWithMissing } from "./debian.mjs";
import { BIN, linkTool, replaceFolder, TOOLS } from "./paths.mjs";
import { onPath, run, SetupError } from "./run.mjs";

const NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];
const FOLDER = join(TOOLS, "chromium");
const SCRIPT = "chromium";

export const chromium = {
  title: "Chromium",

  isReady() {
    return existsSync(join(BIN, "chromium"));
  },

  async make() {
    const found = NAMES.map(onPath).find((file) => file !== undefined);
    if (found !== undefined) return linkTool("chromium", found);
    if (!hasDebianTools()) {
      throw new SetupError(
        `cannot find any of ${NAMES.join(", ")} on PATH, and there is no apt-get to fetch Debian's package`,
        "install Chromium so that it is on PATH, then try again",
      );
    }
    await replaceFolder(FOLDER, unpack);
    const executable = join(FOLDER, SCRIPT);
    await run(executable, ["--no-sandbox", "--version"], {
      hint: "this build of Chromium does not run on this machine",
    });
    linkTool("chromium", executable);
  },
};

async function unpack(staging) {
  await unpackWithMissing(["chromium-headless-shell", "fonts-dejavu-core"], staging);
  writeFileSync(join(staging, SCRIPT), START);
  chmodSync(join(staging, SCRIPT), 0o755);
}

// fontconfig looks for fonts below XDG_DATA_HOME too, and for its settings where FONTCONFIG_PATH says.
const START = `#!/bin/sh
root="${FOLDER}"
for folder in "$root"/usr/lib/*-linux-* "$root"/usr/lib/*-linux-*/pulseaudio; do
  [ -d "$folder" ] && LD_LIBRARY_PATH="$LD_LIBRARY_PATH\${LD_LIBRARY_PATH:+:}$folder"
done
export LD_LIBRARY_PATH XDG_DATA_HOME="$root/usr/share"
[ -d /etc/fonts ] || export FONTCONFIG_PATH="$root/etc/fonts"
exec "$root/usr/lib/chromium/chromium-headless-shell" "$@"
`;
