// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about reading files, settling what they say, and choosing lines.
 */
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { emptyTally, ledgerLines, readLedger } from "../../../../bill/ledger/read.ts";
import { mergeLines } from "../../../../bill/ledger/merge.ts";
import { ledgerHeading, ledgerRow } from "../../../../bill/ledger/row.ts";
import { isSelected, type Selection } from "../../../../bill/ledger/select.ts";
import { settledLines } from "../../../../bill/ledger/settle.ts";
import { tailFile } from "../../../../bill/ledger/tail.ts";
import { gathered, ledgerLine, sidecarLine, stream } from "./lines.ts";

const folder = mkdtempSync(join(tmpdir(), "proxymeter-ledger-"));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, content: string | Buffer): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe("files of ledger lines", () => {
  it("are read in order, gzip or not whatever they are called, and what is none is counted", async () => {
    const first = written(
      "a.log",
      `${sidecarLine({ connection: "1" })}\nINFO something\n${sidecarLine().slice(0, 99)}\n`,
    );
    const second = written(
      "b.log",
      gzipSync(`${sidecarLine({ connection: "2" }, {}, {})}\r\n${sidecarLine({ connection: "3" })}`),
    );
    const tally = emptyTally();
    const lines = await gathered(readLedger([first, second], tally));
    expect(lines.map(({ connection }) => connection.split("/").at(-1))).toEqual(["1", "2", "2", "3"]);
    expect(tally).toEqual({ texts: 5, taken: 3, broken: 1, foreign: 1 });
  });

  it("that do not exist are an error of the system", async () => {
    await expect(gathered(readLedger([join(folder, "none")]))).rejects.toThrow("ENOENT");
  });

  it("come whole however the bytes are cut, inside a character too", async () => {
    const text = Buffer.from(`${sidecarLine({ workload: "größe" })}\n`);
    const bytes = Array.from(text, (_byte, at) => text.subarray(at, at + 1));
    expect(await gathered(ledgerLines(stream(...bytes)))).toEqual([ledgerLine({ workload: "größe" })]);
  });

  it("with a line that never ends cost no memory, and what follows is read", async () => {
    const chunks = Array.from({ length: 50 }, () => "x".repeat(65_536));
    const tally = emptyTally();
    const lines = await gathered(ledgerLines(stream(...chunks, `\n${sidecarLine()}\n`), tally));
    expect(lines).toEqual([ledgerLine()]);
    expect(tally).toMatchObject({ taken: 1, foreign: 1 });
  });
});

describe("a file that grows", () => {
  it("is read as it grows, and when it is rotated away the new one from its start", { timeout: 10_000 }, async () => {
    const file = written("grows.log", `${sidecarLine({ connection: "1" })}\n`);
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const { connection } of ledgerLines(tailFile(file, stop.signal))) {
      seen.push(connection.split("/").at(-1) ?? "");
      if (seen.length === 1) appendFileSync(file, `${sidecarLine({ connection: "2" })}\n`);
      if (seen.length === 2) {
        renameSync(file, `${file}.1`);
        writeFileSync(file, `${sidecarLine({ connection: "3" })}\n`);
      }
      if (seen.length === 3) stop.abort();
    }
    expect(seen).toEqual(["1", "2", "3"]);
  });
});

describe("settled lines", () => {
  const interim = (connection: string, sequence: number, part = 0) =>
    ledgerLine({ connection, sequence, part, isInterim: true, sentBytes: sequence });
  const end = (connection: string, sequence: number) => ledgerLine({ connection, sequence, sentBytes: sequence });
  const settle = async (...lines: ReturnType<typeof ledgerLine>[]) =>
    (await gathered(settledLines(stream(...lines)))).map((line) => [line.connection, line.sentBytes]);

  it("are the end of each connection, whatever came before it", async () => {
    expect(await settle(interim("a", 1000), end("b", 10), interim("a", 2000), end("a", 2500))).toEqual([
      ["b", 10],
      ["a", 2500],
    ]);
  });

  it("are all parts of the last interim line where a connection never ended", async () => {
    expect(await settle(interim("a", 1000), interim("a", 2000), interim("a", 2000, 1))).toEqual([
      ["a", 2000],
      ["a", 2000],
    ]);
  });

  it("are the same when a file is given twice, also of connections that lasted less than a second", async () => {
    const file = [interim("a", 1000), end("b", 10), end("a", 2500), interim("c", 1000), interim("c", 1000, 1)];
    const parts = [ledgerLine({ connection: "d" }), ledgerLine({ connection: "d", part: 1 }), ledgerLine({ part: 40 })];
    const once = await settle(...file, ...parts);
    expect(once).toHaveLength(7);
    expect(await settle(...file, ...parts, ...file, ...parts)).toEqual(once);
  });

  it("count a connection once when files come in the wrong order", async () => {
    expect(await settle(end("a", 2500), interim("a", 1000), interim("a", 2000))).toEqual([["a", 2500]]);
    expect(await settle(interim("a", 2000), interim("a", 1000))).toEqual([["a", 2000]]);
  });
});

describe("a selection", () => {
  const ALL: Selection = { namespaces: [], vendors: [], pods: [], destinations: [], outcomes: [] };
  const line = ledgerLine({ destinationHost: "cdn.shop.example", outcome: "reset" });

  it.each([
    [true, {}],
    [true, { vendors: ["globex", "acme"] }],
    [false, { vendors: ["globex"] }],
    [true, { namespaces: ["office", "crawl"] }],
    [false, { namespaces: ["office"] }],
    [true, { pods: ["crawler-0"] }],
    [true, { pods: ["crawl/crawler-0"] }],
    [false, { pods: ["other/crawler-0"] }],
    [true, { destinations: ["CDN.shop.example"] }],
    [true, { destinations: ["*.shop.example"] }],
    [false, { destinations: ["*.cdn.shop.example"] }],
    [false, { destinations: ["shop.example"] }],
    [true, { outcomes: ["reset"] }],
    [false, { outcomes: ["ok"] }],
    [false, { vendors: ["acme"], outcomes: ["ok"] }],
  ])("answers %s for %j", (wanted, some) => {
    expect(isSelected(line, { ...ALL, ...some })).toBe(wanted);
  });
});

describe("a row", () => {
  it("stands below its headings", () => {
    const [heading, row] = [ledgerHeading(), ledgerRow(ledgerLine())];
    for (const [title, value] of [
      ["POD", "crawl/crawler-0"],
      ["VENDOR/POOL", "acme/residential"],
      ["DESTINATION", "shop-01.example:443"],
      ["OUTCOME", "ok"],
    ] as const) {
      expect(row.indexOf(value)).toBe(heading.indexOf(title));
    }
  });
});

describe("merged sources", () => {
  it("give every line, and end with the last source", async () => {
    const merged = mergeLines<number>();
    merged.add(stream(1, 2));
    merged.add(stream(3));
    merged.close();
    expect((await gathered(merged.lines)).sort()).toEqual([1, 2, 3]);
  });

  it("end with the error of a source", async () => {
    const merged = mergeLines<number>();
    merged.add(
      (async function* () {
        yield await Promise.resolve(1);
        throw new Error("gone");
      })(),
    );
    merged.close();
    await expect(gathered(merged.lines)).rejects.toThrow("gone");
  });
});
