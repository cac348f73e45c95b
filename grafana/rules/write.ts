// SPDX-License-Identifier: Apache-2.0
/**
 * Writes the checked-in files: `npm run generate`. A test keeps them fresh.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { alertmanagerFile, ruleFiles } from "./files.ts";

for (const { name, text } of [...ruleFiles(), alertmanagerFile()]) {
  writeFileSync(join(import.meta.dirname, name), text);
}
