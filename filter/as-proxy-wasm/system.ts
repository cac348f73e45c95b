// SPDX-License-Identifier: Apache-2.0
/**
 * What belongs to no stream: log, clock, timer, functions that only this host has.
 */
import { addressOf, answerSlot, encode, numberSlot, takeAnswer } from "./answer.ts";
import {
  proxy_call_foreign_function,
  proxy_get_current_time_nanoseconds,
  proxy_get_log_level,
  proxy_log,
  proxy_set_tick_period_milliseconds,
} from "./env.ts";
import { LogLevelValues, WasmResultValues } from "./values.ts";

/** Lowest level that is written. */
export function logLevel(): LogLevelValues {
  return proxy_get_log_level(numberSlot) === WasmResultValues.Ok ? load<i32>(numberSlot) : LogLevelValues.critical;
}

/** Whether messages of this level are written: ask before building a text. */
export function logs(level: LogLevelValues): bool {
  return level >= logLevel();
}

export function log(level: LogLevelValues, message: string): void {
  if (!logs(level)) return;
  const bytes: ArrayBuffer = encode(message);
  proxy_log(level, addressOf(bytes), bytes.byteLength);
}

/** Nanoseconds since the epoch. */
export function get_current_time_nanoseconds(): u64 {
  return proxy_get_current_time_nanoseconds(numberSlot) === WasmResultValues.Ok ? load<u64>(numberSlot) : 0;
}

/** Has `onTick` of the current root context called every so often; 0 ends it. */
export function set_tick_period_milliseconds(millisecond: u32): void {
  proxy_set_tick_period_milliseconds(millisecond);
}

/** The result of a function of the host by its name; empty where it has none, or no such function. */
export function call_foreign_function(function_name: string, argument: string): ArrayBuffer {
  const name: ArrayBuffer = encode(function_name);
  const data: ArrayBuffer = encode(argument);
  const status: i32 = proxy_call_foreign_function(
    addressOf(name),
    name.byteLength,
    addressOf(data),
    data.byteLength,
    answerSlot,
    answerSlot + 4,
  );
  return takeAnswer(status);
}
