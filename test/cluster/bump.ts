// SPDX-License-Identifier: Apache-2.0
/**
 * `npx node test/cluster/bump.ts [istio|apiserver|etcd|prometheus|operator ...]`: moves the committed pins to the newest versions served.
 * Builds nothing; the next test run does, and shows whether the new versions fit.
 */
import { GO_MODULES } from "./go-modules.ts";
import { repin } from "./pins.ts";

const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (GO_MODULES.some((module) => module.name === name)) continue;
  console.error(`cannot bump "${name}" (expected ${GO_MODULES.map((module) => module.name).join(", ")})`);
  process.exit(2);
}
for (const module of GO_MODULES) {
  if (wanted.length > 0 && !wanted.includes(module.name)) continue;
  console.error(`${module.name}:`);
  await repin(module, `${import.meta.dirname}/go/${module.name}`, (line) => console.error(line));
}
