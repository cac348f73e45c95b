// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the ledger of connections that last, that serve many destinations, that never come about and that are lost with
 * their Envoy. Ways of travelling and of ending are in ledger.test.ts.
 */
import { createServer } from "node:net";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LedgerLine } from "../../bill/ledger/line.ts";
import { readLedger } from "../../bill/ledger/read.ts";
import { poll } from "../../demo/poll.ts";
import { OUTCOME_VENDOR_UNREACHABLE, VALUE_OTHER } from "../../filter/core/contract.ts";
import { listen } from "../../loadgen/listener.ts";
import { awaitBooks, whenQuiet } from "./driver/agreement.ts";
import { vendorBooks } from "./driver/books.ts";
import { type Ends, openEnds, part, speak } from "./driver/conversation.ts";
import { comparable, gathered, ledgerBooks, settledLedger } from "./driver/ledger-books.ts";
import { noise } from "./driver/noise.ts";
import { connectPeer } from "./driver/peer.ts";
import { type Sidecar, startSidecar } from "./driver/sidecar.ts";
import { head, type Turn, volume } from "./ways/way.ts";

const PASSWORD = "hunter2-never-logged";
const SESSION = "session-a1b2c3";
const USER = Buffer.from(`crawl-zone-residential-country-de-${SESSION}:${PASSWORD}`).toString("base64");
const OPENING: Turn[] = [
  [">", head("CONNECT shop-01.example:443 HTTP/1.1", `Proxy-Authorization: Basic ${USER}`)],
  ["<", head("HTTP/1.1 200 OK")],
];
const HOSTS = Array.from({ length: 20 }, (_, index) => `shop-${String(index + 10)}.example`);
/** Interim lines every second, a tick of a second, a log that is flushed every second, and what a busy machine adds. */
const DEADLINE_MS = 10_000;

let sidecar: Sidecar;

beforeAll(async () => {
  const down = { vendor: "down", gateway: { port: await closedPort() }, isDirect: true };
  const vendors = ["long", "many", "folded", "waiting"].map((vendor) => ({ vendor }));
  sidecar = await startSidecar({ lanes: [...vendors, down], ledgerSeconds: 1 });
});
afterAll(() => sidecar?.stop());

async function closedPort(): Promise<number> {
  const { port, close } = await listen(createServer());
  await close();
  return port;
}

async function linesOf({ ledger }: Sidecar, vendor: string): Promise<LedgerLine[]> {
  return (await gathered(readLedger([ledger]))).filter((line) => line.vendor === vendor);
}

/** Waits for lines of a vendor that are as wanted. */
function whenWritten(from: Sidecar, vendor: string, isGood: (lines: LedgerLine[]) => boolean): Promise<LedgerLine[]> {
  const check = async () => {
    const lines = await linesOf(from, vendor);
    return isGood(lines) ? lines : undefined;
  };
  return poll(check, {
    what: `the ledger of "${vendor}" to be as wanted`,
    deadlineMs: DEADLINE_MS,
    signal: new AbortController().signal,
    detail: () => `, which is\n${readFileSync(from.ledger, "utf8")}`,
    hint: "",
  });
}

const bytesOf = ({ sentBytes, receivedBytes }: LedgerLine) => [sentBytes, receivedBytes];
const saysAll = (turns: readonly Turn[]) => (lines: LedgerLine[]) =>
  String(lines.map(bytesOf).at(-1)) === String(volume(turns));

