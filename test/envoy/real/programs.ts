// SPDX-License-Identifier: Apache-2.0
/**
 * Proxies and clients that other people wrote, for tests against the real thing: from PATH, else from Debian packages
 * that are unpacked below .tools/ and not installed. What cannot be had is left out with a sentence that says so; where
 * everything is required (REQUIRE_ALL or CI is set) it is an error instead.
 */
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { TOOLS } from "../../../demo/paths.ts";
import { unpackInto } from "../../cluster/debian.ts";

export type ProgramName = "curl" | "squid" | "tinyproxy" | "microsocks";

export interface Program {
  /** Command and first arguments. */
  command: [string, ...string[]];
  /** Folder that its package was unpacked to; "" for one from PATH. */
  root: string;
}

/** A program, or why there is none. */
export type Provided = { program: Program } | { lack: string };

const ROOT = join(TOOLS, "..", "proxies");
const FOLDERS = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
/** Packages, with the libraries that a slim machine lacks. */
const PACKAGES = [
  ...["microsocks", "tinyproxy-bin", "squid", "squid-common", "squid-langpack"],
  ...["libecap3", "libltdl7", "libnetfilter-conntrack3", "libnfnetlink0", "libmnl0"],
];
const PATHS: Record<ProgramName, string> = {
  curl: "usr/bin/curl",
  squid: "usr/sbin/squid",
  tinyproxy: "usr/bin/tinyproxy",
  microsocks: "usr/bin/microsocks",
};
const PROBES: Record<ProgramName, string[]> = {
  curl: ["--version"],
  squid: ["-v"],
  tinyproxy: ["-v"],
  microsocks: ["-h"],
};

/** @throws Error for what is missing where everything is required */
export async function provide(name: ProgramName): Promise<Provided> {
  const provided = await find(name);
  const isRequired = Boolean(process.env.REQUIRE_ALL || process.env.CI);
  if ("lack" in provided && isRequired) throw new Error(`cannot test with ${name}: ${provided.lack}`);
  return provided;
}

async function find(name: ProgramName): Promise<Provided> {
  const installed = FOLDERS.map((folder) => join(folder, name)).find((file) => existsSync(file));
  if (installed !== undefined) return { program: { command: [installed], root: "" } };
  if (name === "curl") return { lack: "no curl on PATH (expected Debian's package curl)" };
  try {
    await unpack();
  } catch (error) {
    return { lack: `not on PATH, and Debian's package cannot be unpacked: ${(error as Error).message}` };
  }
  const command: Program["command"] = ["env", `LD_LIBRARY_PATH=${libraries()}`, join(ROOT, PATHS[name])];
  const { exitCode, stderr } = await execa(command[0], [...command.slice(1), ...PROBES[name]], { reject: false });
  if (exitCode === 127) return { lack: `Debian's package does not run here: ${stderr.trim()}` };
  return { program: { command, root: ROOT } };
}

/** All of them at once: reading the package lists is what takes time. */
async function unpack(): Promise<void> {
  if (!existsSync(ROOT)) await unpackInto(ROOT, PACKAGES);
}

function libraries(): string {
  const folder = join(ROOT, "usr", "lib");
  return join(folder, readdirSync(folder).find((name) => name.endsWith("-linux-gnu")) ?? "");
}
