// SPDX-License-Identifier: Apache-2.0
/**
 * Reads the server name out of a TLS ClientHello that arrives in any cut (RFC 8446 section 4.1.2, RFC 6066 section 3).
 * Walks over everything else by length, so GREASE values and unknown extensions need no table. Knows no records.
 */
import { lower } from "./bytes.ts";

/** Longest server name kept. */
export const NAME_CAPACITY: i32 = 253;

/** `state` when the name is final: read, absent or unreadable. */
export const HELLO_DONE: i32 = 10;

const TYPE: i32 = 0;
const RANDOM_END: i32 = 1;
const SESSION_LENGTH: i32 = 2;
const CIPHERS_LENGTH: i32 = 3;
const COMPRESSION_LENGTH: i32 = 4;
const EXTENSIONS_LENGTH: i32 = 5;
const EXTENSION_TYPE: i32 = 6;
const EXTENSION_LENGTH: i32 = 7;
const NAME_LIST: i32 = 8;
const NAME_BYTES: i32 = 9;

const CLIENT_HELLO: i32 = 1;
const SERVER_NAME: i32 = 0;

export class HelloReader {
  state: i32 = 0;
  /** Bytes to pass over before the next field. */
  skip: i32 = 0;
  /** Bytes of the current field still to come, and its value so far. */
  field: i32 = 0;
  value: i32 = 0;
  extension: i32 = 0;
  /** Bytes left of the extensions, and of the whole message. */
  extensions: i32 = 0;
  left: i32 = 0;
  /** Address of NAME_CAPACITY bytes: the name, lower case. */
  name: i32 = 0;
  nameLength: i32 = 0;
}

export function resetHello(reader: HelloReader): void {
  reader.state = TYPE;
  reader.skip = 0;
  reader.field = 0;
  reader.nameLength = 0;
}

/** Takes bytes of the handshake messages until the name is final (`state` is HELLO_DONE); returns how many. */
export function advanceHello(reader: HelloReader, address: i32, length: i32): i32 {
  let i: i32 = 0;
  while (i < length && reader.state !== HELLO_DONE) {
    const counted: bool = reader.state !== TYPE;
    let n: i32 = 1;
    if (reader.skip > 0) {
      n = reader.skip < length - i ? reader.skip : length - i;
      reader.skip -= n;
      if (reader.state === EXTENSION_TYPE && reader.skip === 0) endAtLastExtension(reader);
    } else {
      takeByte(reader, i32.load8_u(address + i));
    }
    i += n;
    if (counted) {
      reader.left -= n;
      if (reader.left <= 0) reader.state = HELLO_DONE;
    }
  }
  return i;
}

function takeByte(reader: HelloReader, byte: i32): void {
  if (reader.state === NAME_BYTES) {
    takeNameByte(reader, byte);
    return;
  }
  if (reader.field === 0) {
    reader.field = fieldSize(reader.state);
    reader.value = 0;
  }
  reader.value = (reader.value << 8) | byte;
  reader.field--;
  if (reader.field === 0) endField(reader);
}

/** Bytes of the number that a state reads: TYPE the type and the length, NAME_LIST list length, name type and name length. */
function fieldSize(state: i32): i32 {
  if (state === TYPE) return 4;
  if (state === SESSION_LENGTH || state === COMPRESSION_LENGTH || state === RANDOM_END) return 1;
  return state === NAME_LIST ? 5 : 2;
}

function endField(reader: HelloReader): void {
  const value: i32 = reader.value;
  switch (reader.state) {
    case TYPE:
      reader.left = value & 0xffffff;
      // The version (2) and all but the last byte of the random (31) follow.
      next(reader, value >> 24 === CLIENT_HELLO ? RANDOM_END : HELLO_DONE, 2 + 31);
      break;
    case RANDOM_END:
      next(reader, SESSION_LENGTH, 0);
      break;
    case SESSION_LENGTH:
      next(reader, value <= 32 ? CIPHERS_LENGTH : HELLO_DONE, value);
      break;
    case CIPHERS_LENGTH:
      next(reader, COMPRESSION_LENGTH, value);
      break;
    case COMPRESSION_LENGTH:
      next(reader, EXTENSIONS_LENGTH, value);
      break;
    case EXTENSIONS_LENGTH:
      reader.extensions = value;
      next(reader, value >= 4 ? EXTENSION_TYPE : HELLO_DONE, 0);
      break;
    case EXTENSION_TYPE:
      reader.extension = value;
      next(reader, EXTENSION_LENGTH, 0);
      break;
    case EXTENSION_LENGTH:
      endExtensionHeader(reader, value);
      break;
    default:
      endNameHeader(reader, value);
  }
}

function next(reader: HelloReader, state: i32, skip: i32): void {
  reader.state = state;
  reader.skip = skip;
}

function endExtensionHeader(reader: HelloReader, length: i32): void {
  reader.extensions -= 4 + length;
  if (reader.extensions < 0) next(reader, HELLO_DONE, 0);
  else if (reader.extension === SERVER_NAME) next(reader, length > 5 ? NAME_LIST : HELLO_DONE, 0);
  else if (length === 0) endAtLastExtension(reader);
  else next(reader, EXTENSION_TYPE, length);
}

function endAtLastExtension(reader: HelloReader): void {
  next(reader, reader.extensions >= 4 ? EXTENSION_TYPE : HELLO_DONE, 0);
}

/** `value` holds the last four of the five bytes: the low byte of the list's length, the type, the name's length. */
function endNameHeader(reader: HelloReader, value: i32): void {
  const type: i32 = (value >> 16) & 0xff;
  const length: i32 = value & 0xffff;
  // What is left of the name is counted in `extension`, which has done its work.
  reader.extension = length;
  next(reader, type === 0 && length > 0 && length <= NAME_CAPACITY ? NAME_BYTES : HELLO_DONE, 0);
}

function takeNameByte(reader: HelloReader, byte: i32): void {
  i32.store8(reader.name + reader.nameLength, lower(byte));
  reader.nameLength++;
  if (reader.nameLength >= reader.extension) reader.state = HELLO_DONE;
}
