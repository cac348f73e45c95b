// SPDX-License-Identifier: Apache-2.0
/**
 * The completion script for zsh: one function for each command, each with `_arguments`.
 *
 * @see https://zsh.sourceforge.io/Doc/Release/Completion-System.html#index-_005farguments
 */
import { quoted } from "./quoting.ts";
import { type CommandWords, childrenOf, type OptionWords, type Values } from "./words.ts";

export function zshScript(program: string, commands: readonly CommandWords[]): string {
  const functions = commands.map((command) => zshFunction(program, command, commands));
  return `#compdef ${program}
# zsh completion for ${program}; load it with: source <(${program} completion zsh)

${functions.join("\n\n")}

# Run by the completion system itself where the file lies in fpath, else sourced.
if [[ "$funcstack[1]" == ${functionName(program, [])} ]]; then
  ${functionName(program, [])} "$@"
else
  compdef ${functionName(program, [])} ${program}
fi
`;
}

function zshFunction(program: string, command: CommandWords, all: readonly CommandWords[]): string {
  const name = functionName(program, command.path);
  const specs = command.options.flatMap(optionSpecs);
  if (command.subcommands.length === 0) {
    return `${name}() {\n  _arguments -s ${specList([...specs, ...argumentSpecs(command)])}\n}`;
  }
  const children = childrenOf(command, all);
  const described = children.map(({ path, description }) => quoted(`${nameIn(path)}:${description}`));
  const cases = children.map(({ path }) => {
    return `        ${nameIn(path)}) ${functionName(program, path)} ;;`;
  });
  return `${name}() {
  local context state line
  local -a commands=(
    ${described.join("\n    ")}
  )
  _arguments -C -s ${specList([...specs, "1:command:->command", "*::argument:->arguments"])}
  case $state in
    command) _describe command commands ;;
    arguments)
      case $words[1] in
${cases.join("\n")}
      esac ;;
  esac
}`;
}

function specList(specs: readonly string[]): string {
  return specs.map((spec) => `\\\n    ${quoted(spec)}`).join(" ");
}

/** One for each spelling; the list in front says that one of them is enough. */
function optionSpecs({ flags, description, values }: OptionWords): string[] {
  const others = flags.length > 1 ? `(${flags.join(" ")})` : "";
  const text = `[${description.replace(/[[\]\\]/g, "\\$&")}]`;
  if (values === undefined) return flags.map((flag) => `${others}${flag}${text}`);
  return flags.map((flag) => `${others}${flag}${flag.startsWith("--") ? "=" : ""}${text}:value:${action(values)}`);
}

function argumentSpecs({ arguments: all }: CommandWords): string[] {
  return all.map((values, index) => `${index === all.length - 1 ? "*" : index + 1}:argument:${action(values)}`);
}

function nameIn(path: readonly string[]): string {
  return path.at(-1) ?? "";
}

function action(values: Values): string {
  if (values === "files") return "_files";
  if (values === "folders") return "_files -/";
  return values === "anything" ? " " : `(${values.words.join(" ")})`;
}

function functionName(program: string, path: readonly string[]): string {
  return `_${[program, ...path].join("_").replace(/\W/g, "_")}`;
}
