// SPDX-License-Identifier: Apache-2.0
/**
 * Any text as vendors.yaml: the answer is a model or a ProxymeterError with positions in the text, and never anything else.
 * Texts are the sample and others, changed at random; the seed is fixed, and a failure names its round.
 */
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { ProxymeterError } from "../../../../installer/errors.ts";
import { parseVendors } from "../../../../installer/vendors/read.ts";
import { sampleText } from "../../../../installer/vendors/sample.ts";
import { schemaText } from "../../../../installer/vendors/schema.ts";

const ROUNDS = 500;
const PIECES = [
  ..."[]{}:,#&*!|>'\"%@`?-\n\t \u0000\ufeff\u2028\ud800",
  "---\n",
  "...\n",
  "<<: ",
  "&a ",
  "*a",
  "!!binary ",
  "!!set ",
  "!x ",
  "? ",
  "- ",
  "null",
  "~",
  "0x1F",
  "1e999",
  ".nan",
  "-0",
  "__proto__: ",
  "constructor: ",
  "valueOf: ",
  "toString: ",
  "then: ",
  "name: ",
  "ports: ",
  "203.0.113.0/24",
  "::/0",
  "%TAG ! x\n",
];

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function changed(text: string, random: () => number): string {
  let result = text;
  for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes--) {
    const at = Math.floor(random() * (result.length + 1));
    const size = Math.floor(random() ** 3 * 60);
    const piece = PIECES[Math.floor(random() * PIECES.length)] ?? "";
    const inserted = random() < 0.3 ? result.slice(at, at + size) + piece : piece;
    result = result.slice(0, at) + inserted + result.slice(at + (random() < 0.5 ? size : 0));
  }
  return result;
}

/** A value of any shape whose members often have names that the schema knows. */
function anyValue(random: () => number, depth = 0): unknown {
  const pick = Math.floor(random() * (depth > 5 ? 5 : 8));
  const scalars = [
    null,
    random() * 1e6 - 5e5,
    random() < 0.5,
    PIECES[Math.floor(random() * PIECES.length)],
    "gw.acme.example:80",
  ];
  if (pick < 5) return scalars[pick];
  const items = Array.from({ length: Math.floor(random() * 4) }, () => anyValue(random, depth + 1));
  if (pick === 5) return items;
  return Object.fromEntries(items.map((item) => [NAMES[Math.floor(random() * NAMES.length)] ?? "x", item]));
}

const NAMES = [...new Set(schemaText().match(/(?<=")[a-zA-Z]+(?=": )/g) ?? [])];

function outcomeOf(text: string): ProxymeterError | undefined {
  try {
    parseVendors(text, "fuzz");
    return undefined;
  } catch (error) {
    if (error instanceof ProxymeterError) return error;
    throw error;
  }
}

function expectTold(text: string, round: number): void {
  let error: ProxymeterError | undefined;
  try {
    error = outcomeOf(text);
  } catch (cause) {
    throw new Error(`got another error in round ${round} from ${JSON.stringify(text.slice(0, 2000))}`, { cause });
  }
  if (error === undefined) return;
  expect(error).toMatchObject({ code: "E_VENDORS", exitCode: 2 });
  const [, ...lines] = error.message.split("\n");
  const lineCount = text.split(/\r\n|\n/).length;
  for (const line of lines) {
    const [, at = ""] = /^fuzz:(\d+):\d+: .*\b(?:found|did you mean)\b/.exec(line) ?? [];
    if (/^and \d+ more$/.test(line)) continue;
    expect(Number(at), `round ${round}: ${line}`).toBeGreaterThanOrEqual(1);
    expect(Number(at), `round ${round}: ${line}`).toBeLessThanOrEqual(lineCount);
  }
}

describe("parseVendors", () => {
  const settings = sampleText().replace(/^(\s*)#(?! \S|$)/gm, "$1");

  it(`answers ${ROUNDS} texts changed at random`, { timeout: 60_000 }, () => {
    const random = randomFrom(4);
    for (let round = 0; round < ROUNDS; round++) {
      expectTold(changed(random() < 0.5 ? settings : settings.replace(/^ *#.*\n/gm, ""), random), round);
    }
  });

  it(`answers ${ROUNDS} values of any shape`, { timeout: 60_000 }, () => {
    const random = randomFrom(5);
    for (let round = 0; round < ROUNDS; round++) {
      const vendors = [anyValue(random), { name: "acme", gateways: [anyValue(random)], price: anyValue(random) }];
      expectTold(
        stringify({ apiVersion: "proxymeter.io/v1", vendors, [NAMES[round % NAMES.length] ?? "x"]: anyValue(random) }),
        round,
      );
    }
  });

  it(`answers ${ROUNDS} texts of noise`, { timeout: 60_000 }, () => {
    const random = randomFrom(6);
    for (let round = 0; round < ROUNDS; round++) {
      const text = Array.from(
        { length: Math.floor(random() * 60) },
        () => PIECES[Math.floor(random() * PIECES.length)],
      );
      expectTold(text.join(""), round);
    }
  });
});
