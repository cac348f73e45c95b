// SPDX-License-Identifier: Apache-2.0
/**
 * Why Envoy ended a connection or a stream: the bits of `response.flags`, which both kinds of context can read.
 * The numbers are those of Envoy's CoreResponseFlag.
 */
import { answer, answerLength, readProperty } from "./as-proxy-wasm/host.ts";
import { PEER_LOCAL } from "./as-proxy-wasm/types.ts";
import { writeText } from "./core/bytes.ts";

const NO_HEALTHY_UPSTREAM: i64 = 1 << 1;
const UPSTREAM_RESET: i64 = 1 << 4;
const UPSTREAM_FAILURE: i64 = 1 << 5;
const UPSTREAM_TERMINATION: i64 = 1 << 6;

/** From this minor version on, Envoy flags a TCP connection that its upstream reset. */
const FLAGS_TCP_RESETS: i32 = 38;

let flagsResets: bool = true;

/** Says which Envoy this is; -1 for one that does not tell, which is taken to be new. */
export function useEnvoyVersion(minor: i32): void {
  flagsResets = minor < 0 || minor >= FLAGS_TCP_RESETS;
}

/**
 * Whether the vendor reset a TCP connection that Envoy then closed itself, without a FIN of either side.
 * Older Envoys raise no flag for it, so there a connection that Envoy ended for reasons of its own looks the same.
 */
export function tcpReset(flags: i64, peer: i32, anyFin: bool): bool {
  return upstreamReset(flags) || (!flagsResets && peer === PEER_LOCAL && !anyFin);
}

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
