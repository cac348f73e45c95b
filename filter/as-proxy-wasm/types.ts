// SPDX-License-Identifier: Apache-2.0
/**
 * The numbers of proxy-wasm ABI 0.2.1: status codes, log levels, buffers, header maps, metrics, actions, peers.
 * Holds no behaviour.
 */

export const STATUS_OK: i32 = 0;
export const STATUS_NOT_FOUND: i32 = 1;
export const STATUS_CAS_MISMATCH: i32 = 8;

export const LOG_TRACE: i32 = 0;
export const LOG_DEBUG: i32 = 1;
export const LOG_INFO: i32 = 2;
export const LOG_WARN: i32 = 3;
export const LOG_ERROR: i32 = 4;
export const LOG_CRITICAL: i32 = 5;

export const BUFFER_HTTP_REQUEST_BODY: i32 = 0;
export const BUFFER_HTTP_RESPONSE_BODY: i32 = 1;
export const BUFFER_DOWNSTREAM_DATA: i32 = 2;
export const BUFFER_UPSTREAM_DATA: i32 = 3;
export const BUFFER_VM_CONFIGURATION: i32 = 6;
export const BUFFER_PLUGIN_CONFIGURATION: i32 = 7;

export const MAP_HTTP_REQUEST_HEADERS: i32 = 0;
export const MAP_HTTP_RESPONSE_HEADERS: i32 = 2;

export const METRIC_COUNTER: i32 = 0;
export const METRIC_GAUGE: i32 = 1;
export const METRIC_HISTOGRAM: i32 = 2;

export const ACTION_CONTINUE: i32 = 0;
export const ACTION_PAUSE: i32 = 1;

export const PEER_UNKNOWN: i32 = 0;
export const PEER_LOCAL: i32 = 1;
export const PEER_REMOTE: i32 = 2;
