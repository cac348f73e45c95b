// SPDX-License-Identifier: Apache-2.0
/**
 * Shows on the built module that no callback can trap, as far as instructions tell: a trap would close every open connection
 * of that worker.
 *
 * Shown: no instruction of the module traps whatever its operands, no division by what may be 0, no conversion that traps, no
 * indirect call, no recursion, no failure to grow memory that goes unnoticed. Not shown here: that every load and store stays
 * inside of memory. The fuzzers look for one that does not, in a variant of the module that checks each of them.
 */
import { describe, expect, it } from "vitest";
import { type Instruction, readCode } from "./code.ts";
import { FILTER } from "./files.ts";

const { functions, declarations } = readCode(FILTER);
const all = [...functions].flatMap(([name, body]) =>
  body.map((instruction, index) => ({ name, body, index, ...instruction })),
);

/** Cannot trap, whatever is on the stack. */
const HARMLESS = new Set(
  [
    ...["block", "loop", "if", "else", "end", "br", "br_if", "br_table", "return", "call", "drop", "select", "nop"],
    ...["local.get", "local.set", "local.tee", "global.get", "global.set", "memory.size", "memory.grow"],
    ...["i32", "i64", "f64"].flatMap((type) => ["const", "eq", "ne", "add", "sub", "mul"].map((op) => `${type}.${op}`)),
    ...["i32", "i64"].flatMap((type) => integerOps().map((op) => `${type}.${op}`)),
    ...["lt", "gt", "le", "ge", "div", "neg", "abs", "floor", "ceil", "trunc", "min", "max"].map((op) => `f64.${op}`),
    ...["i32.wrap_i64", "i64.extend_i32_s", "i64.extend_i32_u", "i32.extend8_s", "i32.extend16_s"],
    ...["i32_s", "i32_u", "i64_s", "i64_u"].map((from) => `f64.convert_${from}`),
    ...["i32.trunc_sat_f64_s", "i32.trunc_sat_f64_u", "i64.trunc_sat_f64_s", "i64.trunc_sat_f64_u"],
  ].sort(),
);

function integerOps(): string[] {
  const signed = ["lt", "gt", "le", "ge", "shr"].flatMap((op) => [`${op}_s`, `${op}_u`]);
  return [...signed, "eqz", "and", "or", "xor", "shl", "rotl", "rotr", "clz", "ctz", "popcnt"];
}

/** Trap outside of memory. */
const MEMORY = /^(?:(?:i32|i64|f64)\.(?:load|store)(?:(?:8|16|32)(?:_[su])?)?|memory\.(?:copy|fill))$/;

const PAGE_BYTES = 65_536;
const WIDEST_LOAD = 8;

/** Trap on a divisor of 0, and where the quotient does not fit. */
const DIVISION = /^i(?:32|64)\.(?:div|rem)_[su]$/;

describe("no instruction of the filter's module", () => {
  it("is one that this test does not know to be harmless, a memory access or a division", () => {
    const unknown = all.filter(({ op }) => !HARMLESS.has(op) && !MEMORY.test(op) && !DIVISION.test(op));
    expect(unknown.map(({ name, op }) => `${op} in ${name}`)).toEqual([]);
  });

  it("divides by anything but a constant that is neither 0 nor -1", () => {
    const divisor = (body: readonly Instruction[], index: number) => body[index - 1];
    const unsafe = all.filter(({ op, body, index }) => {
      const right = divisor(body, index);
      return DIVISION.test(op) && !(right?.op.endsWith(".const") && !["0", "-1"].includes(right.operand));
    });
    expect(unsafe.map(({ name, op }) => `${op} in ${name}`)).toEqual([]);
  });

  it("takes memory.grow's answer for granted: it is compared with 0 at once", () => {
    const grows = all.filter(({ op }) => op === "memory.grow");
    expect(grows.length).toBeGreaterThan(0);
    const next = grows.map(({ body, index }) =>
      body.slice(index + 1, index + 3).map(({ op, operand }) => `${op} ${operand}`.trim()),
    );
    for (const followers of next) expect(followers).toEqual(["i32.const 0", "i32.lt_s"]);
  });
});

describe("the filter's module", () => {
  it("has no table, so nothing is called but by name", () => {
    expect(declarations.filter((line) => /^\((?:table|elem)\b/.test(line))).toEqual([]);
  });

  it("has no recursion, so the depth of its calls is bounded", () => {
    expect(findCycle(callGraph())).toEqual([]);
  });

  it("loads nothing at a fixed address that lies outside of the memory it starts with", () => {
    const fixed = all.filter(({ op, body, index }) => /\.load/.test(op) && body[index - 1]?.op === "i32.const");
    const end = ({ body, index, operand }: (typeof all)[number]) =>
      Number(body[index - 1]?.operand) + Number(/offset=(\d+)/.exec(operand)?.[1] ?? 0) + WIDEST_LOAD;
    expect(fixed.filter((load) => end(load) > startMemory()).map(({ name, op }) => `${op} in ${name}`)).toEqual([]);
    expect(fixed.length).toBeGreaterThan(0);
  });
});

/** Bytes of memory that the module declares. */
function startMemory(): number {
  const pages = declarations.map((line) => /^\(memory \S+ (\d+)/.exec(line)?.[1]).find((found) => found !== undefined);
  return Number(pages) * PAGE_BYTES;
}

function callGraph(): Map<string, string[]> {
  const callees = (body: readonly Instruction[]) =>
    body.filter(({ op }) => op === "call").map(({ operand }) => operand);
  return new Map([...functions].map(([name, body]) => [name, callees(body)]));
}

/** Names of functions that call each other in a circle; none where there is no such circle. */
function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): string[] => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return [];
    for (const callee of graph.get(name) ?? []) {
      const cycle = visit(callee, [...path, name]);
      if (cycle.length > 0) return cycle;
    }
    done.add(name);
    return [];
  };
  for (const name of graph.keys()) {
    const cycle = visit(name, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
