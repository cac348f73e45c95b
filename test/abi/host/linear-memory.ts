// SPDX-License-Identifier: Apache-2.0
/**
 * A module's memory as its host sees it: reads what the module points at, and has it allocate room for answers.
 */
export interface Exports {
  memory: WebAssembly.Memory;
  proxy_on_memory_allocate(size: number): number;
}

export class LinearMemory {
  readonly #exports: Exports;
  #bytes = new Uint8Array(0);
  #view = new DataView(new ArrayBuffer(0));

  constructor(exports: Exports) {
    this.#exports = exports;
  }

  get size(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  /** Whether memory could be made larger by so many pages. */
  grow(pages: number): boolean {
    try {
      this.#exports.memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }

  /** A copy of memory; undefined outside of it. */
  read(address: number, size: number): Uint8Array | undefined {
    this.#refresh();
    const at = address >>> 0;
    const end = at + (size >>> 0);
    return end > this.#bytes.length ? undefined : this.#bytes.slice(at, end);
  }

  /** Text of memory, a byte a character; undefined outside of it. */
  text(address: number, size: number): string | undefined {
    const bytes = this.read(address, size);
    return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  }

  writeWord(address: number, value: number): boolean {
    this.#refresh();
    if (address >>> 0 > this.#bytes.length - 4) return false;
    this.#view.setUint32(address >>> 0, value, true);
    return true;
  }

  writeLong(address: number, value: bigint): boolean {
    this.#refresh();
    if (address >>> 0 > this.#bytes.length - 8) return false;
    this.#view.setBigUint64(address >>> 0, value, true);
    return true;
  }

  /** Writes an answer into room that the module allocates, and its address and size where the module wants them. */
  answer(bytes: Uint8Array, addressAt: number, sizeAt: number): boolean {
    let address = 0;
    if (bytes.length > 0) {
      address = this.#exports.proxy_on_memory_allocate(bytes.length) >>> 0;
      this.#refresh();
      if (address === 0 || address + bytes.length > this.#bytes.length) return false;
      this.#bytes.set(bytes, address);
    }
    return this.writeWord(addressAt, address) && this.writeWord(sizeAt, bytes.length);
  }

  // A memory that grows gets a new buffer.
  #refresh(): void {
    const { buffer } = this.#exports.memory;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }
}
