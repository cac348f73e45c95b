// SPDX-License-Identifier: Apache-2.0
/**
 * The Wasm modules of the bench: our filter as it was built, and the peers in `peers/`, compiled here when their sources have changed.
 */
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { findFilter } from "../../demo/paths.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const PEERS = join(import.meta.dirname, "peers");
const BUILT = join(ROOT, "build", "bench");
const COMPILER = join(ROOT, "node_modules", "assemblyscript", "bin", "asc.js");
/** Relative to the project: the compiler takes what the file names from there. */
const SHIM = "./node_modules/@assemblyscript/wasi-shim/asconfig.json";

/** How each peer is compiled: as our filter is, and as the public SDK wants it. */
const OPTIONS = {
  empty: ["-O3", "--runtime", "stub", "--use", "abort="],
  lookup: ["-O3", "--runtime", "stub", "--use", "abort=", "--exportStart", "_initialize"],
  sdk: ["-O3", "--runtime", "incremental", "--config", SHIM],
} as const;

export type Modules = Readonly<Record<"filter" | keyof typeof OPTIONS, string>>;

/**
 * Paths of all modules.
 *
 * @throws DemoFailure E_FILTER_MISSING; Error with what the compiler said
 */
export async function buildModules(): Promise<Modules> {
  mkdirSync(BUILT, { recursive: true });
  const names = Object.keys(OPTIONS) as (keyof typeof OPTIONS)[];
  const files = names.map(async (name) => [name, await compile(name)] as const);
  return { filter: findFilter(), ...Object.fromEntries(await Promise.all(files)) } as Modules;
}

async function compile(name: keyof typeof OPTIONS): Promise<string> {
  const source = join(PEERS, `${name}.ts`);
  const module = join(BUILT, `${name}.wasm`);
  if (age(module) > newest([PEERS, join(ROOT, "filter", "core")])) return module;
  await execa(process.execPath, [COMPILER, source, "--outFile", module, ...OPTIONS[name]], { cwd: ROOT });
  return module;
}

function newest(folders: readonly string[]): number {
  return Math.max(...folders.flatMap((folder) => readdirSync(folder).map((file) => age(join(folder, file)))));
}

function age(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