describe("a tunnel that stays open", () => {
  let ends: Ends;
  const said: Turn[] = [...OPENING];
  const say = async (...turns: Turn[]) => {
    said.push(...turns);
    await speak(ends, turns);
  };

  it("writes interim lines that say its bytes up to then, each with the identity of the connection", async () => {
    ends = await openEnds(sidecar.lane("long"));
    await speak(ends, OPENING);
    await say([">", noise(1000, 1)], ["<", noise(50_000, 2)]);
    const first = await whenWritten(sidecar, "long", saysAll(said));
    await say([">", noise(70_000, 3)], ["<", noise(9, 4)]);
    const lines = await whenWritten(sidecar, "long", saysAll(said));
    expect(lines.length).toBeGreaterThan(first.length);
    expect(new Set(lines.map(({ connection }) => connection)).size).toBe(1);
    expect(lines.every(({ isInterim, outcome, requests }) => isInterim && outcome === "ok" && requests === 1)).toBe(
      true,
    );
    const sequences = lines.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
  });

  it("ends with a line that replaces them: settled, every byte is there once", async () => {
    await part(ends);
    await whenQuiet(sidecar.lane("long"));
    await whenWritten(sidecar, "long", (lines) => lines.some(({ isInterim }) => !isInterim));
    const [line, ...others] = (await settledLedger(sidecar.ledger)).filter(({ vendor }) => vendor === "long");
    expect(others).toEqual([]);
    expect(line).toMatchObject({
      ...{ isInterim: false, pool: "residential", country: "de", protocol: "connect", protocolVersion: "1.1" },
      ...{ method: "CONNECT", destinationHost: "shop-01.example", destinationPort: 443, status: 200, outcome: "ok" },
      ...{ pod: "crawler-0", namespace: "crawl", workload: "crawler", requests: 1 },
    });
    expect(bytesOf(line as LedgerLine)).toEqual(volume(said));
    expect(line?.gateway).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(line?.totalMs).toBeGreaterThan(1000);
    expect(Date.parse(line?.end ?? "") - Date.parse(line?.start ?? "")).toBeGreaterThan(1000);
  });

  it("leaves neither password nor session in any line", () => {
    const text = readFileSync(sidecar.ledger, "utf8");
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain(SESSION);
    expect(text).not.toContain(USER);
  });
});

describe("a connection that serves several destinations", () => {
  const turnsTo = (host: string, size: number, status = "200 OK"): Turn[] => [
    [">", head(`GET http://${host}/ HTTP/1.1`, `Host: ${host}`)],
    ["<", head(`HTTP/1.1 ${status}`, `Content-Length: ${size}`)],
    ["<", noise(size, size)],
  ];

  it("has a part for each of them, and requests of one kind are one part", async () => {
    const hosts = HOSTS.slice(0, 3);
    const said = [...hosts, ...hosts].flatMap((host, index) => turnsTo(host, 100 + index));
    const ends = await openEnds(sidecar.lane("many"));
    await speak(ends, said);
    await part(ends);
    const lines = await whenWritten(sidecar, "many", (found) => found.some(({ isInterim }) => !isInterim));
    const ended = lines.filter(({ isInterim }) => !isInterim);
    expect(ended.map(({ destinationHost, requests, method }) => [destinationHost, requests, method])).toEqual(
      hosts.map((host) => [host, 2, "GET"]),
    );
    expect([sum(ended, "sentBytes"), sum(ended, "receivedBytes")]).toEqual(volume(said));
  });

  it("names eleven kinds, and has one part for each outcome of all others: no byte is lost or changes its outcome", async () => {
    const STATUSES = ["200 OK", "404 Not Found", "502 Bad Gateway"];
    const said = HOSTS.flatMap((host, index) => turnsTo(host, 200 + index, STATUSES[index % 3]));
    const ends = await openEnds(sidecar.lane("folded"));
    await speak(ends, said);
    await part(ends);
    const lines = await whenWritten(sidecar, "folded", (found) => found.some(({ isInterim }) => !isInterim));
    const ended = lines.filter(({ isInterim }) => !isInterim);
    expect(ended.slice(0, 11).map(({ destinationHost }) => destinationHost)).toEqual(HOSTS.slice(0, 11));
    const others = ended.slice(11).map((one) => [one.destinationHost, one.outcome, one.requestOutcome, one.requests]);
    expect(others.sort()).toEqual([
      [VALUE_OTHER, "ok", "ok", 3],
      [VALUE_OTHER, "target_error", "target_error", 3],
      [VALUE_OTHER, "vendor_error", "vendor_error", 3],
    ]);
    expect([sum(ended, "sentBytes"), sum(ended, "receivedBytes")]).toEqual(volume(said));
    const { requests, bytes, failed, overhead } = vendorBooks(await sidecar.samples(), "folded");
    expect(ledgerBooks(ended, "folded")).toMatchObject({ requests, bytes, failed, overhead });
    expect(Object.keys(failed).sort()).toEqual(["target_error", "vendor_error"]);
  });
});

