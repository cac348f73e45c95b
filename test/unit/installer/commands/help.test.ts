// SPDX-License-Identifier: Apache-2.0
/**
 * What every subcommand has: help with exit statuses and examples, and the common options, or a reason in the table of docs/cli.md.
 */
import { readFileSync } from "node:fs";
import type { Command, Option } from "commander";
import { describe, expect, it } from "vitest";
import { subcommands } from "../../subcommands.ts";

/** Name with those of its parents, and whether it has commands below it. */
interface Named {
  name: string;
  command: Command;
}

const ALL = [...(await subcommands()).values()].flatMap((command) => withThoseBelow(command, command.name()));
const LEAVES = ALL.filter(({ command }) => command.commands.length === 0);
const PAGE = readFileSync(new URL("../../../../docs/cli.md", import.meta.url), "utf8");
const ROWS = [...PAGE.matchAll(/^\| `([a-z ]+)` \| (.+) \| (.+) \| (.+) \|$/gm)].map(
  ([, name = "", cluster = "", namespace = "", output = ""]) => ({ name, cluster, namespace, output }),
);

function withThoseBelow(command: Command, name: string): Named[] {
  const below = command.commands.flatMap((child) => withThoseBelow(child, `${name} ${child.name()}`));
  return [{ name, command }, ...below];
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

const rowOf = (name: string) => ROWS.find((row) => row.name === name) ?? { cluster: "", namespace: "", output: "" };
const optionOf = ({ options }: Command, long: string): Option | undefined => options.find((one) => one.long === long);
/** A reason is more than the word. */
const REASON = /^none: \S+ \S+/;

describe("the help of", () => {
  it.each(ALL)("$name tells its exit statuses, and how it is called", ({ name, command }) => {
    const help = helpOf(command);
    expect(help).toMatch(/\nExit status: 0 [\s\S]*\b2\b/);
    const [, examples = ""] = help.split("\nExamples:\n");
    expect(examples).toContain(`proxymeter ${name}`);
  });
});

describe("docs/cli.md", () => {
  it("has a row for each command, and none for others", () => {
    expect(ROWS.map(({ name }) => name).sort()).toEqual(LEAVES.map(({ name }) => name).sort());
  });

  it.each(LEAVES)("says of $name whether it takes a cluster, or why not", ({ name, command }) => {
    const { cluster } = rowOf(name);
    const has = ["--context", "--kubeconfig"].map((long) => optionOf(command, long) !== undefined);
    if (has.includes(true)) expect([has, cluster]).toEqual([[true, true], expect.stringMatching(/^yes\b/)]);
    else expect(cluster).toMatch(REASON);
  });

  it.each(LEAVES)("says of $name what -n means, or why there is none", ({ name, command }) => {
    const { namespace } = rowOf(name);
    const option = optionOf(command, "--namespace");
    if (option === undefined) return expect(namespace).toMatch(REASON);
    expect(option.short).toBe("-n");
    const isOwn = /own objects/.test(option.description);
    expect(namespace).toMatch(isOwn ? /^namespace of Proxymeter's own objects$/ : /^only /);
  });

  it.each(LEAVES)("says of $name which formats -o has, or why there is none", ({ name, command }) => {
    const { output } = rowOf(name);
    const option = optionOf(command, "--output");
    if (option === undefined) return expect(output).toMatch(REASON);
    expect(option.short).toBe("-o");
    const formats = [...(output.split(":")[0] ?? "").matchAll(/`(\w+)`/g)].map(([, format]) => format);
    expect(formats).toEqual(expect.arrayContaining(["table", "json"]));
    if (option.argChoices) expect([...formats].sort()).toEqual([...option.argChoices].sort());
  });
});
