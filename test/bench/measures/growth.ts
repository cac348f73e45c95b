// SPDX-License-Identifier: Apache-2.0
/**
 * Whether the filter's memory grows while it works: a million requests and a hundred thousand tunnels after a warm-up, a part of them
 * to hosts that were never seen before. On the host stand-in, which asks and answers as Envoy does, only faster.
 */
import { readFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ROOT_HTTP, ROOT_NETWORK } from "../../../filter/core/contract.ts";
import { type Plugin, Vm } from "../../abi/host/vm.ts";
import { World } from "../../abi/host/world.ts";
import { settings, VENDOR_HEADER } from "../envoy/filters.ts";
import { connectHead } from "../load/tunnels.ts";
import type { Rig } from "../rig.ts";
import { typical } from "../statistics.ts";
import type { BarId } from "../bars.ts";
import type { Finding } from "../verdict.ts";
import type { Measure } from "./measure.ts";

const KNOWN_HOSTS = 20;
/** One in so many goes to a new host. */
const NEW_HOST_EVERY = 10;
const TICK_EVERY = 10_000;
const BODY = new Uint8Array(512);
const ESTABLISHED = Buffer.from("HTTP/1.1 200 OK\r\n\r\n");

interface Work {
  id: BarId;
  rootId: string;
  count: number;
  one: (plugin: Plugin, host: string) => void;
}

export const growth: Measure = {
  name: "growth",
  run: async (rig) => {
    const module = new WebAssembly.Module(readFileSync(rig.modules.filter));
    const works: Work[] = [
      { id: "growth/requests", rootId: ROOT_HTTP, count: rig.many(1_000_000, 50_000), one: request },
      { id: "growth/tunnels", rootId: ROOT_NETWORK, count: rig.many(100_000, 10_000), one: tunnel },
    ];
    const findings: Finding[] = [];
    for (const work of works) findings.push(await grow(rig, module, work));
    return findings;
  },
};

async function grow(rig: Rig, module: WebAssembly.Module, { id, rootId, count, one }: Work): Promise<Finding> {
  const vm = new Vm(module, new World());
  const plugin = vm.startPlugin({ rootId, configuration: JSON.stringify(settings()) });
  const warmUp = count / 10;
  let before = 0;
  for (let index = 0; index < warmUp + count; index += 1) {
    if (index === warmUp) before = vm.memory.size;
    one(plugin, index % NEW_HOST_EVERY === 0 ? `new-${index}.example` : `shop-${index % KNOWN_HOSTS}.example`);
    if (index % TICK_EVERY !== 0) continue;
    plugin.tick();
    rig.say(`${id}: ${index} of ${warmUp + count}`);
    await nextTurn();
    rig.signal.throwIfAborted();
  }
  const result = typical([vm.memory.size - before]);
  return { id, ours: result, result, note: `${before} bytes after the first ${warmUp}` };
}

function request(plugin: Plugin, host: string): void {
  const stream = plugin.openRequest(
    [
      [":method", "GET"],
      [":authority", host],
      [":path", "/"],
      [":scheme", "http"],
      [VENDOR_HEADER, "acme"],
    ],
    true,
    { "request.protocol": "HTTP/1.1" },
  );
  stream.responseHeaders(
    [
      [":status", "200"],
      ["content-length", String(BODY.length)],
      ["x-envoy-upstream-service-time", "1"],
    ],
    false,
  );
  stream.responseBody(BODY, true);
  stream.close();
}

function tunnel(plugin: Plugin, host: string): void {
  const connection = plugin.openConnection({ "xds.cluster_name": "outbound|8080||gw.acme.example" });
  connection.sent(connectHead(host));
  connection.received(ESTABLISHED);
  connection.sent(BODY);
  connection.received(BODY, true);
  connection.sent(new Uint8Array(0), true);
  connection.close();
}
