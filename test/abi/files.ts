// SPDX-License-Identifier: Apache-2.0
/**
 * The modules under test: our own filter, and those on the base classes that `npm run build:filters` makes.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findFilter } from "../../demo/paths.ts";

const FILTERS = fileURLToPath(new URL("../../build/filters", import.meta.url));

export const FILTER = findFilter();

/** Path of a filter of test/filters. @throws Error that says how to build it */
export function sampleFilter(name: string): string {
  const file = join(FILTERS, `${name}.wasm`);
  if (!existsSync(file)) {
    throw new Error(
      `cannot find the filter "${name}": no file "${file}" (expected what \`npm run build:filters\` makes)`,
    );
  }
  return file;
}

export const SAMPLES = ["ask", "http", "queue", "tcp", "ticker", "trap", "two-roots"] as const;
