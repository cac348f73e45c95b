// SPDX-License-Identifier: Apache-2.0
/**
 * A gzipped tar archive whose bytes depend on its files alone: no clock, no user, no compressor. A compressor's output changes with its
 * version and with the processor, so the data is stored, which every reader of gzip takes. Knows nothing of images.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html ustar Interchange Format
 * @see https://www.rfc-editor.org/rfc/rfc1951 section 3.2.4, https://www.rfc-editor.org/rfc/rfc1952 section 2.3
 */
import { crc32 } from "node:zlib";

export interface TarFile {
  /** At most 100 ASCII characters. */
  name: string;
  bytes: Uint8Array;
}

const BLOCK = 512;
/** Largest block that deflate can store. */
const STORED_BYTES = 65_535;
const LONGEST_NAME = 100;
/** Magic, deflate, no flags, no time, no hint, unknown system. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/** Offset and content of every header field that is not zero, but for the checksum. */
const HEADER_FIELDS = ({ name, bytes }: TarFile): readonly [number, string][] => [
  [0, name],
  [100, octal(0o644, 8)],
  [108, octal(0, 8)],
  [116, octal(0, 8)],
  [124, octal(bytes.length, 12)],
  [136, octal(0, 12)],
  [156, "0"],
  [257, "ustar\0" + "00"],
];
const CHECKSUM = { offset: 148, length: 8 };

/**
 * A ustar archive of plain files, in the order given, owned by root, readable by all, dated 1970.
 *
 * @throws RangeError for a name that has no place in the header
 */
export function tar(files: readonly TarFile[]): Buffer {
  const parts = files.flatMap((file) => [header(file), file.bytes, Buffer.alloc(-file.bytes.length & (BLOCK - 1))]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** The bytes as a gzip file of stored blocks. */
export function gzipStored(bytes: Uint8Array): Buffer {
  const blocks: Uint8Array[] = [];
  for (let start = 0; start === 0 || start < bytes.length; start += STORED_BYTES) {
    const block = bytes.subarray(start, start + STORED_BYTES);
    const head = Buffer.alloc(5);
    head.writeUInt8(start + STORED_BYTES >= bytes.length ? 1 : 0, 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(~block.length & 0xffff, 3);
    blocks.push(head, block);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(bytes), 0);
  trailer.writeUInt32LE(bytes.length >>> 0, 4);
  return Buffer.concat([GZIP_HEADER, ...blocks, trailer]);
}

function header(file: TarFile): Buffer {
  const isFitting = /^[\x21-\x7e]+$/.test(file.name) && file.name.length <= LONGEST_NAME;
  if (!isFitting)
    throw new RangeError(`cannot put "${file.name}" into a tar archive: expected 1 to 100 ASCII characters`);
  const block = Buffer.alloc(BLOCK);
  for (const [offset, text] of HEADER_FIELDS(file)) block.write(text, offset, "ascii");
  // The sum counts its own field as spaces.
  block.fill(" ", CHECKSUM.offset, CHECKSUM.offset + CHECKSUM.length);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 7)}\0 `, CHECKSUM.offset, "ascii");
  return block;
}

/** Digits that fill a field but for its last byte. */
function octal(value: number, width: number): string {
  return value.toString(8).padStart(width - 1, "0");
}
