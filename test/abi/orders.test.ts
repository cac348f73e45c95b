// SPDX-License-Identifier: Apache-2.0
/**
 * Callbacks in orders that no proxy promises: any entry point at any time, for ids that live, are gone or never were. Nothing traps,
 * nothing accesses memory that is not its own, and what is over leaves no memory behind.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Random, seededRandom } from "../../loadgen/random.ts";
import { CLUSTER, filterConfiguration } from "./envoy/subjects.ts";
import { FILTER, sampleFilter } from "./files.ts";
import { HANDSHAKES } from "./handshakes.ts";
import { type ContextState, newContext } from "./host/context.ts";
import { Vm } from "./host/vm.ts";
import { World } from "./host/world.ts";
import { below } from "./mutations.ts";
import { startCheckedVm, withChecks } from "./variants.ts";

const SEED = 20_260_921;
const STEPS = 200_000;
const CHECKED_STEPS = 20_000;
const GROWTH_LIMIT_BYTES = 65_536;
/** Few ids, so that roots and streams are taken for each other. */
const IDS = 24;
const ROOT_SHARE = 0.3;
const BUFFERS = 4;
const BUFFER_CONFIGURATION = 7;

const MESSAGES = HANDSHAKES.flatMap(({ steps }) => steps.map(([, bytes]) => bytes));
const CONFIGURATIONS = [filterConfiguration(0), filterConfiguration(1), "", "{}", "nonsense"].map((text) =>
  Buffer.from(text),
);

type EntryPoint = readonly [name: string, values: (random: Random, id: number) => number[]];

const data = (random: Random, id: number) => [id, below(random, 400), below(random, 2)];
const alone = (_random: Random, id: number) => [id];
const withPeer = (random: Random, id: number) => [id, below(random, 3)];

const ENTRY_POINTS: readonly EntryPoint[] = [
  ["proxy_on_context_create", (random, id) => [id, random() < ROOT_SHARE ? 0 : 1 + below(random, IDS)]],
  ["proxy_on_context_create", (random, id) => [id, random() < ROOT_SHARE ? 0 : 1 + below(random, IDS)]],
  ["proxy_on_vm_start", (_random, id) => [id, 0]],
  ["proxy_on_configure", (_random, id) => [id, 0]],
  ["proxy_on_tick", alone],
  ["proxy_on_queue_ready", (_random, id) => [id, 1]],
  ["proxy_on_new_connection", alone],
  ["proxy_on_downstream_data", data],
  ["proxy_on_downstream_data", data],
  ["proxy_on_upstream_data", data],
  ["proxy_on_upstream_data", data],
  ["proxy_on_downstream_connection_close", withPeer],
  ["proxy_on_upstream_connection_close", withPeer],
  ["proxy_on_request_headers", data],
  ["proxy_on_request_body", data],
  ["proxy_on_response_headers", data],
  ["proxy_on_response_body", data],
  ["proxy_on_log", alone],
  ["proxy_on_done", alone],
  ["proxy_on_delete", alone],
];

/** A context whose buffers and header maps hold something, whether that goes with the callback or not. */
function strayContext(id: number, rootIds: readonly string[], random: Random): ContextState {
  const rootId = rootIds[below(random, rootIds.length)] ?? "";
  const context = newContext(id, id, { plugin_root_id: rootId, "xds.cluster_name": CLUSTER, "response.flags": 16n });
  const message = MESSAGES[below(random, MESSAGES.length)] ?? Buffer.alloc(0);
  for (let buffer = 0; buffer < BUFFERS; buffer += 1) context.buffers.set(buffer, message);
  context.buffers.set(BUFFER_CONFIGURATION, CONFIGURATIONS[below(random, CONFIGURATIONS.length)] ?? Buffer.alloc(0));
  for (const map of [0, 2])
    context.maps.set(map, [
      [":authority", "shop.example"],
      [":status", "200"],
      ["x-proxy-vendor", "acme"],
    ]);
  return context;
}

/** A new context has an id that no living one has, and a root is configured once, as in Envoy; all else is at random. */
function callAtRandom(vm: Vm, rootIds: readonly string[], steps: number, random: Random): void {
  const living = new Set<number>();
  const configured = new Set<number>();
  for (let step = 0; step < steps; step += 1) {
    const id = 1 + below(random, IDS);
    const [name, values] = ENTRY_POINTS[below(random, ENTRY_POINTS.length)] ?? ["proxy_on_tick", alone];
    if (name === "proxy_on_context_create" && !isNew(living, id)) continue;
    if (name === "proxy_on_configure" && !isNew(configured, id)) continue;
    if (name === "proxy_on_delete") for (const known of [living, configured]) known.delete(id);
    const context = strayContext(id, rootIds, random);
    const arguments_ = values(random, id);
    if (name === "proxy_on_configure") arguments_[1] = context.buffers.get(BUFFER_CONFIGURATION)?.length ?? 0;
    vm.call(context, name, ...arguments_);
  }
}

function isNew(known: Set<number>, id: number): boolean {
  const before = known.size;
  return known.add(id).size > before;
}

function endAll(vm: Vm): void {
  for (let id = 1; id <= IDS; id += 1) {
    for (let times = 0; times < 2; times += 1) vm.call(newContext(id, id, {}), "proxy_on_delete", id);
  }
}

const TARGETS = [
  { title: "the filter", module: FILTER, rootIds: ["proxymeter_network", "proxymeter_http", "someone_else", ""] },
  {
    title: "a filter on the base classes",
    module: sampleFilter("two-roots"),
    rootIds: ["two_network", "two_http", ""],
  },
] as const;

describe.each(TARGETS)("$title, called in any order", ({ module, rootIds }) => {
  it(`${STEPS} times, does not trap and keeps no memory of what is over`, { timeout: 60_000 }, () => {
    const vm = new Vm(new WebAssembly.Module(readFileSync(module)), new World());
    callAtRandom(vm, rootIds, STEPS / 2, seededRandom(SEED, "first"));
    endAll(vm);
    const { size } = vm.memory;
    callAtRandom(vm, rootIds, STEPS / 2, seededRandom(SEED, "second"));
    endAll(vm);
    expect(vm.memory.size - size).toBeLessThanOrEqual(GROWTH_LIMIT_BYTES);
  });
});

describe("the filter, called in any order", () => {
  it(`${CHECKED_STEPS} times, makes no memory access at a null address or beyond the end`, { timeout: 60_000 }, () => {
    const vm = startCheckedVm(withChecks(readFileSync(FILTER)), new World());
    callAtRandom(vm, TARGETS[0].rootIds, CHECKED_STEPS, seededRandom(SEED, "checked"));
    endAll(vm);
    expect(vm.memory.size).toBeGreaterThan(0);
  });
});
