// SPDX-License-Identifier: Apache-2.0
/**
 * The one table from what a gateway answered, or how a connection ended, to `outcome`, and from `outcome` to `result`.
 * Decides names only; when something ended and what it cost is decided by the callers.
 */
import * as contract from "./contract.ts";
import { PROXY_STATUS_TARGET, PROXY_STATUS_VENDOR } from "./proxy-status.ts";

export const OK: i32 = 0;
export const TARGET_ERROR: i32 = 1;
export const RATE_LIMITED: i32 = 2;
export const VENDOR_AUTH: i32 = 3;
export const VENDOR_ERROR: i32 = 4;
export const VENDOR_UNREACHABLE: i32 = 5;
export const TARGET_UNREACHABLE: i32 = 6;
export const RESET: i32 = 7;
export const CLIENT_ABORT: i32 = 8;

/** Number of outcomes. */
export const OUTCOMES: i32 = 9;

/** Value of the label `outcome`. */
export function outcomeName(outcome: i32): string {
  switch (outcome) {
    case OK:
      return contract.OUTCOME_OK;
    case TARGET_ERROR:
      return contract.OUTCOME_TARGET_ERROR;
    case RATE_LIMITED:
      return contract.OUTCOME_RATE_LIMITED;
    case VENDOR_AUTH:
      return contract.OUTCOME_VENDOR_AUTH;
    case VENDOR_ERROR:
      return contract.OUTCOME_VENDOR_ERROR;
    case VENDOR_UNREACHABLE:
      return contract.OUTCOME_VENDOR_UNREACHABLE;
    case TARGET_UNREACHABLE:
      return contract.OUTCOME_TARGET_UNREACHABLE;
    case RESET:
      return contract.OUTCOME_RESET;
    default:
      return contract.OUTCOME_CLIENT_ABORT;
  }
}

export const RESULT_OK: i32 = 0;
export const RESULT_VENDOR_FAULT: i32 = 1;
export const RESULT_TARGET_FAULT: i32 = 2;
export const RESULT_CLIENT_ABORT: i32 = 3;

/** RESULT_* of an outcome. */
export function resultOf(outcome: i32): i32 {
  if (outcome === OK) return RESULT_OK;
  if (outcome === TARGET_ERROR || outcome === TARGET_UNREACHABLE) return RESULT_TARGET_FAULT;
  return outcome === CLIENT_ABORT ? RESULT_CLIENT_ABORT : RESULT_VENDOR_FAULT;
}

/** Value of the label `result`. */
export function resultName(result: i32): string {
  switch (result) {
    case RESULT_OK:
      return contract.RESULT_OK;
    case RESULT_VENDOR_FAULT:
      return contract.RESULT_VENDOR_FAULT;
    case RESULT_TARGET_FAULT:
      return contract.RESULT_TARGET_FAULT;
    default:
      return contract.RESULT_CLIENT_ABORT;
  }
}

/** Outcome of a CONNECT by the gateway's status. Whatever is not 2xx is the gateway speaking, not the site. */
export function connectOutcome(status: i32, proxyStatus: i32): i32 {
  if (status >= 200 && status < 300) return OK;
  if (status === 407) return VENDOR_AUTH;
  if (status === 429) return RATE_LIMITED;
  return proxyStatus === PROXY_STATUS_TARGET ? TARGET_UNREACHABLE : VENDOR_ERROR;
}

/** Outcome of a plain HTTP request by the status that came back through the gateway. */
export function httpOutcome(status: i32, proxyStatus: i32): i32 {
  if (status < 400) return OK;
  if (status === 407) return VENDOR_AUTH;
  if (status === 429) return RATE_LIMITED;
  if (proxyStatus === PROXY_STATUS_TARGET) return TARGET_UNREACHABLE;
  if (proxyStatus === PROXY_STATUS_VENDOR) return VENDOR_ERROR;
  return status >= 502 && status <= 504 ? VENDOR_ERROR : TARGET_ERROR;
}

/** Outcome of a SOCKS5 reply (RFC 1928 section 6). */
export function socks5Outcome(reply: i32): i32 {
  if (reply === 0) return OK;
  return reply >= 3 && reply <= 6 ? TARGET_UNREACHABLE : VENDOR_ERROR;
}

/** Outcome of a SOCKS4 reply: 90 granted, 91 rejected or failed, 92 and 93 for want of identification. */
export function socks4Outcome(reply: i32): i32 {
  if (reply === 90) return OK;
  return reply === 92 || reply === 93 ? VENDOR_AUTH : VENDOR_ERROR;
}
