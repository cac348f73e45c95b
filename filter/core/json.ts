// SPDX-License-Identifier: Apache-2.0
/**
 * Pulls values out of JSON text in linear memory (RFC 8259): the caller walks the members it expects and skips the rest.
 * Strings are unescaped in place. Any text is accepted: what is wrong sets `failed` and ends every walk.
 */
import { isDigit } from "./bytes.ts";

const QUOTE: i32 = 0x22;
const BACKSLASH: i32 = 0x5c;
const COMMA: i32 = 0x2c;
const COLON: i32 = 0x3a;
const OBJECT: i32 = 0x7b;
const OBJECT_END: i32 = 0x7d;
const ARRAY: i32 = 0x5b;
const ARRAY_END: i32 = 0x5d;
const DEEPEST: i32 = 64;

export class Json {
  at: i32 = 0;
  end: i32 = 0;
  failed: i32 = 0;
  /** Address and length of the last string: a key or a value. */
  text: i32 = 0;
  length: i32 = 0;
  /** 1 before the first member of the object or array that was entered last. */
  first: i32 = 0;
}

export function startJson(json: Json, address: i32, length: i32): void {
  json.at = address;
  json.end = address + length;
  json.failed = 0;
}

/** Next byte that is not white space, without taking it; 0 at the end. */
export function peek(json: Json): i32 {
  while (json.at < json.end) {
    const byte: i32 = i32.load8_u(json.at);
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
    json.at++;
  }
  return 0;
}

export function isObject(json: Json): bool {
  return peek(json) === OBJECT;
}

export function isArray(json: Json): bool {
  return peek(json) === ARRAY;
}

export function isString(json: Json): bool {
  return peek(json) === QUOTE;
}

export function isNumber(json: Json): bool {
  const byte: i32 = peek(json);
  return isDigit(byte) || byte === 0x2d;
}

/** Enters an object or array; the caller has looked at what it is. */
export function enter(json: Json): void {
  json.at++;
  json.first = 1;
}

/** Moves to the value of the next member and leaves its key in `text`; false at the end of the object. */
export function nextMember(json: Json): bool {
  if (!nextItem(json, OBJECT_END)) return false;
  if (peek(json) !== QUOTE || !readString(json) || peek(json) !== COLON) return fail(json);
  json.at++;
  return true;
}

/** Moves to the next element; false at the end of the array. */
export function nextElement(json: Json): bool {
  return nextItem(json, ARRAY_END);
}

function nextItem(json: Json, close: i32): bool {
  if (json.failed === 1) return false;
  const first: bool = json.first === 1;
  json.first = 0;
  if (peek(json) === close) {
    json.at++;
    return false;
  }
  if (first) return true;
  if (peek(json) !== COMMA) return fail(json);
  json.at++;
  return true;
}

function fail(json: Json): bool {
  json.failed = 1;
  return false;
}

/** Takes a string and leaves it, unescaped, in `text`; false when it is broken. */
export function readString(json: Json): bool {
  json.at++;
  json.text = json.at;
  let out: i32 = json.at;
  while (json.at < json.end) {
    const byte: i32 = i32.load8_u(json.at);
    json.at++;
    if (byte === QUOTE) {
      json.length = out - json.text;
      return true;
    }
    if (byte < 0x20) return fail(json);
    i32.store8(out, byte === BACKSLASH ? unescape(json) : byte);
    out++;
  }
  return fail(json);
}

/** The byte that an escape stands for; `_` where that is not one ASCII character, which no name of ours needs. */
function unescape(json: Json): i32 {
  if (json.at >= json.end) return 0;
  const byte: i32 = i32.load8_u(json.at);
  json.at++;
  switch (byte) {
    case 0x6e:
      return 0x0a;
    case 0x74:
      return 0x09;
    case 0x72:
      return 0x0d;
    case 0x62:
      return 0x08;
    case 0x66:
      return 0x0c;
    case 0x75:
      return unescapeUnicode(json);
    default:
      return byte;
  }
}

function unescapeUnicode(json: Json): i32 {
  let value: i32 = 0;
  for (let i: i32 = 0; i < 4; i++) {
    if (json.at >= json.end) return 0;
    const byte: i32 = i32.load8_u(json.at) | 0x20;
    const digit: i32 = isDigit(byte) ? byte - 0x30 : byte >= 0x61 && byte <= 0x66 ? byte - 0x61 + 10 : -1;
    if (digit < 0) {
      json.failed = 1;
      return 0;
    }
    value = (value << 4) | digit;
    json.at++;
  }
  return value > 0 && value < 0x80 ? value : 0x5f;
}

/** Takes a number; -1 for a negative one and for one with a fraction or an exponent, which no setting has. */
export function readNumber(json: Json): f64 {
  const negative: bool = i32.load8_u(json.at) === 0x2d;
  if (negative) json.at++;
  let value: f64 = 0;
  let digits: i32 = 0;
  while (json.at < json.end && isDigit(i32.load8_u(json.at))) {
    if (value < 1e15) value = value * 10 + f64(i32.load8_u(json.at) - 0x30);
    json.at++;
    digits++;
  }
  if (digits === 0) json.failed = 1;
  const whole: i32 = json.at;
  while (json.at < json.end && isNumberTail(i32.load8_u(json.at))) json.at++;
  return negative || json.at > whole ? -1 : value;
}

function isNumberTail(byte: i32): bool {
  return isDigit(byte) || byte === 0x2e || byte === 0x2b || byte === 0x2d || (byte | 0x20) === 0x65;
}

/** Takes `true` or `false`; -1 for anything else, which is left. */
export function readBoolean(json: Json): i32 {
  if (takeWord(json, "true")) return 1;
  return takeWord(json, "false") ? 0 : -1;
}

function takeWord(json: Json, word: string): bool {
  peek(json);
  if (json.end - json.at < word.length) return false;
  for (let i: i32 = 0; i < word.length; i++) {
    if (i32.load8_u(json.at + i) !== word.charCodeAt(i)) return false;
  }
  json.at += word.length;
  return true;
}

/** Takes any value without looking at it. */
export function skipValue(json: Json): void {
  let depth: i32 = 0;
  do {
    const byte: i32 = peek(json);
    if (byte === QUOTE) {
      readString(json);
    } else if (byte === OBJECT || byte === ARRAY) {
      depth++;
      json.at++;
    } else if (byte === OBJECT_END || byte === ARRAY_END) {
      depth--;
      json.at++;
    } else if (byte === COMMA || byte === COLON) {
      // Separators matter only to the walks above; here they are read over.
      if (depth === 0) json.failed = 1;
      json.at++;
    } else if (isNumber(json)) {
      readNumber(json);
    } else if (!takeWord(json, "null") && readBoolean(json) < 0) {
      json.failed = 1;
    }
    if (depth < 0 || depth > DEEPEST) json.failed = 1;
  } while (depth > 0 && json.failed === 0);
}

/** Whether only white space is left. */
export function atEnd(json: Json): bool {
  return peek(json) === 0 && json.at >= json.end;
}
