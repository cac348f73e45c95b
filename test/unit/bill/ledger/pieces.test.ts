// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about lines that a container runtime cut: put together for each stream, counted once, and never longer than memory allows.
 */
import { describe, expect, it } from "vitest";
import { emptyTally, ledgerLines } from "../../../../bill/ledger/read.ts";
import { gathered, ledgerLine, sidecarLine, stream } from "./lines.ts";

const LINE = sidecarLine();
const cri = (tag: string, content: string) => `2026-09-21T14:13:21.300000001Z ${tag} ${content}`;
const docker = (log: string, name = "stdout") =>
  JSON.stringify({ log, stream: name, time: "2026-09-21T14:13:21.300000001Z" });
/** A ledger line that docker's buffer does not hold. */
const LONG = sidecarLine({ workload: "x".repeat(20_000) });

async function read(...texts: string[]) {
  const tally = emptyTally();
  const lines = await gathered(ledgerLines(stream(texts.map((text) => `${text}\n`).join("")), tally));
  return { lines, tally };
}

describe("a line that the runtime cut", () => {
  it.each([
    ["into two", [cri("stdout P", LINE.slice(0, 40)), cri("stdout F", LINE.slice(40))]],
    ["before its end alone", [cri("stdout P", LINE), cri("stdout F", "")]],
    [
      "into three",
      [cri("stdout P", LINE.slice(0, 3)), cri("stdout P", LINE.slice(3, 9)), cri("stdout F", LINE.slice(9))],
    ],
  ])("%s is the one that it was, and counts once", async (_into, texts) => {
    const { lines, tally } = await read(...texts);
    expect(lines).toEqual([ledgerLine()]);
    expect(tally).toEqual({ texts: 1, taken: 1, broken: 0, foreign: 0 });
  });

  it("is put together though the other stream has lines in between, whole or cut", async () => {
    const { lines, tally } = await read(
      cri("stdout P", LINE.slice(0, 40)),
      cri("stderr P", "warn"),
      cri("stderr F", "ing"),
      cri("stdout F", LINE.slice(40)),
      cri("stdout F", LINE),
    );
    expect(lines).toEqual([ledgerLine(), ledgerLine()]);
    expect(tally).toEqual({ texts: 3, taken: 2, broken: 0, foreign: 1 });
  });

  it("is cut off where the file ends in it, and counts as damaged", async () => {
    const { lines, tally } = await read(cri("stdout P", LINE));
    expect(lines).toEqual([]);
    expect(tally).toEqual({ texts: 1, taken: 0, broken: 1, foreign: 0 });
  });

  it("is no ledger line where one begins within it", async () => {
    const { lines, tally } = await read(cri("stdout P", "GET /?q="), cri("stdout F", LINE));
    expect(lines).toEqual([]);
    expect(tally).toMatchObject({ broken: 1 });
  });

  it("and goes on for longer than any ledger line is let go, and what follows is read", async () => {
    const parts = Array.from({ length: 40 }, () => cri("stdout P", " ".repeat(16_384)));
    const { lines, tally } = await read(cri("stdout P", LINE), ...parts, cri("stdout F", ""), cri("stdout F", LINE));
    expect(lines).toEqual([ledgerLine()]);
    expect(tally).toEqual({ texts: 2, taken: 1, broken: 1, foreign: 0 });
  });
});

describe("an entry of docker's json-file", () => {
  it("that its buffer cut is put together with what follows it on its stream", async () => {
    const { lines, tally } = await read(
      docker(LONG.slice(0, 16_384)),
      docker("warning\n", "stderr"),
      docker(`${LONG.slice(16_384)}\n`),
      docker(`${LINE}\n`),
    );
    expect(lines.map(({ workload }) => workload)).toEqual(["x".repeat(512), "crawler"]);
    expect(tally).toEqual({ texts: 3, taken: 2, broken: 0, foreign: 1 });
  });

  it("that lacks its line end and is shorter was taken off it by a collector, and is whole", async () => {
    const { lines } = await read(docker(LINE), docker(LINE));
    expect(lines).toEqual([ledgerLine(), ledgerLine()]);
  });
});
