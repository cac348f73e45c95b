// SPDX-License-Identifier: Apache-2.0
/**
 * `proxymeter bill` and `proxymeter reconcile` from the outside: stdout, exit statuses, and what mistakes are answered with.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Bill } from "../../../bill/bill.ts";
import type { Reconciliation } from "../../../bill/reconcile/reconcile.ts";
import { billCommand } from "../../../installer/commands/bill.ts";
import { reconcileCommand } from "../../../installer/commands/reconcile.ts";
import { runCommand } from "../../in-process.ts";
import { ledgerLine } from "./lines.ts";

const VENDORS = `apiVersion: proxymeter.io/v1
vendors:
  - {name: acme, price: {currency: USD, perGB: 8.1, tiers: [{aboveGB: 1, perGB: 4}]}, billing: {zone: Asia/Tokyo}}
  - {name: globex, billing: {zone: UTC}}
`;

let folder: string;
const path = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "proxymeter-bill-command-"));
  const line = (connection: string, end: string, receivedBytes: number) =>
    JSON.stringify(ledgerLine({ connection, start: end, end, sentBytes: 0, receivedBytes }));
  // The second one is in November already where the vendor is.
  const lines = [line("a", "2026-10-31T14:00:00.000Z", 1.5e9), line("b", "2026-10-31T16:00:00.000Z", 1e9)];
  writeFileSync(path("ledger.jsonl"), `${["a line of another log", ...lines].join("\n")}\n`);
  writeFileSync(path("other.log"), "nothing of ours\n");
  writeFileSync(path("vendors.yaml"), VENDORS);
  writeFileSync(path("same.csv"), "date,bytes\n2026-10-31,1500000000\n2026-11-01,1000000000\n");
  writeFileSync(path("less.csv"), "date,bytes\n2026-10-31,1460000000\n2026-11-01,1000000000\n");
  writeFileSync(path("wrong.csv"), "date,bytes\n2026-10-31,15\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** `@` in an argument stands for the folder. */
function run(...args: string[]) {
  const make = args[0] === "bill" ? billCommand : reconcileCommand;
  return runCommand(
    make,
    args.map((arg) => arg.replace("@", `${folder}/`)),
  );
}

const LEDGER = ["--prices", "@vendors.yaml", "--ledger", "@ledger.jsonl"];

