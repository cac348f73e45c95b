// SPDX-License-Identifier: Apache-2.0
/**
 * Moves the pins of a Go module folder to the newest versions that the module proxy serves.
 * Changes go.mod and go.sum in the folder it is given, nothing else.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { execa } from "execa";
import type { GoModule } from "./go-modules.ts";

/**
 * Rewrites go.mod and go.sum of `folder`.
 *
 * @throws Error of the go command when the newest versions do not fit together
 */
export async function repin(module: GoModule, folder: string, announce: (line: string) => void): Promise<void> {
  const goMod = `${folder}/go.mod`;
  const go = async (...args: string[]) => (await execa("go", args, { cwd: folder })).stdout;
  // Old pins go first: one that is not served any more would fail every command after it.
  writeFileSync(goMod, withoutPins(readFileSync(goMod, "utf8")));
  rmSync(`${folder}/go.sum`, { force: true });
  const root = await go("list", "-m", "-f", "{{.Version}}", `${module.root}@latest`);
  announce(`  ${module.root} -> ${root}`);
  if (module.repeatsReplacements) {
    const { GoMod } = JSON.parse(await go("mod", "download", "-json", `${module.root}@${root}`)) as { GoMod: string };
    writeFileSync(goMod, withReplacements(readFileSync(goMod, "utf8"), readFileSync(GoMod, "utf8"), root));
  }
  await go("get", `${module.root}@${root}`, ...module.companions.map((name) => `${name}@latest`));
  if (!module.isUntidy) await go("mod", "tidy");
  else for (const { package: name, tags = "" } of module.binaries) await go("get", `-tags=${tags}`, `${name}@${root}`);
}

/** A go.mod with only its module, go and tool lines. */
export function withoutPins(goMod: string): string {
  const withoutBlocks = goMod.replace(/^(require|replace|exclude) \([\s\S]*?^\)\n/gm, "");
  return withoutBlocks.replace(/^(require|replace|exclude) .*\n/gm, "").replace(/\n{3,}/g, "\n\n");
}

/** `goMod` with the replacements of Kubernetes' own go.mod; its staging modules of v1.X.Y are published as v0.X.Y. */
export function withReplacements(goMod: string, kubernetesGoMod: string, version: string): string {
  const staging = version.replace(/^v1\./, "v0.");
  const names = [...kubernetesGoMod.matchAll(/^\s*(?:replace\s+)?(\S+) => \.\//gm)].map(([, name]) => name);
  return [goMod.trimEnd(), "", "replace (", ...names.map((name) => `\t${name} => ${name} ${staging}`), ")", ""].join(
    "\n",
  );
}
