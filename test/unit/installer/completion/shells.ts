// SPDX-License-Identifier: Apache-2.0
/**
 * zsh and fish, from PATH or from Debian packages that are unpacked below .tools/ and not installed, and what they offer after a line.
 * What cannot be had is left out with a sentence that says so; where CI or REQUIRE_ALL is set it is an error instead.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { TOOLS } from "../../../../demo/paths.ts";
import { type Package, provide } from "../../../cluster/debian.ts";
import type { Program } from "../../../cluster/tools.ts";

export type ShellName = "zsh" | "fish";

/** A shell, or why there is none. */
export type Provided = { shell: Shell } | { lack: string };

export interface Shell {
  /** Complaints about a file that is read and not run; "" for none. */
  readScript(file: string): Promise<string>;
  /** What is offered after each line, with the script loaded, in a folder. */
  offered(script: string, lines: readonly string[], folder: string): Promise<string[][]>;
}

const CACHE = `${TOOLS}/../shells`;
const PACKAGES: Readonly<Record<ShellName, Package>> = {
  zsh: { program: "zsh", packages: ["zsh", "zsh-common"], path: "bin/zsh", args: [] },
  fish: { program: "fish", packages: ["fish", "fish-common", "libpcre2-32-0"], path: "usr/bin/fish", args: [] },
};

/** @throws Error for a shell that is missing where everything is required */
export async function provideShell(name: ShellName): Promise<Provided> {
  const provided = await find(name);
  const isRequired = Boolean(process.env.REQUIRE_ALL || process.env.CI);
  if ("lack" in provided && isRequired) throw new Error(`cannot test with ${name}: ${provided.lack}`);
  return provided;
}

async function find(name: ShellName): Promise<Provided> {
  const wanted = PACKAGES[name];
  try {
    mkdirSync(CACHE, { recursive: true });
    const program = await provide(wanted, CACHE, (line) => console.error(`completion tests: ${line}`));
    const { failed, stderr } = await execa(program.path, ["--version"], { env: program.env, reject: false });
    if (failed) return { lack: `it does not run here: ${stderr}` };
    const isUnpacked = Object.keys(program.env).length > 0;
    return { shell: SHELLS[name](program, isUnpacked ? program.path.slice(0, -wanted.path.length - 1) : "") };
  } catch (error) {
    return { lack: `it is not on PATH, and Debian's package cannot be unpacked: ${(error as Error).message}` };
  }
}

type MakeShell = (program: Program, root: string) => Shell;

const fish: MakeShell = ({ path, env }, root) => ({
  readScript: async (file) => (await execa(path, ["-n", file], { env, reject: false })).stderr,
  async offered(script, lines, folder) {
    const home = homeIn(folder, "script.fish", script);
    const functions = root === "" ? "" : `set -p fish_function_path ${root}/usr/share/fish/functions\n`;
    const queries = lines.map((line) => `echo "== "; complete -C ${JSON.stringify(line)}`);
    const text = [`${functions}source ${home}/script.fish`, ...queries].join("\n");
    const { stdout } = await execa(path, ["--no-config", "-c", text], { cwd: folder, env: { ...env, HOME: home } });
    return answers(stdout).map((offers) => offers.map((offer) => offer.split("\t", 1)[0] ?? ""));
  },
});

const zsh: MakeShell = ({ path, env }, root) => ({
  readScript: async (file) => (await execa(path, ["-fn", file], { env, reject: false })).stderr,
  async offered(script, lines, folder) {
    const home = homeIn(folder, "_proxymeter", script);
    writeFileSync(join(home, ".zshrc"), readFileSync(`${import.meta.dirname}/zshrc.zsh`));
    const variables = { ...env, HOME: home, ZDOTDIR: home, ZSH_ROOT: root, ZSH_PROGRAM: path, TERM: "dumb" };
    writeFileSync(join(home, "lines"), `${lines.join("\n")}\n`);
    await execa(path, ["-f", `${import.meta.dirname}/query.zsh`], { cwd: folder, env: variables });
    return answers(readFileSync(join(home, "offered"), "utf8")).map((offers) =>
      offers.map((offer) => offer.replaceAll("\\ ", " ")),
    );
  },
});

const SHELLS: Readonly<Record<ShellName, MakeShell>> = { zsh, fish };

/** Hidden, so that it is not offered as a folder. */
function homeIn(folder: string, file: string, script: string): string {
  const home = join(folder, ".home");
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, file), script);
  return home;
}

function answers(text: string): string[][] {
  const [, ...parts] = text.split(/^== .*$/m);
  return parts.map((part) => [...new Set(part.split("\n").filter((line) => line !== ""))].sort());
}
