// SPDX-License-Identifier: Apache-2.0
/**
 * A part of set-up that is programs of one Debian package: those on PATH, else the package unpacked under the project folder.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { hasDebianTools, unpackDebian } from "./debian.mjs";
import { BIN, linkTool, replaceFolder, TOOLS } from "./paths.mjs";
import { onPath, SetupError } from "./run.mjs";

/**
 * @param names    programs, all of which the package has below usr/bin
 * @param release  what to install where there is no apt, as a sentence names it
 */
export function packaged({ title, names, debianPackage, release, url }) {
  const folder = join(TOOLS, names[0]);
  const quoted = names.map((name) => `"${name}"`).join(" and ");
  return {
    title,

    isReady() {
      return names.every((name) => existsSync(join(BIN, name)));
    },

    async make() {
      const found = names.map(onPath);
      if (found.every((file) => file !== undefined)) {
        for (const [index, name] of names.entries()) linkTool(name, found[index]);
        return;
      }
      if (!hasDebianTools()) {
        throw new SetupError(
          `cannot find ${quoted} on PATH, and there is no apt-get to fetch Debian's package`,
          `install ${release} from ${url} so that ${quoted} can be found on PATH, then try again`,
        );
      }
      await replaceFolder(folder, (staging) => unpackDebian([debianPackage], staging));
      for (const name of names) linkTool(name, join(folder, "usr", "bin", name));
    },
  };
}
