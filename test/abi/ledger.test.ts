// SPDX-License-Identifier: Apache-2.0
/**
 * The ledger that the compiled filter publishes, without a proxy: whatever damaged bytes a connection carries, what is published
 * when it ends is JSON that comes to its bytes; nothing is published unless the configuration asks for it.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as contract from "../../filter/core/contract.ts";
import { type Random, seededRandom } from "../../loadgen/random.ts";
import { FILTER } from "./files.ts";
import { HANDSHAKES } from "./handshakes.ts";
import type { Connection } from "./host/streams.ts";
import { type Plugin, Vm } from "./host/vm.ts";
import { World } from "./host/world.ts";
import { below, cut, mutate } from "./mutations.ts";

const SEED = 20_261_121;
const CONNECTIONS = 2000;
const CLUSTER = { "xds.cluster_name": "outbound|8080||gw.acme.example" };
const PUBLISHED = `filter_state.wasm.${contract.STATE_LEDGER}`;
/** Container runtimes cut lines at 16 KiB, of which Envoy's part takes less than one. */
const LONGEST_TEXT = 15_360;

type Part = Record<string, string | number>;

const built = new WebAssembly.Module(readFileSync(FILTER));

function start(settings: object, vendor = "acme"): Plugin {
  const gateways = [{ host: "gw.acme.example", port: 8080 }];
  const vendors = [{ name: vendor, gateways, username: { separator: "-", pool: "zone", country: "country" } }];
  const configuration = JSON.stringify({ vendors, ...settings });
  return new Vm(built, new World()).startPlugin({ rootId: contract.ROOT_NETWORK, configuration });
}

function published(connection: Connection): Part[] | undefined {
  const bytes = connection.context.properties[PUBLISHED];
  if (bytes === undefined) return undefined;
  const text = Buffer.from(bytes as Uint8Array).toString();
  expect(text.length).toBeLessThanOrEqual(LONGEST_TEXT);
  return JSON.parse(text) as Part[];
}

function sum(parts: readonly Part[], member: string): number {
  return parts.reduce((total, part) => total + Number(part[member] ?? 0), 0);
}

function say(connection: Connection, steps: (typeof HANDSHAKES)[number]["steps"], random: Random): [number, number] {
  const said: [number, number] = [0, 0];
  const whole = below(random, steps.length + 1);
  steps.forEach(([direction, bytes], index) => {
    const damaged = index < whole ? bytes : mutate(bytes, random, bytes);
    for (const piece of cut(damaged, random)) {
      connection[direction](piece);
      said[direction === "sent" ? 0 : 1] += piece.length;
    }
  });
  return said;
}

describe.each(HANDSHAKES.map((handshake) => [handshake.name, handshake] as const))("%s, damaged", (name, { steps }) => {
  it(`in ${CONNECTIONS} ways publishes JSON that comes to the bytes, while open and at the end`, () => {
    const random = seededRandom(SEED, name);
    const plugin = start({ ledger: true });
    for (let index = 0; index < CONNECTIONS; index += 1) {
      const connection = plugin.openConnection({ ...CLUSTER });
      const said = say(connection, steps, random);
      plugin.vm.world.advance(below(random, 2000));
      plugin.tick();
      for (const part of published(connection) ?? [])
        expect(Number(part[contract.LEDGER_SENT])).toBeLessThanOrEqual(said[0]);
      connection.close(1 + below(random, 2));
      if (said[0] + said[1] === 0) continue;
      const parts = published(connection) ?? [];
      expect([sum(parts, contract.LEDGER_SENT), sum(parts, contract.LEDGER_RECEIVED)]).toEqual(said);
    }
  });
});

type Sums = Record<string, [requests: number, sent: number, received: number]>;

/** Requests by the outcome of their answer, bytes by that of their end. */
function byOutcome(parts: readonly Part[]): Sums {
  const sums: Sums = {};
  const at = (outcome: string) => (sums[outcome] ??= [0, 0, 0]);
  for (const part of parts) {
    const outcome = String(part[contract.LABEL_OUTCOME]);
    const [requests, sent, received] = [contract.LEDGER_REQUESTS, contract.LEDGER_SENT, contract.LEDGER_RECEIVED].map(
      (member) => Number(part[member]),
    ) as [number, number, number];
    at(outcome)[1] += sent;
    at(outcome)[2] += received;
    if (requests > 0) at(String(part[contract.LEDGER_REQUEST_OUTCOME] ?? outcome))[0] += requests;
  }
  return sums;
}

