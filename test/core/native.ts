// SPDX-License-Identifier: Apache-2.0
/**
 * The names of `filter/core/portable.d.ts` at run time, for native tests: one linear memory and the calls that reach it.
 * Loaded before the sources that use them; in Wasm the compiler provides the same names.
 */
const bytes = new Uint8Array(4 << 20);
const view = new DataView(bytes.buffer);
let top = 1024;

const word = Object.assign((value: number) => Math.trunc(value) | 0, {
  load8_u: (address: number, offset = 0) => view.getUint8(address + offset),
  load: (address: number, offset = 0) => view.getInt32(address + offset, true),
  store8: (address: number, value: number, offset = 0) => view.setUint8(address + offset, value & 0xff),
  store: (address: number, value: number, offset = 0) => view.setInt32(address + offset, value, true),
  mul: Math.imul,
});

Object.assign(globalThis, {
  i32: word,
  f64: (value: number) => value,
  changetype: (value: unknown) => value,
  memory: {
    data: (size: number) => {
      top = (top + 15) & -16;
      const address = top;
      top += size;
      if (top > bytes.length) throw new Error(`native memory of ${bytes.length} bytes is too small`);
      return address;
    },
    copy: (to: number, from: number, length: number) => bytes.copyWithin(to, from, from + length),
    fill: (address: number, value: number, length: number) => bytes.fill(value, address, address + length),
  },
});

/** The linear memory of the native run. */
export const nativeMemory = bytes;
