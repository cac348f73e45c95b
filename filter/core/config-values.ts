// SPDX-License-Identifier: Apache-2.0
/**
 * Single values of the plugin's configuration: strings, bounded numbers, flags, and the way into arrays and objects.
 * What is of the wrong type or out of bounds is counted and passed over. Which member has which value is said elsewhere.
 */
import { Config } from "./config.ts";
import {
  enter,
  isArray,
  isNumber,
  isObject,
  isString,
  Json,
  readBoolean,
  readNumber,
  readString,
  skipValue,
} from "./json.ts";

/** Counts a member that is unknown or wrong, and passes over its value. */
export function reject(config: Config, json: Json): void {
  config.errors++;
  skipValue(json);
}

/** Enters an array of objects or strings; false, and counted, where there is none. */
export function enterArray(config: Config, json: Json): bool {
  if (!isArray(json)) {
    reject(config, json);
    return false;
  }
  enter(json);
  return true;
}

export function enterObject(config: Config, json: Json): bool {
  if (!isObject(json)) {
    reject(config, json);
    return false;
  }
  enter(json);
  return true;
}

/** Leaves the string in `json.text`; false, and counted, where there is none or it is empty. */
export function stringValue(config: Config, json: Json): bool {
  if (!isString(json)) {
    reject(config, json);
    return false;
  }
  if (!readString(json)) return false;
  if (json.length === 0) config.errors++;
  return json.length > 0;
}

export function readBounded(config: Config, json: Json, otherwise: i32, least: i32, most: i32): i32 {
  if (!isNumber(json)) {
    reject(config, json);
    return otherwise;
  }
  const value: f64 = readNumber(json);
  if (value >= f64(least) && value <= f64(most)) return i32(value);
  config.errors++;
  return otherwise;
}

export function readFlag(config: Config, json: Json, otherwise: i32): i32 {
  const value: i32 = readBoolean(json);
  if (value >= 0) return value;
  reject(config, json);
  return otherwise;
}
