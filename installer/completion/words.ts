// SPDX-License-Identifier: Apache-2.0
/**
 * What can be typed, read off the commander program: subcommands, their options, and what each option and argument takes.
 * The shells' scripts are made from this, so no list of commands is kept anywhere.
 */
import type { Argument, Command, Option } from "commander";

/** What follows an option, or stands as an argument: one of these words, a path, or something that can't be guessed. */
export type Values = { words: readonly string[] } | "files" | "folders" | "anything";

export interface OptionWords {
  /** `-o`, `--output`; at least one. */
  flags: readonly string[];
  description: string;
  /** Absent where the option takes no value. */
  values?: Values;
}

export interface CommandWords {
  /** Names from below the program down to this command; none for the program itself. */
  path: readonly string[];
  description: string;
  subcommands: readonly string[];
  options: readonly OptionWords[];
  /** Of the positional arguments, in order; the last one may repeat. */
  arguments: readonly Values[];
}

/** The program and every visible command below it, parents first. */
export function wordsOf(command: Command, path: readonly string[] = []): CommandWords[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command).filter((child) => child.name() !== "help");
  const own: CommandWords = {
    path,
    description: command.description(),
    subcommands: children.map((child) => child.name()),
    options: help.visibleOptions(command).map(optionWords),
    arguments: command.registeredArguments.map(argumentValues),
  };
  return [own, ...children.flatMap((child) => wordsOf(child, [...path, child.name()]))];
}

/** Commands one step below this one. */
export function childrenOf({ path }: CommandWords, all: readonly CommandWords[]): CommandWords[] {
  return all.filter((one) => one.path.length === path.length + 1 && path.every((name, at) => one.path[at] === name));
}

function optionWords(option: Option): OptionWords {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined);
  const takesValue = option.required || option.optional;
  const values = takesValue ? valuesOf(option.argChoices, option.flags) : undefined;
  return { flags, description: option.description, ...(values !== undefined && { values }) };
}

function argumentValues(argument: Argument): Values {
  return valuesOf(argument.argChoices, argument.name());
}

/** The name of a placeholder, such as `<file>`, says whether it is a path. */
function valuesOf(choices: readonly string[] | undefined, placeholder: string): Values {
  if (choices !== undefined) return { words: choices };
  if (/\b(folder|directory|dir)\b/.test(placeholder)) return "folders";
  return /\b(file|path|vendors)\b/.test(placeholder) ? "files" : "anything";
}
