// SPDX-License-Identifier: Apache-2.0
/**
 * Vitest for the cluster tests only: one control plane for all files, files in turn because each owns the sidecar's ports.
 */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    globalSetup: ["setup.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["verbose"],
  },
});
