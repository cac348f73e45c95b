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