describe("proxymeter bill", () => {
  it("is the same as YAML and as JSON", async () => {
    const bill = async (format: string) =>
      (await run("bill", "--from", "2026-10", "--to", "2026-11", ...LEDGER, "-o", format)).stdout;
    expect(parse(await bill("yaml"))).toEqual(JSON.parse(await bill("json")));
  });

  it("bills a month of the vendor's zone where that is asked for", async () => {
    const { stdout, stderr } = await run(
      "bill",
      "--from",
      "2026-11",
      "--to",
      "2026-12",
      "--zone",
      "Asia/Tokyo",
      ...LEDGER,
      "-o",
      "json",
    );
    const { vendors } = JSON.parse(stdout) as Bill;
    expect(vendors.map(({ vendor, total }) => [vendor, total.billableBytes, total.cost])).toEqual([
      ["acme", 1e9, "8.10"],
      ["globex", 0, undefined],
    ]);
    expect(stderr).toBe("");
  });

  it("fills the month's volume from before a period that begins within it", async () => {
    const { stdout } = await run(
      "bill",
      "--from",
      "2026-10-31T15:00:00Z",
      "--to",
      "2026-12",
      "--vendors",
      "acme",
      ...LEDGER,
      "-o",
      "json",
    );
    const october = await run(
      "bill",
      "--from",
      "2026-10-31T13:30:00Z",
      "--to",
      "2026-11",
      "--vendors",
      "acme",
      ...LEDGER,
      "-o",
      "json",
    );
    expect((JSON.parse(stdout) as Bill).vendors[0]?.total.cost).toBe("8.10");
    expect(
      (JSON.parse(october.stdout) as Bill).vendors[0]?.charges.map(({ month, amount }) => [month, amount]),
    ).toEqual([
      ["2026-10", "8.1"],
      ["2026-10", "2"],
      ["2026-11", "8.1"],
    ]);
  });

  it("refuses a zone that is none", async () => {
    const { stderr } = await run("bill", "--from", "2026-10", "--zone", "Mars/Olympus", ...LEDGER);
    expect(stderr).toContain("expected a zone of the IANA database");
  });

  it("reads one source, not two", async () => {
    const { stderr, stdout } = await run("bill", "--from", "2026-10", ...LEDGER, "--prometheus", "http://127.0.0.1:9");
    expect([stderr, stdout]).toEqual([expect.stringContaining("cannot be used with option '--prometheus"), ""]);
  });

  it.each([
    ["a vendor that is not there", ["--from", "2026-10", "--vendors", "acme,hooli", ...LEDGER], "cannot bill hooli: "],
    [
      "an end before the beginning",
      ["--from", "2026-10", "--to", "2026-09", ...LEDGER],
      "expected an end after the beginning",
    ],
    ["a time that is none", ["--from", "soon", ...LEDGER], 'cannot use --from: found "soon", expected a day'],
    [
      "a ledger that is not there",
      ["--from", "2026-10", "--prices", "@vendors.yaml", "--ledger", "@none.jsonl"],
      "cannot read the ledger: ENOENT",
    ],
    [
      "a file without ledger lines",
      ["--from", "2026-10", "--prices", "@vendors.yaml", "--ledger", "@other.log"],
      "found 1 lines and no line of the ledger",
    ],
    [
      "a vendors.yaml that is not there",
      ["--from", "2026-10", "--prices", "@none.yaml", "--ledger", "@ledger.jsonl"],
      "found no such file",
    ],
  ])("answers %s with exit status 2, a message and a hint", async (_title, args, want) => {
    const { stdout, stderr, exitCode } = await run("bill", ...args);
    expect(stderr).toContain(want);
    expect(stderr).toMatch(/\nhint: \S/);
    expect([exitCode, stdout]).toEqual([2, ""]);
  });

  it("says where Prometheus cannot be reached, with exit status 1", async () => {
    const { stderr, exitCode } = await run(
      "bill",
      "--from",
      "2026-10",
      "--prices",
      "@vendors.yaml",
      "--prometheus",
      "http://127.0.0.1:9",
    );
    expect(stderr).toContain("cannot reach Prometheus at http://127.0.0.1:9");
    expect(exitCode).toBe(1);
  });
});

describe("proxymeter reconcile", () => {
  const acme = ["reconcile", "--vendor", "acme", ...LEDGER];

  it("takes the period and the days from the export, in the vendor's zone", async () => {
    const { stdout, exitCode } = await run(...acme, "--usage", "@same.csv", "-o", "json");
    const result = JSON.parse(stdout) as Reconciliation;
    expect(result).toMatchObject({ from: "2026-10-31T00:00+09:00", to: "2026-11-02T00:00+09:00", unexplainedBytes: 0 });
    expect(result.days.map(({ expectedBytes }) => expectedBytes)).toEqual([1.5e9, 1e9]);
    expect(exitCode).toBe(0);
  });

  it.each([
    ["@less.csv", 1.5e9, 0],
    ["@wrong.csv", 15, 4],
  ])("ends as its verdict on %s is", async (file, _bytes, exitCode) => {
    const result = await run(...acme, "--usage", file);
    expect(result.exitCode).toBe(exitCode);
    expect(result.stdout).toContain(exitCode === 0 ? "GREEN: -1.63 %" : "RED: ");
    expect(result.stderr).toMatch(exitCode === 0 ? /^$/ : /unexplained \(red\)\nhint: /);
  });

  it.each([
    [
      "a vendor that is not there",
      ["reconcile", "--vendor", "hooli", "--usage", "@same.csv", ...LEDGER],
      "expected one of these",
    ],
    [
      "standard input twice",
      ["reconcile", "--vendor", "acme", "--usage", "-", "--ledger", "-", "--prices", "@vendors.yaml"],
      "standard input for two files",
    ],
    ["an end alone", [...acme, "--usage", "@same.csv", "--to", "2026-11"], "--to without --from"],
    ["an export that is not there", [...acme, "--usage", "@none.csv"], "expected the vendor's usage export"],
    ["an export that is none", [...acme, "--usage", "@other.log"], "cannot use the vendor's export"],
  ])("answers %s with exit status 2, a message and a hint", async (_title, args, want) => {
    const { stdout, stderr, exitCode } = await run(...args);
    expect(stderr).toContain(want);
    expect(stderr).toMatch(/\nhint: \S/);
    expect([exitCode, stdout]).toEqual([2, ""]);
  });
});
