// SPDX-License-Identifier: Apache-2.0
/**
 * The folder that `render --output-dir` fills: what it wrote there before goes, what others put there stays.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ProxymeterError } from "../errors.ts";
import { KUSTOMIZATION, KUSTOMIZATION_HEAD, type RenderedFile } from "../objects/rendering.ts";

/** Files that an earlier run listed and this one does not write are removed; all others stay. @throws ProxymeterError E_RENDER_OUTPUT */
export function writeFolder(folder: string, files: readonly RenderedFile[]): void {
  try {
    mkdirSync(folder, { recursive: true });
    const kept = new Set(files.map(({ name }) => name));
    for (const name of listedBefore(folder)) if (!kept.has(name)) rmSync(join(folder, name), { force: true });
    for (const { name, text } of files) writeFileSync(join(folder, name), text);
  } catch (error) {
    const reason = (error as Error).message;
    throw new ProxymeterError("E_RENDER_OUTPUT", `cannot write to "${folder}": ${reason}`, "give another --output-dir");
  }
}

/** Of a kustomization that we wrote; one of somebody else's is refused, since writing ours would lose it. */
function listedBefore(folder: string): string[] {
  const path = join(folder, KUSTOMIZATION);
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  if (!text.startsWith(KUSTOMIZATION_HEAD)) throw new Error(`${KUSTOMIZATION} there is not from this command`);
  const { resources = [] } = parse(text) as { resources?: string[] };
  return resources.filter((name) => /^[\w.-]+\.yaml$/.test(name));
}
