// SPDX-License-Identifier: Apache-2.0
/**
 * The `completion` subcommand: prints a shell's completion script for the whole program it belongs to.
 */
import { Argument, Command } from "commander";
import { bashScript } from "../completion/bash.ts";
import { fishScript } from "../completion/fish.ts";
import { type CommandWords, wordsOf } from "../completion/words.ts";
import { zshScript } from "../completion/zsh.ts";

const SCRIPTS: Readonly<Record<string, (program: string, commands: readonly CommandWords[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

const EXAMPLES = `
Exit status: 0 when the script was printed, 2 for a mistake in the options.

Examples:
  source <(proxymeter completion bash)
  proxymeter completion bash > ~/.local/share/bash-completion/completions/proxymeter
  proxymeter completion zsh > "\${fpath[1]}/_proxymeter"
  proxymeter completion fish > ~/.config/fish/completions/proxymeter.fish`;

/** The subcommand, for a program that calls it `proxymeter completion`. */
export function completionCommand(): Command {
  const command = new Command("completion");
  return command
    .description("print a script that completes commands and options in your shell")
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(SCRIPTS)))
    .addHelpText("after", EXAMPLES)
    .action((shell: string) => {
      const program = command.parent ?? command;
      process.stdout.write(SCRIPTS[shell]?.(program.name(), wordsOf(program)) ?? "");
    });
}
