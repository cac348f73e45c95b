// SPDX-License-Identifier: Apache-2.0
/**
 * Prometheus and promtool: those on PATH, else Debian's package unpacked under the project folder.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { hasDebianTools, unpackDebian } from "./debian.mjs";
import { BIN, linkTool, replaceFolder, TOOLS } from "./paths.mjs";
import { onPath, SetupError } from "./run.mjs";

const NAMES = ["prometheus", "promtool"];
const FOLDER = join(TOOLS, "prometheus");

export const prometheus = {
  title: "Prometheus",

  isReady() {
    return NAMES.every((name) => existsSync(join(BIN, name)));
  },

  async make() {
    const found = NAMES.map(onPath);
    if (found.every((file) => file !== undefined)) {
      for (const [index, name] of NAMES.entries()) linkTool(name, found[index]);
      return;
    }
    if (!hasDebianTools()) {
      throw new SetupError(
        'cannot find "prometheus" and "promtool" on PATH, and there is no apt-get to fetch Debian\'s package',
        "install Prometheus 2.40 or later from https://prometheus.io/download so that both are on PATH, then try again",
      );
    }
    await replaceFolder(FOLDER, (staging) => unpackDebian(["prometheus"], staging));
    for (const name of NAMES) linkTool(name, join(FOLDER, "usr", "bin", name));
  },
};
