// SPDX-License-Identifier: Apache-2.0
/**
 * The completion script for fish: one line for each word.
 *
 * @see https://fishshell.com/docs/current/cmds/complete.html
 */
import { quotedForFish } from "./quoting.ts";
import { type CommandWords, childrenOf, type OptionWords, type Values } from "./words.ts";

export function fishScript(program: string, commands: readonly CommandWords[]): string {
  const lines = commands.flatMap((command) => commandLines(program, command, commands));
  return `# fish completion for ${program}; load it with: ${program} completion fish | source

complete -c ${program} -f
${lines.join("\n")}
`;
}

function commandLines(program: string, command: CommandWords, all: readonly CommandWords[]): string[] {
  const here = `complete -c ${program} -n ${quotedForFish(conditionOf(command))}`;
  const children = childrenOf(command, all);
  return [
    ...children.map(({ path, description }) => `${here} -a ${path.at(-1)} -d ${quotedForFish(description)}`),
    ...command.options.map((option) => `${here} ${optionWords(option)}`),
    ...command.arguments.flatMap((values) => (values === "anything" ? [] : [`${here} ${takes(values)}`])),
  ];
}

/** True while exactly this command stands on the line, and none below it. */
function conditionOf({ path, subcommands }: CommandWords): string {
  const seen = path.map((name) => `__fish_seen_subcommand_from ${name}`);
  const below = subcommands.length > 0 ? [`not __fish_seen_subcommand_from ${subcommands.join(" ")}`] : [];
  return [...seen, ...below].join("; and ") || "true";
}

function optionWords({ flags, description, values }: OptionWords): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const value =
    values === undefined ? [] : [values === "files" ? "-r" : "-x", ...(values === "anything" ? [] : [takes(values)])];
  return [...names, ...value, "-d", quotedForFish(description)].join(" ");
}

/** After an option that only requires a value fish offers files too, so all but files is exclusive. */
function takes(values: Exclude<Values, "anything">): string {
  if (values === "files") return "-F";
  return values === "folders" ? "-a '(__fish_complete_directories)'" : `-a ${quotedForFish(values.words.join(" "))}`;
}
