// SPDX-License-Identifier: Apache-2.0
/**
 * The compiled filter as a file: found, read, and known to be a module that a sidecar takes. Compiling it is set-up's.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ProxymeterError } from "../errors.ts";

/** Where the build puts it. */
export const BUILT_FILTER = fileURLToPath(new URL("../../build/filter.wasm", import.meta.url));

/** "\0asm" and version 1: https://webassembly.github.io/spec/core/binary/modules.html#binary-module */
const HEAD = Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
/** The agent's default of ISTIO_WASM_MAX_BINARY_SIZE_BYTES. */
const MOST_BYTES = 256 * 1024 * 1024;
const HINT = "compile the filter by `npm run build:filter`, or name another module by --filter FILE";

/**
 * The module's bytes.
 *
 * @throws ProxymeterError E_FILTER_MISSING when there is no such file, E_FILTER when it is no module; exit status 2 where the file was named
 */
export function readModule(file: string = BUILT_FILTER): Buffer {
  const exitCode = file === BUILT_FILTER ? 1 : 2;
  const bytes = read(file, exitCode);
  const found = firstMistake(bytes);
  if (found === undefined) return bytes;
  throw new ProxymeterError("E_FILTER", `cannot publish "${file}": ${found}`, HINT, { exitCode });
}

function read(file: string, exitCode: number): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const found = code === "ENOENT" ? "no such file" : `it cannot be read (${code})`;
    const message = `cannot publish the filter "${file}": ${found} (expected a compiled WebAssembly module)`;
    throw new ProxymeterError("E_FILTER_MISSING", message, HINT, { cause, exitCode });
  }
}

function firstMistake(bytes: Buffer): string | undefined {
  if (!bytes.subarray(0, HEAD.length).equals(HEAD)) {
    return "its first bytes are not those of WebAssembly version 1 (expected a compiled module, not its text form)";
  }
  if (bytes.length > MOST_BYTES)
    return `it has ${bytes.length} bytes (expected ${MOST_BYTES} at most, the agent's limit)`;
  return undefined;
}
