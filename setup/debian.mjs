// SPDX-License-Identifier: Apache-2.0
/**
 * Unpacks Debian packages under the project folder: no root, nothing installed, no service started, no dependency resolved.
 * Keeps its own package lists, so that the system's ones stay as they are.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { TOOLS } from "./paths.mjs";
import { onPath, run, SetupError, say } from "./run.mjs";

const STATE = join(TOOLS, "apt");

export function hasDebianTools() {
  return onPath("apt-get") !== undefined && onPath("dpkg") !== undefined;
}

/** Downloads the packages of that name and unpacks their files into a folder that exists. */
export async function unpackDebian(names, folder) {
  const downloads = join(folder, "downloads");
  mkdirSync(downloads);
  try {
    await download(names, downloads);
    for (const file of readdirSync(downloads)) {
      await run("dpkg", ["-x", join(downloads, file), folder], {
        hint: "the downloaded package is damaged; try again",
      });
    }
  } finally {
    // The lists are large and stale by the next time.
    for (const path of [downloads, STATE]) rmSync(path, { recursive: true, force: true });
  }
}

async function download(names, folder) {
  const options = aptOptions();
  await refreshLists(options);
  await run("apt-get", [...options, "download", ...names], {
    cwd: folder,
    hint: `check that the package sources of this machine have ${names.join(", ")} (apt-cache policy) and that they can be reached`,
  });
}

// One unreachable source among several makes apt-get fail although the package can still be had from the others.
async function refreshLists(options) {
  try {
    await run("apt-get", [...options, "update"], { hint: "" });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`apt-get update: ${error.message.split("\n").at(-1)?.trim()}`);
  }
}

function aptOptions() {
  const cache = join(STATE, "cache");
  mkdirSync(join(STATE, "lists", "partial"), { recursive: true });
  mkdirSync(join(cache, "archives", "partial"), { recursive: true });
  writeFileSync(join(STATE, "status"), "");
  const settings = {
    "Dir::State": STATE,
    "Dir::State::lists": join(STATE, "lists"),
    "Dir::State::status": join(STATE, "status"),
    "Dir::Cache": cache,
    // As root apt would drop to a user of its own, who may not write below the project folder.
    "APT::Sandbox::User": userInfo().username,
  };
  return Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
}
