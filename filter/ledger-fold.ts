// SPDX-License-Identifier: Apache-2.0
/**
 * What a ledger can't tell apart any more: parts beyond the kinds that a connection keeps, and parts that a line has no room
 * for. Destination, pool and the like are forgotten, outcomes never are: bills go by them, so every sum by outcome stays exact.
 */
import { METHOD_OTHER } from "./core/http-method.ts";
import { OUTCOMES } from "./core/outcome.ts";
import { mergePart, Part } from "./ledger-part.ts";
import { hasRoom, hasRoomForFold, putPart } from "./ledger-text.ts";
import { otherName } from "./vendors.ts";

/** One for each outcome, and one for those that are not known yet; there is room for ten parts of 153 bytes. */
const FOLDS: i32 = OUTCOMES + 1;
const folds: usize = memory.data(1536);

let protocol: i32 = 0;
let isFolded: bool = false;

/** Leaves of a part only what all requests of its connection have in common, and how they ended. */
export function forgetKind(part: Part, announced: i32): void {
  part.destination = otherName();
  part.pool = otherName();
  part.country = 0;
  part.extra = 0;
  part.protocol = announced;
  part.version = 0;
  part.method = METHOD_OTHER;
  part.code = 0;
}

/** Begins the parts of a connection. */
export function startParts(announced: i32): void {
  protocol = announced;
  if (!isFolded) return;
  isFolded = false;
  memory.fill(folds, 0, <usize>FOLDS * offsetof<Part>());
}

/** Adds a part to the line, or, where that has no room for it, to the fold of its outcome. */
export function putOrFold(part: Part): void {
  if (hasRoom(part, FOLDS)) {
    putPart(part, 0);
    return;
  }
  isFolded = true;
  const fold: Part = foldOf(part.outcome, part);
  const requests: i32 = part.requests;
  mergePart(fold, part);
  // Requests go by their answer and bytes by their end, so where these differ each goes to its own.
  fold.requests -= requests;
  if (requests > 0) foldOf(part.requestOutcome, part).requests += requests;
}

function foldOf(outcome: i32, part: Part): Part {
  const fold: Part = changetype<Part>(folds + <usize>(outcome + 1) * offsetof<Part>());
  if (fold.vendor !== 0) return fold;
  forgetKind(fold, protocol);
  fold.vendor = part.vendor;
  fold.outcome = outcome;
  fold.requestOutcome = outcome;
  fold.startedAt = part.startedAt;
  return fold;
}

/** After all parts: adds what was folded. */
export function putFolds(): void {
  if (!isFolded) return;
  for (let index: i32 = 0; index < FOLDS; index++) {
    const fold: Part = changetype<Part>(folds + <usize>index * offsetof<Part>());
    if (fold.vendor !== 0 && hasRoomForFold(fold)) putPart(fold, 0);
  }
}
