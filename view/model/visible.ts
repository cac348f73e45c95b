// SPDX-License-Identifier: Apache-2.0
/**
 * Texts of others as people may see them: characters that are not seen themselves, but change what is seen, are written out.
 * A host could otherwise be shown as another one, by turning the direction of writing.
 */

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;
const HEX = 16;
const DIGITS = 4;

/** The text with control, format and direction characters as `\u202e`. */
export function visible(text: string): string {
  return text.replace(
    UNSEEN,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(HEX).padStart(DIGITS, "0")}`,
  );
}
