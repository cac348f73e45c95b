// SPDX-License-Identifier: Apache-2.0
/**
 * The built filter in variants that make failures visible which the module itself would pass over in silence or never meet:
 * with a memory that can't grow, and with a check before each memory access.
 */
import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import type { World } from "./host/world.ts";
import { type HostCall, Vm } from "./host/vm.ts";

/** The module with a memory of at most so many pages of 64 KiB; 0 for no more than it starts with. */
export function withMemoryLimit(file: string, pages: number): WebAssembly.Module {
  const text = textOf(file).replace(/\(memory (\S+) (\d+)\)/, (_all, name: string, initial: string) => {
    return `(memory ${name} ${initial} ${Math.max(pages, Number(initial))})`;
  });
  return compile(binaryen.parseText(text));
}

/**
 * The module with a check before each load and store: below the module's own data, where null pointers lead, and beyond the end
 * of memory they fail. Bulk copies and fills are not checked; they trap by themselves beyond the end.
 */
export function withChecks(code: Uint8Array): WebAssembly.Module {
  const module = binaryen.readBinary(code);
  binaryen.setLowMemoryUnused(true);
  module.runPasses(["safe-heap"]);
  binaryen.setLowMemoryUnused(false);
  return compile(module);
}

/** What a module with checks imports beside its own; `sizeIn` writes the size of memory to an address that the module leaves free. */
export function checkCalls(sizeIn: (address: number) => void): Record<string, HostCall> {
  return {
    emscripten_get_sbrk_ptr: () => {
      sizeIn(UNUSED_WORD);
      return UNUSED_WORD;
    },
    segfault: () => {
      throw new WebAssembly.RuntimeError("memory access at a null address or beyond the end of memory");
    },
    // AssemblyScript makes no promise about alignment, and the machine asks for none.
    alignfault: () => 0,
  };
}

/** A VM of a module with checks. */
export function startCheckedVm(module: WebAssembly.Module, world: World): Vm {
  const sizeIn = (address: number) => void vm.memory.writeWord(address, vm.memory.size);
  const vm: Vm = new Vm(module, world, checkCalls(sizeIn));
  return vm;
}

/** The compiler leaves low memory free. */
const UNUSED_WORD = 16;

function textOf(file: string): string {
  const module = binaryen.readBinary(readFileSync(file));
  try {
    return module.emitText();
  } finally {
    module.dispose();
  }
}

function compile(module: binaryen.Module): WebAssembly.Module {
  try {
    return new WebAssembly.Module(module.emitBinary() as Uint8Array<ArrayBuffer>);
  } finally {
    module.dispose();
  }
}
