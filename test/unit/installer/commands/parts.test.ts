// SPDX-License-Identifier: Apache-2.0
/**
 * Which parts an installation has, by its options and the installation before.
 */
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { PART_FLAGS, type PartFlags, partOptions, partsOf } from "../../../../installer/commands/parts.ts";
import type { Parts } from "../../../../installer/objects/target.ts";

const FIRST: Parts = { catchAll: true, telemetry: true, monitor: "none" };
const ALL: Parts = { ...FIRST, accessLog: true, ledgerSeconds: 5, dashboards: true, scrapeFrom: "monitoring" };

const parsed = (...args: readonly string[]): PartFlags => {
  const command = partOptions(new Command("install"))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return command.parse(args, { from: "user" }).opts();
};
const parts = (before: Parts | undefined, ...args: readonly string[]) => partsOf(parsed(...args), before, "none");

describe("the parts of an installation", () => {
  it("are catch-all and telemetry at first, and nothing that cuts more", () => {
    expect(parts(undefined)).toEqual(FIRST);
  });

  it("stay where nothing is said", () => {
    expect(parts(ALL)).toEqual(ALL);
    expect(parts({ ...FIRST, catchAll: false, telemetry: false })).toEqual({
      ...FIRST,
      catchAll: false,
      telemetry: false,
    });
  });

  it.each<[string, Parts | undefined, Partial<Parts>]>([
    ["--with-access-log", undefined, { accessLog: true }],
    ["--with-ledger=0", undefined, { ledgerSeconds: 0 }],
    ["--with-dashboards", undefined, { dashboards: true }],
    ["--without-catch-all", undefined, { catchAll: false }],
    ["--with-telemetry", { ...FIRST, telemetry: false }, { telemetry: true }],
  ])("are switched on and off: %s", (flag, before, changed) => {
    expect(parts(before, flag)).toEqual({ ...FIRST, ...changed });
  });

  it.each<[string, keyof Parts]>([
    ["--without-access-log", "accessLog"],
    ["--without-ledger", "ledgerSeconds"],
    ["--without-dashboards", "dashboards"],
  ])("are switched off again: %s", (flag, part) => {
    const { [part]: _gone, ...rest } = ALL;
    expect(parts(ALL, flag)).toEqual(rest);
  });

  it("lose the access log with the Telemetry that names it", () => {
    const { accessLog: _gone, ...rest } = ALL;
    expect(parts(ALL, "--without-telemetry")).toEqual({ ...rest, telemetry: false });
  });

  it("refuse an access log without a Telemetry, now or before", () => {
    expect(() => parts(undefined, "--with-access-log", "--without-telemetry")).toThrow(/without the Telemetry/);
    expect(() => parts({ ...FIRST, telemetry: false }, "--with-access-log")).toThrow(/without the Telemetry/);
  });

  it.each(["catch-all", "telemetry", "access-log", "ledger", "dashboards"])(
    "may not be both with and without %s",
    (part) => {
      expect(() => parsed(`--with-${part}`, `--without-${part}`)).toThrow(/cannot be used with/);
    },
  );

  it("are all named for what contradicts them", () => {
    const names = partOptions(new Command("install")).options.map((option) => option.attributeName());
    expect([...PART_FLAGS]).toEqual(expect.arrayContaining(names));
    expect(names).toEqual(expect.arrayContaining([...PART_FLAGS]));
  });
});
