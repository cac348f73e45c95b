// SPDX-License-Identifier: Apache-2.0
/**
 * Text inside single quotes, for each shell. Help texts hold quotes, dollars and backquotes.
 */

/** For bash, zsh and every POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** For fish, where a backslash counts inside single quotes. */
export function quotedForFish(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
