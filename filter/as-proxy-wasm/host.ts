// SPDX-License-Identifier: Apache-2.0
/**
 * Host calls with meaning: absence is 0 or false, never an error, and no answer outlives the callback it was asked in.
 * Allocates nothing. Knows nothing of what the values are for.
 */
import {
  proxy_define_metric,
  proxy_dequeue_shared_queue,
  proxy_enqueue_shared_queue,
  proxy_get_buffer_bytes,
  proxy_get_current_time_nanoseconds,
  proxy_get_header_map_pairs,
  proxy_get_header_map_value,
  proxy_get_log_level,
  proxy_get_property,
  proxy_get_shared_data,
  proxy_increment_metric,
  proxy_log,
  proxy_record_metric,
  proxy_register_shared_queue,
  proxy_remove_header_map_value,
  proxy_set_effective_context,
  proxy_set_property,
  proxy_set_shared_data,
  proxy_set_tick_period_milliseconds,
} from "./env.ts";
import { prepareAnswer } from "./memory.ts";
import { STATUS_CAS_MISMATCH, STATUS_OK } from "./types.ts";

const out: usize = memory.data(16);

/** Address and length of the last answer; the length is 0 when there was none. */
export let answer: usize = 0;
export let answerLength: i32 = 0;
/** Version of the last shared value that was read; 0 when there was none. */
export let answerCas: i32 = 0;

function take(status: i32): bool {
  answer = status === STATUS_OK ? load<u32>(out) : 0;
  answerLength = status === STATUS_OK ? load<i32>(out, 4) : 0;
  return status === STATUS_OK;
}

/** Bytes that `readBuffer` can read at once. */
export const WINDOW_SIZE: i32 = 4096;

const window: usize = memory.data(4096);

/** Reads at most WINDOW_SIZE bytes of a buffer (BUFFER_*) from `start` on; they stay until the next call. */
export function readBuffer(type: i32, start: i32, size: i32): bool {
  prepareAnswer(window, WINDOW_SIZE);
  const read: bool = take(proxy_get_buffer_bytes(type, start, size, out, out + 4)) && answerLength > 0;
  prepareAnswer(0, 0);
  return read;
}

/** Reads a whole buffer of `size` bytes into memory of the caller. */
export function readBufferInto(type: i32, address: usize, size: i32): bool {
  prepareAnswer(address, size);
  const read: bool = take(proxy_get_buffer_bytes(type, 0, size, out, out + 4)) && answerLength === size;
  prepareAnswer(0, 0);
  return read;
}

/** Reads a property by its path of parts joined by NUL. */
export function readProperty(path: usize, length: i32): bool {
  return take(proxy_get_property(path, length, out, out + 4));
}

/** Publishes filter state `wasm.<name>` of the stream. */
export function writeProperty(path: usize, length: i32, value: usize, valueLength: i32): void {
  proxy_set_property(path, length, value, valueLength);
}

/** Lets what follows in this callback speak of another stream; false when the host does not know it. */
export function speakOf(context: i32): bool {
  return proxy_set_effective_context(context) === STATUS_OK;
}

export function readHeader(map: i32, name: usize, length: i32): bool {
  return take(proxy_get_header_map_value(map, name, length, out, out + 4));
}

/** Reads a whole header map in its serialized form. */
export function readHeaders(map: i32): bool {
  return take(proxy_get_header_map_pairs(map, out, out + 4)) && answerLength > 0;
}

export function removeHeader(map: i32, name: usize, length: i32): void {
  proxy_remove_header_map_value(map, name, length);
}

/**
 * Reads a shared value into memory of the caller, so that earlier answers stay whole; false when there is none or it is
 * larger. `answerCas` is what `writeShared` needs to replace just this version.
 */
export function readSharedInto(key: usize, length: i32, address: usize, size: i32): bool {
  prepareAnswer(address, size);
  const found: bool = take(proxy_get_shared_data(key, length, out, out + 4, out + 8));
  prepareAnswer(0, 0);
  answerCas = found ? load<i32>(out, 8) : 0;
  return found;
}

/** Writes a shared value if its version is still `cas`; a key that nobody has is created whatever `cas` says. */
export function writeShared(key: usize, length: i32, value: usize, valueLength: i32, cas: i32): bool {
  return proxy_set_shared_data(key, length, value, valueLength, cas) !== STATUS_CAS_MISMATCH;
}

/** Makes this VM the one that is told of a queue's news; returns the queue's token, 0 when there is none. */
export function registerQueue(name: usize, length: i32): i32 {
  return proxy_register_shared_queue(name, length, out) === STATUS_OK ? load<i32>(out) : 0;
}

export function enqueue(token: i32, value: usize, length: i32): void {
  if (token !== 0) proxy_enqueue_shared_queue(token, value, length);
}

/** Takes the next message of a queue; false when it is empty. */
export function dequeue(token: i32): bool {
  return take(proxy_dequeue_shared_queue(token, out, out + 4));
}

/** Identifier of a metric (METRIC_*) by its whole name, or -1. Every call costs the host a new identifier. */
export function defineMetric(type: i32, name: usize, length: i32): i32 {
  return proxy_define_metric(type, name, length, out) === STATUS_OK ? load<i32>(out) : -1;
}

/** Adds to a counter (positive only) or a gauge. */
export function incrementMetric(id: i32, by: i64): void {
  proxy_increment_metric(id, by);
}

/** Sets a gauge, or adds a sample to a histogram. */
export function recordMetric(id: i32, value: i64): void {
  proxy_record_metric(id, value);
}

/** Milliseconds since the epoch. */
export function nowMilliseconds(): f64 {
  return proxy_get_current_time_nanoseconds(out) === STATUS_OK ? <f64>load<u64>(out) / 1e6 : 0;
}

export function setTickPeriod(milliseconds: i32): void {
  proxy_set_tick_period_milliseconds(milliseconds);
}

/** Whether messages of this level (LOG_*) are wanted; ask before building one. */
export function logs(level: i32): bool {
  return proxy_get_log_level(out) === STATUS_OK && level >= load<i32>(out);
}

export function writeLog(level: i32, message: usize, length: i32): void {
  proxy_log(level, message, length);
}
