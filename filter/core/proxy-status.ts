// SPDX-License-Identifier: Apache-2.0
/**
 * Whose fault a Proxy-Status header reports (RFC 9209 section 2.3): the destination's or the proxy's.
 * Reads the `error` parameter only, of the last member that has one.
 */
import { equalsText, isTokenByte, startsWithText } from "./bytes.ts";

export const PROXY_STATUS_NONE: i32 = 0;
export const PROXY_STATUS_TARGET: i32 = 1;
export const PROXY_STATUS_VENDOR: i32 = 2;

/** Class of a Proxy-Status value: PROXY_STATUS_*. */
export function proxyStatus(address: i32, length: i32): i32 {
  let result: i32 = PROXY_STATUS_NONE;
  for (let i: i32 = 0; i + 6 < length; i++) {
    if (!startsWithText(address + i, length - i, "error=")) continue;
    const start: i32 = i + 6;
    let end: i32 = start;
    while (end < length && isTokenByte(i32.load8_u(address + end))) end++;
    result = isTargetError(address + start, end - start) ? PROXY_STATUS_TARGET : PROXY_STATUS_VENDOR;
  }
  return result;
}

function isTargetError(address: i32, length: i32): bool {
  return (
    startsWithText(address, length, "dns_") ||
    startsWithText(address, length, "destination_") ||
    startsWithText(address, length, "tls_") ||
    startsWithText(address, length, "http_response_") ||
    equalsText(address, length, "connection_refused") ||
    equalsText(address, length, "connection_terminated") ||
    equalsText(address, length, "connection_timeout") ||
    equalsText(address, length, "connection_read_timeout") ||
    equalsText(address, length, "connection_write_timeout") ||
    equalsText(address, length, "http_protocol_error")
  );
}
