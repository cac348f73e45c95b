// SPDX-License-Identifier: Apache-2.0
/**
 * The variants of the module do what the fuzzers rely on: checks notice a bad address, a bounded memory does not grow.
 */
import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import { FILTER } from "./files.ts";
import { Vm } from "./host/vm.ts";
import { World } from "./host/world.ts";
import { checkCalls, withChecks, withMemoryLimit } from "./variants.ts";

const PAGE_BYTES = 65_536;
const PEEK = `(module (memory (export "memory") 1)
  (func (export "peek") (param i32) (result i32) (i32.load offset=4 (local.get 0)))
  (func (export "poke") (param i32) (i32.store8 (local.get 0) (i32.const 1))))`;

function startPeek(): { peek(address: number): number; poke(address: number): void } {
  const parsed = binaryen.parseText(PEEK);
  const module = withChecks(parsed.emitBinary());
  parsed.dispose();
  const calls = checkCalls((address) => new DataView(memory.buffer).setUint32(address, memory.buffer.byteLength, true));
  const { exports } = new WebAssembly.Instance(module, { env: calls });
  const memory = exports.memory as WebAssembly.Memory;
  return exports as unknown as ReturnType<typeof startPeek>;
}

describe("a module with checks", () => {
  it.each([0, 1000, PAGE_BYTES - 4, PAGE_BYTES, -4])("fails on a load from %i and 4 beyond", (address) => {
    expect(() => startPeek().peek(address)).toThrow("memory access");
  });

  it.each([0, 500, PAGE_BYTES])("fails on a store to %i", (address) => {
    expect(() => startPeek().poke(address)).toThrow("memory access");
  });

  it("loads and stores where it may", () => {
    const { peek, poke } = startPeek();
    poke(4100);
    expect(peek(4096)).toBe(1);
  });
});

describe("a module with a bounded memory", () => {
  it("starts with as much as the built one and can't have more", () => {
    const built = new Vm(new WebAssembly.Module(readFileSync(FILTER)), new World()).memory.size;
    const bounded = new Vm(withMemoryLimit(FILTER, 0), new World()).memory;
    expect(bounded.size).toBe(built);
    expect(bounded.grow(1)).toBe(false);
  });
});
