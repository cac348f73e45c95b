// SPDX-License-Identifier: Apache-2.0
/**
 * Unpacks Debian packages under the project folder: no root, nothing installed, no service started.
 * Keeps its own package lists, so that the system's ones stay as they are.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { TOOLS } from "./paths.mjs";
import { onPath, run, SetupError, say } from "./run.mjs";

/** Of this process alone: tests that run side by side may each unpack something. */
const STATE = join(TOOLS, `apt-${process.pid}`);
const SYSTEM_STATUS = "/var/lib/dpkg/status";

export function hasDebianTools() {
  return onPath("apt-get") !== undefined && onPath("dpkg") !== undefined;
}

/** Downloads the packages of that name, without what they depend on, and unpacks their files into a folder that exists. */
export async function unpackDebian(names, folder) {
  await unpackFrom(join(folder, "downloads"), folder, (downloads) => download(names, downloads));
}

/** The same, with those packages they depend on that are not installed on this machine. */
export async function unpackWithMissing(names, folder) {
  await unpackFrom(join(STATE, "cache", "archives"), folder, () => downloadWithMissing(names));
}

async function unpackFrom(downloads, folder, fetch) {
  mkdirSync(downloads, { recursive: true });
  try {
    await fetch(downloads);
    for (const file of readdirSync(downloads).filter((name) => name.endsWith(".deb"))) {
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
    hint: sourcesHint(names),
  });
}

// A copy of the system's list of installed packages: apt then resolves as for an installation, but locks and changes only ours.
async function downloadWithMissing(names) {
  const options = aptOptions();
  if (existsSync(SYSTEM_STATUS)) copyFileSync(SYSTEM_STATUS, join(STATE, "status"));
  await refreshLists(options);
  const install = ["install", "--download-only", "--yes", "--no-install-recommends", "--reinstall"];
  await run("apt-get", [...options, ...install, ...names], { hint: sourcesHint(names) });
}

function sourcesHint(names) {
  return `check that the package sources of this machine have ${names.join(", ")} (apt-cache policy) and that they can be reached`;
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
