// SPDX-License-Identifier: Apache-2.0
/**
 * The registry and the registry client that other people wrote: from PATH, else from Debian packages that are unpacked below .tools/
 * and not installed. What cannot be had is left out with a sentence that says so; where everything is required (REQUIRE_ALL or CI is
 * set) it is an error instead.
 */
import { execa } from "execa";
import { TOOLS } from "../../demo/paths.ts";
import { type Package, provide } from "../cluster/debian.ts";
import type { Program } from "../cluster/tools.ts";

export const SKOPEO: Package = {
  program: "skopeo",
  packages: ["skopeo", "libgpgme11", "libassuan0", "libdevmapper1.02.1"],
  path: "usr/bin/skopeo",
  args: [],
};

/** A program, or why there is none. */
export type Provided = { program: Program } | { lack: string };

const CACHE = `${TOOLS}/../registry`;

/** @throws Error for what is missing where everything is required */
export async function provideOrSay(wanted: Package): Promise<Provided> {
  const provided = await find(wanted);
  const isRequired = Boolean(process.env.REQUIRE_ALL || process.env.CI);
  if ("lack" in provided && isRequired) throw new Error(`cannot test with ${wanted.program}: ${provided.lack}`);
  return provided;
}

async function find(wanted: Package): Promise<Provided> {
  try {
    const program = await provide(wanted, CACHE, (line) => console.error(`registry tests: ${line}`));
    const { failed, stderr } = await run(program, ["--version"]);
    return failed ? { lack: `${wanted.program} does not run here: ${stderr}` } : { program };
  } catch (error) {
    return {
      lack: `${wanted.program} is not on PATH, and Debian's package cannot be unpacked: ${(error as Error).message}`,
    };
  }
}

/** Runs a program to its end; it is the caller who judges how it ended. */
export async function run(program: Program, args: readonly string[]) {
  const env = { ...program.env, PATH: process.env.PATH ?? "", HOME: "/nonexistent" };
  return execa(program.path, [...program.args, ...args], { env, extendEnv: false, reject: false });
}
