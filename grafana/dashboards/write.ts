// SPDX-License-Identifier: Apache-2.0
/**
 * Writes the dashboards' JSON to json/, next to this file: `npm run generate`. A test holds the files fresh.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dashboardFiles } from "./all.ts";

for (const [file, text] of dashboardFiles()) writeFileSync(join(import.meta.dirname, "json", file), text);
