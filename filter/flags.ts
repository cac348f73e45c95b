// SPDX-License-Identifier: Apache-2.0
/**
 * Why Envoy ended a connection or a stream: the bits of `response.flags`, which both kinds of context can read.
 * The numbers are those of Envoy's CoreResponseFlag.
 */
import { answer, answerLength, readProperty } from "./as-proxy-wasm/host.ts";
import { writeText } from "./core/bytes.ts";

const NO_HEALTHY_UPSTREAM: i64 = 1 << 1;
const UPSTREAM_RESET: i64 = 1 << 4;
const UPSTREAM_FAILURE: i64 = 1 << 5;
const UPSTREAM_TERMINATION: i64 = 1 << 6;

const path: usize = memory.data(24);

/** The flags as bits; 0 where there are none. */
export function responseFlags(): i64 {
  let n: i32 = writeText(<i32>path, "response");
  store<u8>(path + n, 0);
  n += 1 + writeText(<i32>path + n + 1, "flags");
  return readProperty(path, n) && answerLength === 8 ? load<i64>(answer) : 0;
}

/** No connection to the upstream came about. */
export function upstreamFailed(flags: i64): bool {
  return (flags & (UPSTREAM_FAILURE | NO_HEALTHY_UPSTREAM)) !== 0;
}

/** The upstream broke off a connection that was open. */
export function upstreamReset(flags: i64): bool {
  return (flags & (UPSTREAM_RESET | UPSTREAM_TERMINATION)) !== 0;
}
