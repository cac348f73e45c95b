// SPDX-License-Identifier: Apache-2.0
/**
 * Writes the schema's published copy to docs/: `npm run generate`. A test keeps the copy fresh.
 * Decides nothing; the schema itself is in `schema.ts`.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SCHEMA_FILE, schemaText } from "./schema.ts";

export const PUBLISHED_SCHEMA = join(import.meta.dirname, "../../docs", SCHEMA_FILE);

if (import.meta.main) writeFileSync(PUBLISHED_SCHEMA, schemaText());
