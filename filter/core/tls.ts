// SPDX-License-Identifier: Apache-2.0
/**
 * Follows the client's half of a TLS handshake: the records (RFC 8446 section 5.1), the server name in the ClientHello,
 * and the record that ends the handshake. Where the hello is encrypted (ECH) the outer name is what is read.
 * Reads nothing of the server's half and decrypts nothing.
 */
import { advanceHello, HELLO_DONE, HelloReader, resetHello } from "./client-hello.ts";

export const RECORD_HEADER: i32 = 5;

const TYPE_CHANGE_CIPHER_SPEC: i32 = 20;
const TYPE_HANDSHAKE: i32 = 22;
const TYPE_APPLICATION_DATA: i32 = 23;
/** A Finished message of TLS 1.2 in its record is shorter than this, a second ClientHello longer. */
const SHORT_RECORD: i32 = 128;
/** TLSCiphertext.length may not exceed 2^14 + 256; older versions allowed 2048 more. */
const LONGEST_RECORD: i32 = 16384 + 2048;

/** What one call of `advanceTls` reached. */
export const TLS_MORE: i32 = 0;
/** The ClientHello is whole, or can't be read further: the server name is final. */
export const TLS_HELLO: i32 = 1;
/** The handshake has ended: nothing needs to be read any more. */
export const TLS_ESTABLISHED: i32 = 2;
/** The bytes are not TLS records. */
export const TLS_INVALID: i32 = 3;

export class TlsReader {
  /** Bytes of the current record's header taken, 0..5. */
  header: i32 = 0;
  type: i32 = 0;
  /** Length of the current record's payload, and how much of it is still to come. */
  length: i32 = 0;
  remaining: i32 = 0;
  changedCipher: i32 = 0;
  /** 1 once a Finished of TLS 1.2 was seen: then application data are the client's own. */
  finished: i32 = 0;
  /** 1 once TLS_HELLO was reported. */
  helloReported: i32 = 0;
  hello: HelloReader = changetype<HelloReader>(0);
}

/** Begins a new handshake, as after a refused CONNECT. */
export function resetTls(reader: TlsReader): void {
  reader.header = 0;
  reader.remaining = 0;
  reader.changedCipher = 0;
  reader.finished = 0;
  reader.helloReported = 0;
  resetHello(reader.hello);
}

/** Takes bytes of the client's half; returns TLS_*, and how many in `tlsTaken()`. */
export function advanceTls(reader: TlsReader, address: i32, length: i32): i32 {
  takenBytes = 0;
  while (takenBytes < length) {
    if (reader.remaining > 0) {
      const n: i32 = reader.remaining < length - takenBytes ? reader.remaining : length - takenBytes;
      takePayload(reader, address + takenBytes, n);
      if (endsHandshake(reader)) return TLS_ESTABLISHED;
    } else if (!takeHeader(reader, i32.load8_u(address + takenBytes))) {
      return TLS_INVALID;
    } else if (reader.finished === 1 && reader.type === TYPE_APPLICATION_DATA && reader.header === 1) {
      // The record header of the client's own first data is not part of the handshake.
      return TLS_ESTABLISHED;
    }
    if (reader.helloReported === 0 && reader.hello.state === HELLO_DONE) {
      reader.helloReported = 1;
      return TLS_HELLO;
    }
  }
  return TLS_MORE;
}

/** Bytes taken by the last call of `advanceTls`. */
export function tlsTaken(): i32 {
  return takenBytes;
}

let takenBytes: i32 = 0;

function takePayload(reader: TlsReader, address: i32, length: i32): void {
  const reading: bool = reader.type === TYPE_HANDSHAKE && reader.helloReported === 0;
  const n: i32 = reading ? advanceHello(reader.hello, address, length) : length;
  reader.remaining -= n;
  takenBytes += n;
}

/** In TLS 1.3 the client's Finished travels as its first application data record; the handshake ends with that record. */
function endsHandshake(reader: TlsReader): bool {
  return reader.remaining === 0 && reader.type === TYPE_APPLICATION_DATA;
}

/** Takes one byte of a record header; false where the header can't be one. */
function takeHeader(reader: TlsReader, byte: i32): bool {
  if (reader.header === RECORD_HEADER) reader.header = 0;
  if (reader.header === 0 && (byte < TYPE_CHANGE_CIPHER_SPEC || byte > 24)) return false;
  if (reader.header === 1 && byte !== 3) return false;
  const position: i32 = reader.header;
  reader.header = position + 1;
  if (position === 0) reader.type = byte;
  if (position === 3) reader.length = byte << 8;
  if (position === 4) {
    reader.length |= byte;
    reader.remaining = reader.length;
    noteRecord(reader);
  }
  if (position === 0 && reader.finished === 1 && byte === TYPE_APPLICATION_DATA) return true;
  takenBytes++;
  return reader.length <= LONGEST_RECORD;
}

function noteRecord(reader: TlsReader): void {
  if (reader.type === TYPE_CHANGE_CIPHER_SPEC) reader.changedCipher = 1;
  if (reader.type === TYPE_HANDSHAKE && reader.changedCipher === 1 && reader.length < SHORT_RECORD) reader.finished = 1;
}