describe("a connection with more open requests than a line has room for", () => {
  it("leaves none out of its interim lines: what it can't name is one part, and all bytes are there", async () => {
    const answered = HOSTS[0] as string;
    const said: Turn[] = [
      [">", head(`GET http://${answered}/ HTTP/1.1`, `Host: ${answered}`)],
      ["<", head("HTTP/1.1 200 OK", "Content-Length: 0")],
      ...HOSTS.concat(HOSTS, HOSTS).map(
        (host, index): Turn => [">", head(`GET http://${host}/${"x".repeat(index)} HTTP/1.1`, `Host: ${host}`)],
      ),
    ];
    const ends = await openEnds(sidecar.lane("waiting"));
    await speak(ends, said);
    const isWhole = (lines: LedgerLine[]) =>
      String([sum(lines, "sentBytes"), sum(lines, "receivedBytes")]) === String(volume(said));
    const newestOf = (found: LedgerLine[]) => found.filter(({ sequence }) => sequence === found.at(-1)?.sequence);
    const lines = newestOf(await whenWritten(sidecar, "waiting", (found) => isWhole(newestOf(found))));
    expect(lines.length).toBeLessThan(said.length - 1);
    expect(lines.every(({ isInterim }) => isInterim)).toBe(true);
    const others = lines.filter(({ destinationHost }) => destinationHost === VALUE_OTHER);
    expect(others.map(({ outcome, requests }) => [outcome, requests])).toEqual([["unknown", 0]]);
    expect(sum(lines, "requests")).toBe(1);
    await part(ends);
  });
});

describe("a gateway that refuses", () => {
  it("is one line without bytes, and names the gateway that was tried", async () => {
    const client = await connectPeer("client", sidecar.lane("down").port);
    void client.send(noise(10, 1));
    await client.closed();
    const [line, ...others] = await whenWritten(sidecar, "down", (lines) => lines.length > 0);
    expect(others).toEqual([]);
    expect(line).toMatchObject({ outcome: OUTCOME_VENDOR_UNREACHABLE, requests: 1, sentBytes: 0, receivedBytes: 0 });
    expect(line?.gateway).toMatch(/^127\.0\.0\.1:\d+$/);
    const books = await awaitBooks(sidecar, "down", ({ requests }) => requests === 1);
    expect(ledgerBooks([line as LedgerLine], "down")).toEqual(comparable(books));
  });
});

describe("an Envoy that is killed", () => {
  let killed: Sidecar;
  afterAll(() => killed?.stop());

  it("loses of an open tunnel what it said after the last interim line, and of one that had ended nothing", async () => {
    killed = await startSidecar({ lanes: [{ vendor: "open" }, { vendor: "over" }], ledgerSeconds: 1 });
    const over = await openEnds(killed.lane("over"));
    await speak(over, OPENING);
    await part(over);
    const open = await openEnds(killed.lane("open"));
    const known: Turn[] = [...OPENING, [">", noise(300_000, 5)]];
    await speak(open, known);
    await whenWritten(killed, "open", saysAll(known));
    const overBooks = vendorBooks(await killed.samples(), "over");
    await speak(open, [["<", noise(20_000, 6)]]);
    await killed.crash();
    const lines = await settledLedger(killed.ledger);
    const [line] = lines.filter(({ vendor }) => vendor === "open");
    expect(line?.isInterim).toBe(true);
    expect(bytesOf(line as LedgerLine)).toEqual(volume(known));
    expect(ledgerBooks(lines, "over")).toEqual(comparable(overBooks));
  });
});

function sum(lines: readonly LedgerLine[], member: "sentBytes" | "receivedBytes" | "requests"): number {
  return lines.reduce((total, line) => total + line[member], 0);
}
