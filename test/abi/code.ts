// SPDX-License-Identifier: Apache-2.0
/**
 * The instructions of a compiled module, function by function and in the order in which they run on its stack.
 * Says nothing of what they may do; that is for the tests that ask.
 */
import { readFileSync } from "node:fs";
import binaryen from "binaryen";

export interface Instruction {
  /** As in `i32.div_s`. */
  op: string;
  /** What follows it, as in `$16` or `offset=4`; "" for nothing. */
  operand: string;
}

export interface Code {
  /** Functions of the module itself by their name in the text form. */
  functions: ReadonlyMap<string, readonly Instruction[]>;
  /** Lines of its other parts: types, imports, memory, data, exports. */
  declarations: readonly string[];
}

/** Reads the code of a module file. */
export function readCode(file: string): Code {
  const module = binaryen.readBinary(readFileSync(file));
  try {
    return parse(module.emitStackIR());
  } finally {
    module.dispose();
  }
}

function parse(text: string): Code {
  const functions = new Map<string, Instruction[]>();
  const declarations: string[] = [];
  let body: Instruction[] | undefined;
  for (const line of text.split("\n").map((raw) => raw.trim())) {
    const started = /^\(func (\S+)/.exec(line)?.[1];
    if (started !== undefined) {
      body = [];
      functions.set(started, body);
    } else if (line === ")" || line === "") {
      body = undefined;
    } else if (body === undefined) {
      declarations.push(line);
    } else if (!line.startsWith("(")) {
      const [op = "", ...rest] = line.split(" ");
      body.push({ op, operand: rest.join(" ") });
    }
  }
  return { functions, declarations };
}
