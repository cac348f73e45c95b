// SPDX-License-Identifier: Apache-2.0
/**
 * Holds the checked-in dashboards against Grafana's own schema: `npx node test/grafana/schema.ts FOLDER`, where each folder in
 * FOLDER has the files of `jsonschema/` of one branch of github.com/grafana/grafana-foundation-sdk, such as
 * `v10.1.x+cog-v0.0.x`. They are generated from the schema in Grafana's sources and are not part of this project.
 * Defaults are filled in, as Grafana does. Members that a schema does not know are counted apart: older releases ignore them.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Ajv, type ErrorObject, type SchemaObject } from "ajv";
import { type Dashboard, drawnPanels, readDashboards } from "./checked-in.ts";

/** Schema file of a panel's kind; the kind in lower case. */
const fileOf = (folder: string, kind: string) => join(folder, `${kind.toLowerCase()}.jsonschema.json`);

/** Mistakes of all dashboards under one release's schemas. */
export function mistakesUnder(folder: string): string[] {
  const check = (kind: string, definition: string, value: unknown, where: string) =>
    mistakesOf(JSON.parse(readFileSync(fileOf(folder, kind), "utf8")), definition, value).map(
      (text) => `${where}${text}`,
    );
  return readDashboards().flatMap((dashboard) => [
    ...check("dashboard", "Dashboard", { ...dashboard, panels: [] }, dashboard.title),
    ...dashboard.panels
      .filter(({ type }) => type === "row")
      .flatMap((row) => check("dashboard", "RowPanel", row, `${dashboard.title}, row ${row.title}`)),
    ...panelMistakes(dashboard, check),
  ]);
}

type Check = (kind: string, definition: string, value: unknown, where: string) => string[];

function panelMistakes(dashboard: Dashboard, check: Check): string[] {
  return drawnPanels(dashboard).flatMap((panel) => {
    const where = `${dashboard.title}, ${panel.title}`;
    const { options, fieldConfig } = panel as unknown as {
      options: object;
      fieldConfig: { defaults: { custom?: object } };
    };
    const { custom } = fieldConfig.defaults;
    return [
      ...check("dashboard", "Panel", panel, where),
      ...check(panel.type, "Options", options, `${where}, options`),
      ...(custom === undefined ? [] : check(panel.type, "FieldConfig", custom, `${where}, custom`)),
      ...(panel.targets ?? []).flatMap((target) =>
        check("prometheus", "Dataquery", target, `${where}, ${target.refId}`),
      ),
    ];
  });
}

/** Names that differ between kinds and releases. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  FieldConfig: ["FieldConfig", "TableFieldOptions"],
  Dataquery: ["Dataquery", "dataquery"],
};

/** The generated schemas write "any value" as an object of any members. */
function withAnything(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withAnything);
  if (typeof node !== "object" || node === null) return node;
  const { type, additionalProperties, description: _, ...rest } = node as Record<string, unknown>;
  const isAnything = type === "object" && isDeepStrictEqual(additionalProperties, {}) && Object.keys(rest).length === 0;
  if (isAnything) return {};
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withAnything(value)]));
}

function mistakesOf(schema: SchemaObject, definition: string, value: unknown): string[] {
  const name = (NAMES[definition] ?? []).find((each) => Object.hasOwn(schema.definitions, each)) ?? definition;
  // Grafana 10 has no schema of what a table lets one set for a column.
  if (definition === "FieldConfig" && !Object.hasOwn(schema.definitions, name)) return [];
  const ajv = new Ajv({ strict: false, useDefaults: true, allErrors: true, validateFormats: false });
  const validate = ajv.compile({ definitions: withAnything(schema.definitions), $ref: `#/definitions/${name}` });
  return validate(JSON.parse(JSON.stringify(value), lowestThreshold)) ? [] : (validate.errors ?? []).map(text);
}

/** Grafana writes the threshold that has no lower end with null, which the generated schemas lost. */
function lowestThreshold(key: string, value: unknown): unknown {
  return key === "value" && value === null ? Number.MIN_SAFE_INTEGER : value;
}

function text({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath} ${message} ${JSON.stringify(params)}`;
}

if (import.meta.main) {
  const [folder = ""] = process.argv.slice(2);
  const isUnknown = (mistake: string) => mistake.includes("must NOT have additional properties");
  const releases = readdirSync(folder).filter((name) => existsSync(fileOf(join(folder, name), "dashboard")));
  let count = 0;
  for (const release of releases) {
    const mistakes = mistakesUnder(join(folder, release));
    const unknown = mistakes.filter(isUnknown).length;
    count += mistakes.length - unknown;
    const lines = mistakes.map((each) => `  ${each}\n`).join("");
    process.stdout.write(
      `${release}: ${mistakes.length - unknown} mistakes, ${unknown} members it does not know\n${lines}`,
    );
  }
  process.exit(count === 0 && releases.length > 0 ? 0 : 1);
}
