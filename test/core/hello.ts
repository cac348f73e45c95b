// SPDX-License-Identifier: Apache-2.0
/**
 * Builds TLS client bytes for vectors: ClientHellos with chosen extensions, records, and the rest of a handshake.
 * Written from RFC 8446 and RFC 6066, apart from the filter's reader, which it checks.
 */

/** A number as `size` bytes, big end first. */
export function number(value: number, size: number): Buffer {
  const out = Buffer.alloc(size);
  out.writeUIntBE(value, 0, size);
  return out;
}

/** Bytes preceded by their length in `size` bytes. */
export function sized(size: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([number(body.length, size), body]);
}

export function extension(type: number, ...parts: Buffer[]): Buffer {
  return Buffer.concat([number(type, 2), sized(2, ...parts)]);
}

/** The server_name extension. */
export function serverNameExtension(host: string): Buffer {
  return extension(0, sized(2, Buffer.from([0]), sized(2, Buffer.from(host, "latin1"))));
}

/** A value reserved by RFC 8701, which a reader has to pass over. */
export const GREASE: Buffer = extension(0x0a0a, Buffer.from([0]));

/** A ClientHello message; `keyShareBytes` makes it as long as a post-quantum one. */
export function clientHello(extensions: Buffer[], keyShareBytes = 32): Buffer {
  const body = Buffer.concat([
    number(0x0303, 2),
    Buffer.alloc(32, 7),
    sized(1, Buffer.alloc(32, 9)),
    sized(2, number(0x1301, 2), number(0xc02f, 2)),
    sized(1, Buffer.from([0])),
    sized(2, ...extensions, extension(51, Buffer.alloc(keyShareBytes, 5))),
  ]);
  return Buffer.concat([Buffer.from([1]), sized(3, body)]);
}

/** TLS records of one content type, `most` payload bytes each. */
export function records(type: number, payload: Buffer, most = 16384): Buffer {
  const out: Buffer[] = [];
  for (let at = 0; at < payload.length || at === 0; at += most) {
    out.push(Buffer.from([type, 3, at === 0 ? 1 : 3]), sized(2, payload.subarray(at, at + most)));
  }
  return Buffer.concat(out);
}

/** What a TLS 1.3 client sends after its hello to finish: the compatibility record, then Finished as application data. */
export function finish13(): Buffer {
  return Buffer.concat([records(20, Buffer.from([1])), records(23, Buffer.alloc(53, 3))]);
}

/** What a TLS 1.2 client sends after its hello to finish: key exchange, change of cipher, encrypted Finished. */
export function finish12(): Buffer {
  return Buffer.concat([
    records(22, Buffer.alloc(70, 16)),
    records(20, Buffer.from([1])),
    records(22, Buffer.alloc(40, 0)),
  ]);
}
