// SPDX-License-Identifier: Apache-2.0
/**
 * amtool, which checks Alertmanager's configuration: the one on PATH, else from Debian's package, unpacked under the
 * project folder.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { hasDebianTools, unpackDebian } from "./debian.mjs";
import { BIN, linkTool, replaceFolder, TOOLS } from "./paths.mjs";
import { onPath, SetupError } from "./run.mjs";

const NAME = "amtool";
const FOLDER = join(TOOLS, "alertmanager");

export const amtool = {
  title: "amtool",

  isReady() {
    return existsSync(join(BIN, NAME));
  },

  async make() {
    const found = onPath(NAME);
    if (found !== undefined) {
      linkTool(NAME, found);
      return;
    }
    if (!hasDebianTools()) {
      throw new SetupError(
        'cannot find "amtool" on PATH, and there is no apt-get to fetch Debian\'s package',
        "install Alertmanager 0.22 or later from https://prometheus.io/download so that amtool is on PATH, then try again",
      );
    }
    await replaceFolder(FOLDER, (staging) => unpackDebian(["prometheus-alertmanager"], staging));
    linkTool(NAME, join(FOLDER, "usr", "bin", NAME));
  },
};
