// SPDX-License-Identifier: Apache-2.0
/**
 * The suites of `npm test`: what runs in this process side by side, and what starts real programs, one file at a time.
 * The slower suites have configurations of their own: test/slow and test/cluster.
 */
import { defineConfig } from "vitest/config";

const MINUTE_MS = 60_000;

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts", "test/core/**/*.test.ts"] } },
      {
        test: {
          name: "envoy",
          include: [
            "test/abi/**/*.test.ts",
            "test/envoy/**/*.test.ts",
            "test/registry/**/*.test.ts",
            "test/rules/**/*.test.ts",
          ],
          fileParallelism: false,
          testTimeout: MINUTE_MS,
          hookTimeout: 2 * MINUTE_MS,
        },
      },
    ],
  },
});
