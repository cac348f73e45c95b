// SPDX-License-Identifier: Apache-2.0
/**
 * The suites of `npm run test:slow`: what takes long, and the byte suite of test/envoy on the oldest Envoy that is
 * supported. Files run one at a time, as each has Envoys of its own.
 */
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const MINUTE_MS = 60_000;
const ROOT = join(import.meta.dirname, "..", "..");
const shared = {
  root: ROOT,
  fileParallelism: false,
  testTimeout: 5 * MINUTE_MS,
  hookTimeout: 2 * MINUTE_MS,
};

/** Files of test/envoy that say nothing about an Envoy's age. */
const BYTES = [
  "journeys",
  "faults",
  "cuts",
  "streams",
  "resets",
  "hostile",
  "mutations",
  "restart",
  "short-connections",
];

export default defineConfig({
  test: {
    reporters: ["verbose"],
    projects: [
      { test: { ...shared, name: "slow", include: ["test/slow/**/*.test.ts", "test/grafana/**/*.test.ts"] } },
      {
        test: {
          ...shared,
          name: "oldest Envoy",
          include: BYTES.map((name) => `test/envoy/${name}.test.ts`),
          provide: { envoyTool: "envoy-oldest" as const },
        },
      },
    ],
  },
});
