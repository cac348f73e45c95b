// SPDX-License-Identifier: Apache-2.0
/**
 * Damaged handshakes through the compiled filter, without a proxy: none traps, none asks the host for nonsense, and whatever they
 * are, every byte is counted once for the vendor and once for a destination. Fixed seeds: a failure can be repeated.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Random, seededRandom } from "../../loadgen/random.ts";
import { imbalances, vendorBooks } from "../envoy/driver/books.ts";
import { FILTER } from "./files.ts";
import { HANDSHAKES, type Handshake } from "./handshakes.ts";
import type { Connection } from "./host/streams.ts";
import { type Plugin, Vm } from "./host/vm.ts";
import { World } from "./host/world.ts";
import { below, cut, mutate } from "./mutations.ts";
import { startCheckedVm, withChecks, withMemoryLimit } from "./variants.ts";

const SEED = 20_260_921;
const MUTATIONS = 100_000;
const CHECKED_MUTATIONS = 2000;
const BOUNDED_MUTATIONS = 5000;
/** In the second half of a run nothing is kept for good any more, but for the last rare series. */
const GROWTH_LIMIT_BYTES = 65_536;
const TICK_EVERY = 100;

const VENDOR = "acme";
const CONFIGURATION = JSON.stringify({
  ledger: true,
  limits: { series: 300, destinations: 10, pools: 4, reserve: 0 },
  vendors: [
    {
      name: VENDOR,
      gateways: [{ host: "gw.acme.example", port: 8080 }],
      username: { separator: "-", pool: "zone", country: "country" },
    },
  ],
});
const CLUSTER = { "xds.cluster_name": "outbound|8080||gw.acme.example" };
/** `response.flags`: none, connection failure, reset by the upstream, both of no upstream. */
const FLAGS = [0n, 32n, 16n, 2n];

interface Fed {
  sent: number;
  received: number;
}

/** One connection with a damaged handshake; returns how many bytes it had. */
function feed(connection: Connection, { steps }: Handshake, random: Random): Fed {
  const fed: Fed = { sent: 0, received: 0 };
  const whole = below(random, steps.length + 1);
  steps.forEach(([direction, bytes], index) => {
    const donor = steps[below(random, steps.length)]?.[1] ?? bytes;
    // Steps before the damage are right, so that it also falls deep inside.
    const damaged = index < whole && index < steps.length - 1 ? bytes : mutate(bytes, random, donor);
    for (const piece of cut(damaged, random)) {
      expectContinue(connection[direction](piece));
      fed[direction] += piece.length;
    }
  });
  if (random() < 0.3) connection.sent(Buffer.alloc(0), true);
  if (random() < 0.3) connection.received(Buffer.alloc(0), true);
  return fed;
}

function expectContinue(status: number): void {
  if (status !== 0) throw new Error(`the filter stopped a stream: answer ${status} (expected 0)`);
}

function fuzz(plugin: Plugin, handshake: Handshake, count: number, seed: number): Fed {
  const random = seededRandom(seed, handshake.name);
  const total: Fed = { sent: 0, received: 0 };
  for (let index = 0; index < count; index += 1) {
    const flags = FLAGS[below(random, FLAGS.length)] ?? 0n;
    const connection = plugin.openConnection({ ...CLUSTER, "response.flags": flags });
    const fed = feed(connection, handshake, random);
    total.sent += fed.sent;
    total.received += fed.received;
    plugin.vm.world.advance(below(random, 50));
    connection.close(1 + below(random, 2));
    if (index % TICK_EVERY === 0) plugin.tick();
  }
  plugin.tick();
  return total;
}

function startFilter(vm: Vm): Plugin {
  return vm.startPlugin({ rootId: "proxymeter_network", configuration: CONFIGURATION });
}

function expectBooks(world: World, fed: Fed): void {
  const books = vendorBooks(world.samples(), VENDOR);
  expect(books.bytes).toEqual([fed.sent, fed.received]);
  expect(imbalances(books)).toEqual([]);
  expect(books.active).toBe(0);
  expect(world.misuse).toEqual([]);
}

const built = new WebAssembly.Module(readFileSync(FILTER));
const checked = withChecks(readFileSync(FILTER));
const bounded = withMemoryLimit(FILTER, 0);

describe.each(HANDSHAKES.map((handshake) => [handshake.name, handshake] as const))(
  "%s, damaged",
  (_name, handshake) => {
    it(`in ${MUTATIONS} ways is counted to the byte without a trap, in memory that does not grow`, {
      timeout: 120_000,
    }, () => {
      const world = new World();
      const plugin = startFilter(new Vm(built, world));
      const first = fuzz(plugin, handshake, MUTATIONS / 2, SEED);
      const { size } = plugin.vm.memory;
      const second = fuzz(plugin, handshake, MUTATIONS / 2, SEED + 1);
      expectBooks(world, { sent: first.sent + second.sent, received: first.received + second.received });
      expect(plugin.vm.memory.size - size).toBeLessThanOrEqual(GROWTH_LIMIT_BYTES);
    });

    it(`in ${CHECKED_MUTATIONS} ways makes no memory access at a null address or beyond the end`, {
      timeout: 120_000,
    }, () => {
      const world = new World();
      const plugin = startFilter(startCheckedVm(checked, world));
      expectBooks(world, fuzz(plugin, handshake, CHECKED_MUTATIONS, SEED + 2));
    });

    it(`in ${BOUNDED_MUTATIONS} ways passes without a trap where memory can't grow`, { timeout: 120_000 }, () => {
      const world = new World();
      const plugin = startFilter(new Vm(bounded, world));
      fuzz(plugin, handshake, BOUNDED_MUTATIONS, SEED + 3);
      expect(world.misuse).toEqual([]);
    });
  },
);
