# SPDX-License-Identifier: Apache-2.0
#
# An interactive zsh that at its first prompt completes each line of $HOME/lines, and writes what it would offer to $HOME/offered:
# a line "== ", then one offer a line. It ends with the file $HOME/done.
if [[ -n $ZSH_ROOT ]]; then
  module_path=($ZSH_ROOT/usr/lib/*/zsh/*(/))
  fpath=($ZSH_ROOT/usr/share/zsh/functions/**/*(/))
fi
zmodload zsh/zle zsh/complete zsh/computil zsh/zutil zsh/parameter
setopt zle no_beep
autoload -Uz compinit
compinit -u -D
source $HOME/_proxymeter
offer() {
  compadd() {
    local -a hits
    if [[ -z ${@[(r)-[OAD]*]} ]]; then
      builtin compadd -A hits "$@"
      print -rl -- $hits >> $HOME/offered
    fi
    builtin compadd "$@"
  }
  _main_complete
}
zle -C offer complete-word offer
zle-line-init() {
  for BUFFER in "${(@f)$(<$HOME/lines)}"; do
    CURSOR=$#BUFFER
    print -r -- "== " >> $HOME/offered
    zle offer
  done
  BUFFER=""
  : > $HOME/done
}
zle -N zle-line-init
