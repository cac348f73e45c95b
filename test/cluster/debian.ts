// SPDX-License-Identifier: Apache-2.0
/**
 * Programs that may come from a Debian package, unpacked below .tools/cluster/: which package, and how to run them from there.
 * What is on PATH is taken first. Downloading and unpacking is set-up's.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { delimiter } from "node:path";
import { unpackDebian } from "../../setup/debian.mjs";
import type { Program } from "./tools.ts";

export interface Package {
  readonly program: string;
  /** The package, and libraries that a slim machine may lack. */
  readonly packages: readonly string[];
  readonly path: string;
  readonly args: readonly string[];
}

export const ETCD: Package = { program: "etcd", packages: ["etcd-server"], path: "usr/bin/etcd", args: [] };

export const IPTABLES: Package = {
  program: "iptables",
  packages: ["iptables", "libxtables12", "libmnl0", "libnftnl11"],
  path: "usr/sbin/xtables-nft-multi",
  args: ["iptables"],
};

export const REGISTRY: Package = {
  program: "docker-registry",
  packages: ["docker-registry"],
  path: "usr/bin/docker-registry",
  args: [],
};

/**
 * A way to run the program: from PATH, else unpacked below `cache`.
 *
 * @throws Error when the package cannot be downloaded (no apt, no network)
 */
export async function provide(wanted: Package, cache: string, announce: (line: string) => void): Promise<Program> {
  const installed = findOnPath(wanted.program);
  if (installed) return { path: installed, args: [], env: {} };
  const root = `${cache}/debian-${wanted.program}`;
  if (!existsSync(root)) {
    announce(`${wanted.program}: not on PATH, unpacking Debian's ${wanted.packages.join(", ")}`);
    await unpackInto(root, wanted.packages);
  }
  return { path: `${root}/${wanted.path}`, args: wanted.args, env: libraryPaths(root) };
}

function findOnPath(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.map((folder) => `${folder}/${program}`).find((path) => existsSync(path));
}

/** Makes the folder in one step, which is not there yet. */
export async function unpackInto(root: string, packages: readonly string[]): Promise<void> {
  const draft = `${root}.draft-${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    await unpackDebian(packages, draft);
    renameSync(draft, root);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Where an unpacked program finds its libraries and iptables its extensions; empty for one that needs none. */
function libraryPaths(root: string): Record<string, string> {
  const libraries = `${root}/usr/lib`;
  if (!existsSync(libraries)) return {};
  const folder = readdirSync(libraries).find((name) => name.endsWith("-linux-gnu"));
  const path = `${libraries}/${folder}`;
  return folder ? { LD_LIBRARY_PATH: path, XTABLES_LIBDIR: `${path}/xtables` } : {};
}
