// SPDX-License-Identifier: Apache-2.0
/**
 * What a host keeps for one context of a module: what its properties, buffers and header maps are just now.
 */
export type HeaderList = [name: string, value: string][];

/** A property is a text, a number that is 8 bytes little-endian, or bytes; by its path with dots. */
export type Properties = Readonly<Record<string, string | bigint | Uint8Array>>;

export interface ContextState {
  id: number;
  /** The root context's id; its own for a root context. */
  rootId: number;
  properties: Properties;
  /** By BUFFER_* number of the ABI. */
  buffers: Map<number, Uint8Array>;
  /** By MAP_* number of the ABI. */
  maps: Map<number, HeaderList>;
  tickMilliseconds: number;
}

export function newContext(id: number, rootId: number, properties: Properties): ContextState {
  return { id, rootId, properties, buffers: new Map(), maps: new Map(), tickMilliseconds: 0 };
}

/** Bytes of a property by its path of parts joined by NUL; undefined where there is none. */
export function propertyBytes({ properties }: ContextState, path: string): Uint8Array | undefined {
  const value = properties[path.replaceAll("\0", ".")];
  if (value === undefined || value instanceof Uint8Array) return value;
  if (typeof value === "string") return Buffer.from(value, "latin1");
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}

/** A header map as the ABI carries it. */
export function pairBytes(headers: HeaderList): Uint8Array {
  const parts = headers.map(([name, value]) => [Buffer.from(name, "latin1"), Buffer.from(value, "latin1")] as const);
  const head = Buffer.alloc(4 + 8 * parts.length);
  head.writeUInt32LE(parts.length);
  parts.forEach(([name, value], index) => {
    head.writeUInt32LE(name.length, 4 + 8 * index);
    head.writeUInt32LE(value.length, 8 + 8 * index);
  });
  const nul = Buffer.from([0]);
  return Buffer.concat([head, ...parts.flatMap(([name, value]) => [name, nul, value, nul])]);
}

/** The list of a node's metadata as the proxy gives it: pairs whose names are the elements. */
export function listBytes(elements: readonly string[]): Uint8Array {
  return pairBytes(elements.map((element) => [element, ""]));
}
