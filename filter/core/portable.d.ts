// SPDX-License-Identifier: Apache-2.0
/**
 * The AssemblyScript names that this folder may use, as TypeScript sees them; this list is the whitelist.
 * At run time they come from the compiler in Wasm and from `test/core/native.ts` in native tests.
 * Addresses are `i32` offsets in linear memory; `f64` holds byte counts, exact up to 2^53.
 */
declare type i32 = number;
declare type f64 = number;
declare type bool = boolean;

declare const i32: {
  (value: number): i32;
  load8_u(address: i32, offset?: i32): i32;
  load(address: i32, offset?: i32): i32;
  store8(address: i32, value: i32, offset?: i32): void;
  store(address: i32, value: i32, offset?: i32): void;
  mul(a: i32, b: i32): i32;
};
declare const f64: { (value: number): f64 };
declare function changetype<T>(value: unknown): T;
declare const memory: {
  data(size: i32): i32;
  copy(to: i32, from: i32, length: i32): void;
  fill(address: i32, value: i32, length: i32): void;
};
