// SPDX-License-Identifier: Apache-2.0
/**
 * The completion script for bash 4 and newer. It needs nothing beside bash itself.
 *
 * @see https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html
 */
import { quoted } from "./quoting.ts";
import type { CommandWords, OptionWords, Values } from "./words.ts";

export function bashScript(program: string, commands: readonly CommandWords[]): string {
  const name = `_${program.replace(/\W/g, "_")}`;
  return `# bash completion for ${program}; load it with: source <(${program} completion bash)

# Sets takes to what may follow an option of a command: "", or words, files, folders, anything.
${name}_option() {
  takes="" words=""
  case "$1 $2" in
${commands.flatMap(optionCases).join("\n")}
  esac
}

# Sets takes to what argument number $2 of a command is.
${name}_argument() {
  takes="" words=""
  case "$1 $2" in
${commands.flatMap(argumentCases).join("\n")}
  esac
}

# Sets subcommands and options of a command.
${name}_command() {
  subcommands="" options=""
  case "$1" in
${commands.map(commandCase).join("\n")}
  esac
}

${name}_offer() {
  local IFS=$'\\n'
  case "$takes" in
    words) COMPREPLY=($(IFS=' '; compgen -W "$words" -- "$1")) ;;
    files) COMPREPLY=($(compgen -f -- "$1")); compopt -o filenames 2>/dev/null ;;
    folders) COMPREPLY=($(compgen -d -- "$1")); compopt -o filenames 2>/dev/null ;;
  esac
}

${name}() {
  local takes words subcommands options path="" word at=1 count=0 current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  [[ $current == = ]] && current=""
  ${name}_command ""
  while ((at < COMP_CWORD)); do
    word="\${COMP_WORDS[at]}"
    ((at++))
    if [[ $word == -* ]]; then
      ${name}_option "$path" "$word"
      [[ $takes ]] || continue
      # Bash makes a word of its own of the equals sign in --option=value.
      [[ \${COMP_WORDS[at]} == = ]] && ((at < COMP_CWORD)) && ((at++))
      if ((at >= COMP_CWORD)); then
        ${name}_offer "$current"
        return
      fi
      ((at++))
    elif [[ " $subcommands " == *" $word "* ]]; then
      path="$path\${path:+ }$word"
      count=0
      ${name}_command "$path"
    else
      ((count++))
    fi
  done
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ $subcommands ]]; then
    COMPREPLY=($(compgen -W "$subcommands" -- "$current"))
  else
    ${name}_argument "$path" "$count"
    ${name}_offer "$current"
  fi
}

complete -F ${name} ${program}
`;
}

function commandCase({ path, subcommands, options }: CommandWords): string {
  const flags = options.flatMap((option) => option.flags);
  return `    ${quoted(path.join(" "))}) subcommands=${quoted(subcommands.join(" "))} options=${quoted(flags.join(" "))} ;;`;
}

function optionCases({ path, options }: CommandWords): string[] {
  return options.flatMap(({ flags, values }: OptionWords) =>
    values === undefined
      ? []
      : [`    ${flags.map((flag) => quoted(`${path.join(" ")} ${flag}`)).join(" | ")}) ${assignment(values)} ;;`],
  );
}

/** Arguments beyond the last one are more of it: only the last may repeat. */
function argumentCases({ path, arguments: all }: CommandWords): string[] {
  return all.map((values, index) => {
    const isLast = index === all.length - 1;
    const pattern = isLast ? `${quoted(`${path.join(" ")} `)}*` : quoted(`${path.join(" ")} ${index}`);
    return `    ${pattern}) ${assignment(values)} ;;`;
  });
}

function assignment(values: Values): string {
  return typeof values === "string" ? `takes=${values}` : `takes=words words=${quoted(values.words.join(" "))}`;
}
