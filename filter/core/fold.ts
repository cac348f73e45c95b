// SPDX-License-Identifier: Apache-2.0
/**
 * Folds a host to the domain that was registered, so that `a.shop.example` and `b.shop.example` share one series.
 * Works by a short rule instead of the public suffix list, which would not fit: two labels, or three where the last two
 * are a country and one of its usual second levels. Addresses and ports stay as they are.
 */
import { COLON, DOT, equalsText, isLetter } from "./bytes.ts";

/** Bytes to leave out at the front of a `destination_host`. */
export function foldedFrom(address: i32, length: i32): i32 {
  const end: i32 = hostEnd(address, length);
  if (end < 1 || !isLetter(i32.load8_u(address + end - 1))) return 0;
  const last: i32 = dotBefore(address, end);
  const second: i32 = dotBefore(address, last);
  if (last < 0 || second < 0) return 0;
  const wide: bool = end - last - 1 === 2 && isSecondLevel(address + second + 1, last - second - 1);
  return wide ? dotBefore(address, second) + 1 : second + 1;
}

/** End of the host: before the port, or 0 for an IPv6 address. */
function hostEnd(address: i32, length: i32): i32 {
  for (let i: i32 = 0; i < length; i++) {
    if (i32.load8_u(address + i) !== COLON) continue;
    for (let j: i32 = i + 1; j < length; j++) {
      if (i32.load8_u(address + j) === COLON) return 0;
    }
    return i;
  }
  return length;
}

/** Index of the last dot before `end`, or -1. */
function dotBefore(address: i32, end: i32): i32 {
  let i: i32 = end - 1;
  while (i >= 0 && i32.load8_u(address + i) !== DOT) i--;
  return i;
}

function isSecondLevel(address: i32, length: i32): bool {
  return (
    equalsText(address, length, "co") ||
    equalsText(address, length, "com") ||
    equalsText(address, length, "org") ||
    equalsText(address, length, "net") ||
    equalsText(address, length, "gov") ||
    equalsText(address, length, "edu") ||
    equalsText(address, length, "ac") ||
    equalsText(address, length, "or") ||
    equalsText(address, length, "ne") ||
    equalsText(address, length, "go")
  );
}
