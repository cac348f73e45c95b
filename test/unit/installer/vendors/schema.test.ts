// SPDX-License-Identifier: Apache-2.0
/**
 * The schema as others use it: published copy, what editors show, and that sample and reference page leave nothing out.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PUBLISHED_SCHEMA } from "../../../../installer/vendors/publish-schema.ts";
import { parseVendors } from "../../../../installer/vendors/read.ts";
import { sampleText } from "../../../../installer/vendors/sample.ts";
import { schemaText, VENDORS_SCHEMA } from "../../../../installer/vendors/schema.ts";
import { HEAD } from "./reading.ts";

interface Schema {
  title?: string;
  description?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean;
  required?: string[];
  default?: unknown;
  $ref?: string;
}

const definitions: Record<string, Schema> = VENDORS_SCHEMA.$defs;
const schemas = [VENDORS_SCHEMA as Schema, ...Object.values(definitions)];
const members = schemas.flatMap(membersOf);
const names = [...new Set(members.map(({ name }) => name))];

function membersOf(schema: Schema): { name: string; member: Schema; isRequired: boolean }[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => [
    { name, member, isRequired: schema.required?.includes(name) ?? false },
    ...membersOf(member),
  ]);
}

describe("the schema", () => {
  it("has a fresh copy in docs (npm run generate writes it)", () => {
    expect(readFileSync(PUBLISHED_SCHEMA, "utf8")).toBe(schemaText());
  });

  it.each(members.map(({ name, member }) => [name, member]))(
    "describes %s, and says what an error expects",
    (_name, member) => {
      expect(member.description).toMatch(/^\S.*\.$/);
      expect(member.title ?? definitions[member.$ref?.split("/").at(-1) ?? ""]?.title).toMatch(/\S/);
    },
  );

  it("lets no object have members that it does not know", () => {
    const objects = [...schemas, ...members.map(({ member }) => member)].filter(({ properties }) => properties);
    expect(objects.length).toBeGreaterThan(10);
    expect(objects.filter(({ additionalProperties }) => additionalProperties !== false)).toEqual([]);
  });

  it("gives the defaults that the reader fills in", () => {
    const { vendors: _, ...file } = parseVendors(HEAD, "v");
    const defaults = Object.entries(VENDORS_SCHEMA.properties as Record<string, Schema>).flatMap(([name, schema]) => {
      const inner = Object.entries(schema.properties ?? {}).filter(([, member]) => member.default !== undefined);
      const value = schema.default ?? Object.fromEntries(inner.map(([key, member]) => [key, member.default]));
      return name in file && name !== "apiVersion" ? [[name, value]] : [];
    });
    expect({ apiVersion: file.apiVersion, ...Object.fromEntries(defaults) }).toEqual(file);
  });
});

/** Takes out the "#" of settings, which stand before a letter or an indent, and leaves prose. */
const switchedOn = (text: string) => text.replace(/^(\s*)#(?! \S|$)/gm, "$1");

describe("the sample", () => {
  it("has no mistakes, as it is and with every setting switched on", () => {
    expect(parseVendors(sampleText(), "sample").vendors.map(({ name }) => name)).toEqual(["acme"]);
    expect(parseVendors(switchedOn(sampleText()), "sample").vendors[0]?.price?.tiers).toHaveLength(1);
  });

  it.each(names)("shows %s", (name) => {
    expect(switchedOn(sampleText())).toMatch(new RegExp(`\\b${name}:`));
  });

  it("switches on nothing but defaults, where there are any", () => {
    const off = parseVendors(sampleText(), "sample");
    const { extra: _, filter: __, vendors, ...on } = parseVendors(switchedOn(sampleText()), "sample");
    expect({ ...on, vendors: off.vendors }).toEqual(off);
    const { billing, alerts, gateways } = vendors[0] ?? {};
    const { monthlyBudget: ___, ...thresholds } = alerts ?? {};
    expect({ ...off.vendors[0], billing, alerts: thresholds, gateways }).toEqual(off.vendors[0]);
  });

  it("tells editors which schema it has", () => {
    expect(sampleText().split("\n", 1)).toEqual(["# yaml-language-server: $schema=./vendors.schema.json"]);
  });
});

describe("docs/vendors.md", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../../docs/vendors.md"), "utf8");

  it.each(names)("explains %s", (name) => {
    expect(page).toMatch(new RegExp(`\`[^\`]*\\b${name}\\b`));
  });

  it("has an example without mistakes", () => {
    const example = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? "";
    expect(parseVendors(example, "example").vendors.map(({ name }) => name)).toEqual(["acme", "globex", "initech"]);
  });
});
