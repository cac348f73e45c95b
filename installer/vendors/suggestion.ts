// SPDX-License-Identifier: Apache-2.0
/**
 * The word that somebody probably meant. Knows no words itself.
 */

/** The nearest of some words, if it is near: at most a third of its letters to change. */
export function suggestion(found: string, words: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const word of words) {
    const allowed = Math.max(1, Math.floor(word.length / 3));
    // No word can be near that is so much shorter or longer; this also bounds the work on long texts.
    if (Math.abs(word.length - found.length) > allowed) continue;
    const distance = editDistance(found.toLowerCase(), word.toLowerCase());
    if (distance <= allowed && distance < least) {
      nearest = word;
      least = distance;
    }
  }
  return nearest;
}

/** Letters to insert, delete, replace or swap with the next (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const next = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      next.push(
        Math.min(
          at(last, column) + 1,
          at(next, column - 1) + 1,
          at(last, column - 1) + (isSame ? 0 : 1),
          isSwap ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = last;
    last = next;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
