// SPDX-License-Identifier: Apache-2.0
/**
 * Vitest for the cluster tests only: one control plane for all files, files in turn because each owns the sidecar's ports.
 */
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: `${import.meta.dirname}/../..`,
  cacheDir: "node_modules/.vite/cluster",
  test: {
    dir: import.meta.dirname,
    include: ["**/*.test.ts"],
    globalSetup: [`${import.meta.dirname}/setup.ts`],
    setupFiles: [`${import.meta.dirname}/settled.ts`],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["verbose"],
  },
});