describe.each([63, 253])(
  "a connection that does more than a line can tell apart, of a vendor with a name of %d",
  (length) => {
    const VENDOR = "v".repeat(length);
    const credentials = Buffer.from(`crawl-zone-${"p".repeat(48)}-country-${"c".repeat(48)}:secret`).toString("base64");
    const host = (index: number) =>
      `${`h${index}.`.padEnd(60, "a")}.${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(50)}.example:8443`;
    const request = (index: number) =>
      Buffer.from(`GET http://${host(index)}/ HTTP/1.1\r\nProxy-Authorization: Basic ${credentials}\r\n\r\n`);
    const answer = (status: number, size: number) =>
      Buffer.from(`HTTP/1.1 ${status} X\r\nContent-Length: ${size}\r\n\r\n${"x".repeat(size)}`);
    const STATUSES = [
      [200, contract.OUTCOME_OK],
      [404, contract.OUTCOME_TARGET_ERROR],
      [407, contract.OUTCOME_VENDOR_AUTH],
      [429, contract.OUTCOME_RATE_LIMITED],
      [502, contract.OUTCOME_VENDOR_ERROR],
    ] as const;
    const ANSWERED = 60;
    const OPEN = 40;

    /** Requests to many hosts, whose answers are of five kinds; then some that stay without an answer. */
    function busy() {
      const plugin = start({ ledger: true, limits: { destinations: 250 } }, VENDOR);
      const connection = plugin.openConnection({ ...CLUSTER });
      const sums: Sums = {};
      const add = (outcome: string, requests: number, sent: number, received: number) => {
        const [a, b, c] = sums[outcome] ?? [0, 0, 0];
        sums[outcome] = [a + requests, b + sent, c + received];
      };
      for (let index = 0; index < ANSWERED; index++) {
        const [status, outcome] = STATUSES[index % STATUSES.length] ?? STATUSES[0];
        const [sent, received] = [request(index), answer(status, 100 + index)];
        connection.sent(sent);
        connection.received(received);
        add(outcome, 1, sent.length, received.length);
      }
      let sent = 0;
      for (let index = ANSWERED; index < ANSWERED + OPEN; index++) {
        connection.sent(request(index));
        sent += request(index).length;
      }
      plugin.vm.world.advance(1000);
      plugin.tick();
      return { connection, sums, sent, add };
    }

    it("says while it is open how all bytes ended so far, and leaves no exchange out", () => {
      const { connection, sums, sent, add } = busy();
      const parts = published(connection) ?? [];
      add(contract.VALUE_UNKNOWN, 0, sent, 0);
      expect(byOutcome(parts)).toEqual(sums);
      expect(parts.map((part) => String(part[contract.LABEL_DESTINATION]).length)).toContain(host(1).length);
    });

    it("says at its end the requests and bytes of every outcome, to the byte", () => {
      const { connection, sums, sent, add } = busy();
      connection.close(2);
      add(contract.OUTCOME_CLIENT_ABORT, OPEN, sent, 0);
      expect(byOutcome(published(connection) ?? [])).toEqual(sums);
    });

    it("names hosts and pools as long as there is room, and `other` beyond", () => {
      const { connection } = busy();
      connection.close(2);
      const parts = published(connection) ?? [];
      const others = parts.filter((part) => part[contract.LABEL_DESTINATION] === contract.VALUE_OTHER);
      expect(parts.length - others.length).toBeGreaterThanOrEqual(length === 63 ? 7 : 4);
      expect(others.map((part) => part[contract.LABEL_OUTCOME]).sort()).toEqual(
        [...STATUSES.map(([, outcome]) => outcome), contract.OUTCOME_CLIENT_ABORT].sort(),
      );
      expect(new Set(others.map((part) => part[contract.LABEL_POOL]))).toEqual(new Set([contract.VALUE_OTHER]));
    });

    it("forgets in the next line what was folded in the last one", () => {
      const plugin = start({ ledger: true, limits: { destinations: 250 } }, VENDOR);
      const [first, second] = [plugin.openConnection({ ...CLUSTER }), plugin.openConnection({ ...CLUSTER })];
      for (let index = 0; index < OPEN; index++) first.sent(request(index));
      second.sent(request(0));
      plugin.tick();
      plugin.vm.world.advance(1000);
      first.sent(request(OPEN));
      plugin.tick();
      expect(sum(published(second) ?? [], contract.LEDGER_SENT)).toBe(request(0).length);
      const said = Array.from({ length: OPEN + 1 }, (_, index) => request(index).length).reduce((a, b) => a + b);
      expect(sum(published(first) ?? [], contract.LEDGER_SENT)).toBe(said);
    });
  },
);

describe("the ledger", () => {
  const [handshake] = HANDSHAKES;
  const speak = (plugin: Plugin) => {
    const connection = plugin.openConnection({ ...CLUSTER });
    for (const [direction, bytes] of handshake?.steps ?? []) connection[direction](bytes);
    plugin.tick();
    return connection;
  };

  it("is published for nobody who does not ask for it", () => {
    const connection = speak(start({}));
    connection.close(1);
    expect(Object.keys(connection.context.properties).filter((name) => name.startsWith("filter_state"))).toEqual([]);
  });

  it("is JSON whatever a configuration calls its vendor", () => {
    const connection = speak(start({ ledger: true }, 'a"c\\me'));
    connection.close(1);
    expect(published(connection)?.[0]?.[contract.LABEL_VENDOR]).toMatch(/^a.c.me$/);
  });
});
