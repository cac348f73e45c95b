// SPDX-License-Identifier: Apache-2.0
/**
 * The project's rules as the local rig runs them: read from their files and evaluated as often as the rig scrapes, so that a run
 * of seconds has them too. Growths keep their interval, because sums over them rest on it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";

interface RuleFile {
  groups?: { name: string; interval?: string; rules: object[] }[];
}

const INTERVAL = "2s";
/** Groups that run as seldom as this count what was added since the last time. */
const KEPT = /^([5-9]|\d{2,})m$|h$|d$/;

/**
 * Writes the rules into a folder of the run.
 *
 * @param from  folder with rule files; may be absent
 * @returns     the written files
 */
export function writeRules(from: string, folder: string): string[] {
  if (!existsSync(from)) return [];
  const target = join(folder, "rules");
  mkdirSync(target, { recursive: true });
  return readdirSync(from)
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => {
      const file = join(target, name);
      writeFileSync(file, stringify(hastened(parse(readFileSync(join(from, name), "utf8")) as RuleFile)));
      return file;
    });
}

/** The same rules, with short intervals where an interval only says how fresh a series is. */
export function hastened({ groups = [] }: RuleFile): RuleFile {
  return {
    groups: groups.map((group) => (KEPT.test(group.interval ?? "") ? group : { ...group, interval: INTERVAL })),
  };
}
