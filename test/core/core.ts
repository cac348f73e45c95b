// SPDX-License-Identifier: Apache-2.0
/**
 * The two builds of `filter/core` behind one interface: native TypeScript and the compiled module.
 * Vectors and fuzzers call both and want the same answers. Holds no vectors.
 */
import { readFileSync } from "node:fs";
import { nativeMemory } from "./native.ts";

type Entry = typeof import("./entry.ts");

const native: Entry = await import("./entry.ts");

export interface Core {
  readonly call: Entry;
  /** Puts bytes or text into the input buffer and returns the length. */
  input(data: Uint8Array | string): number;
  /** Text that the calls since the last `output` have written. */
  output(): string;
}

function wrap(call: Entry, memory: () => Uint8Array): Core {
  return {
    call,
    input(data) {
      const bytes = typeof data === "string" ? Buffer.from(data, "latin1") : data;
      memory().set(bytes, call.inputAddress());
      return bytes.length;
    },
    output() {
      const at = call.outputAddress();
      const text = Buffer.from(memory().subarray(at, at + call.outputLength())).toString("latin1");
      call.clearOutput();
      return text;
    },
  };
}

async function compiled(): Promise<Core> {
  const module = await WebAssembly.instantiate(readFileSync(new URL("../../build/core.wasm", import.meta.url)), {});
  const exports = module.instance.exports as unknown as Entry & { memory: WebAssembly.Memory; _initialize(): void };
  exports._initialize();
  return wrap(exports, () => new Uint8Array(exports.memory.buffer));
}

/** Both builds by name, for `describe.each`. */
export const CORES: readonly (readonly [string, Core])[] = [
  ["native", wrap(native, () => nativeMemory)],
  ["wasm", await compiled()],
];
