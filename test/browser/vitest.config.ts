// SPDX-License-Identifier: Apache-2.0
/**
 * The suite of `npm run test:browser`: the page in a headless Chromium. Files run one at a time, as each has a Prometheus and
 * a browser of its own.
 */
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const MINUTE_MS = 60_000;

export default defineConfig({
  test: {
    root: join(import.meta.dirname, "..", ".."),
    reporters: ["verbose"],
    include: ["test/browser/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 4 * MINUTE_MS,
    hookTimeout: 4 * MINUTE_MS,
  },
});
