# SPDX-License-Identifier: Apache-2.0
#
# Starts an interactive zsh on a terminal of its own, and waits until it has written $HOME/done.
[[ -n $ZSH_ROOT ]] && module_path=($ZSH_ROOT/usr/lib/*/zsh/*(/))
zmodload zsh/zpty zsh/zselect
zpty shell "$ZSH_PROGRAM -d -i"
repeat 1500; do
  # A shell whose output nobody reads stops.
  while zpty -r -t shell output; do :; done
  [[ -e $HOME/done ]] && break
  zselect -t 1
done
zpty -d shell
[[ -e $HOME/done ]]
