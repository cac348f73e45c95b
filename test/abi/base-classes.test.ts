// SPDX-License-Identifier: Apache-2.0
/**
 * Filters on the base classes, on the stand-in for a proxy: the orders of callbacks that break other SDKs, ids that nobody
 * knows, several roots in one VM, and what the helpers answer where there is nothing.
 */
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { sampleFilter } from "./files.ts";
import { newContext } from "./host/context.ts";
import { Vm } from "./host/vm.ts";
import { World } from "./host/world.ts";

const modules = new Map<string, WebAssembly.Module>();

let world: World;
beforeEach(() => {
  world = new World();
});

function start(name: string): Vm {
  const module = modules.get(name) ?? new WebAssembly.Module(readFileSync(sampleFilter(name)));
  modules.set(name, module);
  return new Vm(module, world);
}

function counter(name: string, labels: Record<string, string> = {}): number | undefined {
  const stat = Object.entries(labels).map(([label, value]) => `${label}=.=${value};.;`);
  return [...world.stats.values()]
    .filter((found) => found.name === `${stat.join("")}${name}`)
    .map(({ value }) => Number(value))[0];
}

const bytes = (length: number) => new Uint8Array(length);

/** Every entry point that is for a stream or a root, with as many arguments as the ABI has. */
const ENTRY_POINTS: readonly (readonly [name: string, others: readonly number[], answer: number])[] = [
  ["proxy_on_vm_start", [0], 1],
  ["proxy_validate_configuration", [0], 1],
  ["proxy_on_configure", [0], 1],
  ["proxy_on_tick", [], 0],
  ["proxy_on_queue_ready", [1], 0],
  ["proxy_on_http_call_response", [1, 2, 3, 4], 0],
  ["proxy_on_new_connection", [], 0],
  ["proxy_on_downstream_data", [10, 1], 0],
  ["proxy_on_upstream_data", [10, 1], 0],
  ["proxy_on_downstream_connection_close", [1], 0],
  ["proxy_on_upstream_connection_close", [1], 0],
  ["proxy_on_request_headers", [1, 0], 0],
  ["proxy_on_request_body", [1, 0], 0],
  ["proxy_on_request_trailers", [1], 0],
  ["proxy_on_request_metadata", [1], 0],
  ["proxy_on_response_headers", [1, 0], 0],
  ["proxy_on_response_body", [1, 0], 0],
  ["proxy_on_response_trailers", [1], 0],
  ["proxy_on_response_metadata", [1], 0],
  ["proxy_on_log", [], 0],
  ["proxy_on_done", [], 1],
  ["proxy_on_delete", [], 0],
];

describe("an id that nobody knows", () => {
  it.each(ENTRY_POINTS)("is ignored by %s", (name, others, answer) => {
    const vm = start("tcp");
    vm.startPlugin({ rootId: "sample_tcp" });
    expect(vm.call(newContext(4711, 4711, {}), name, 4711, ...others)).toBe(answer);
    expect(counter("sample_tcp_connections_total")).toBe(0);
  });

  it("makes no stream where the root is not known", () => {
    const vm = start("tcp");
    const stray = newContext(7, 6, {});
    vm.call(stray, "proxy_on_context_create", 7, 6);
    expect(vm.call(stray, "proxy_on_new_connection", 7)).toBe(0);
  });
});

describe("teardown", () => {
  it("of a root before its streams lets the streams go on and count", () => {
    const plugin = start("tcp").startPlugin({ rootId: "sample_tcp" });
    const connection = plugin.openConnection();
    plugin.stop();
    connection.sent(bytes(100));
    connection.received(bytes(30));
    connection.close();
    expect(counter("sample_tcp_sent_bytes_total")).toBe(100);
    expect(counter("sample_tcp_received_bytes_total")).toBe(30);
    expect(counter("sample_tcp_open_connections")).toBe(0);
  });

  it("of a stream twice over, and of its root twice over, is one teardown", () => {
    const plugin = start("tcp").startPlugin({ rootId: "sample_tcp" });
    const connection = plugin.openConnection();
    connection.close();
    connection.close();
    plugin.stop();
    plugin.stop();
    expect(counter("sample_tcp_open_connections")).toBe(0);
  });

  it("without a close, done or log before it is a teardown as well", () => {
    const plugin = start("tcp").startPlugin({ rootId: "sample_tcp" });
    const { context } = plugin.openConnection();
    plugin.vm.call(context, "proxy_on_delete", context.id);
    expect(plugin.vm.call(context, "proxy_on_downstream_data", context.id, 5, 0)).toBe(0);
    expect(counter("sample_tcp_sent_bytes_total")).toBe(0);
  });

  it("and another start of a root with the same configuration counts on", () => {
    const vm = start("tcp");
    const before = vm.startPlugin({ rootId: "sample_tcp" });
    const survivor = before.openConnection();
    before.stop();
    const after = vm.startPlugin({ rootId: "sample_tcp" });
    after.openConnection().sent(bytes(5));
    survivor.sent(bytes(6));
    expect(counter("sample_tcp_sent_bytes_total")).toBe(11);
  });
});

describe("a context", () => {
  it("that is created twice under one id is one context", () => {
    const plugin = start("tcp").startPlugin({ rootId: "sample_tcp" });
    const { context } = plugin.openConnection();
    plugin.vm.call(context, "proxy_on_context_create", context.id, plugin.context.id);
    plugin.vm.call(plugin.context, "proxy_on_context_create", plugin.context.id, 0);
    plugin.vm.call(context, "proxy_on_downstream_data", context.id, 8, 0);
    expect(counter("sample_tcp_sent_bytes_total")).toBe(8);
  });

  it("of a TCP connection hears nothing of HTTP callbacks under its id", () => {
    const plugin = start("tcp").startPlugin({ rootId: "sample_tcp" });
    const connection = plugin.openConnection();
    expect(plugin.vm.call(connection.context, "proxy_on_request_headers", connection.context.id, 3, 0)).toBe(0);
    connection.sent(bytes(9));
    expect(counter("sample_tcp_sent_bytes_total")).toBe(9);
  });

  it("leaves no memory behind: 100,000 streams fit where 1,000 do", () => {
    const plugin = start("http").startPlugin({ rootId: "sample_http", configuration: "x" });
    const run = (count: number) => {
      for (let index = 0; index < count; index += 1) {
        const stream = plugin.openRequest([[":path", "/"]], true);
        stream.responseHeaders([[":status", "200"]], true);
        stream.close();
      }
    };
    run(1000);
    const { size } = plugin.vm.memory;
    run(99_000);
    expect(plugin.vm.memory.size).toBe(size);
    expect(counter("sample_http_requests_total")).toBe(100_000);
  });
});

describe("roots in one VM", () => {
  it("have their own configuration, streams and end", () => {
    const vm = start("two-roots");
    const network = vm.startPlugin({ rootId: "two_network", configuration: "n" });
    const http = vm.startPlugin({ rootId: "two_http", configuration: "h" });
    network.openConnection().sent(bytes(100));
    http.openRequest([[":path", "/"]], true);
    network.stop();
    http.openRequest([[":path", "/"]], true);
    expect(counter("sample_two_sent_bytes_total", { kind: "n" })).toBe(100);
    expect(counter("sample_two_requests_total", { kind: "h" })).toBe(2);
  });

  it("of one plugin with two configurations count each their own streams", () => {
    const vm = start("two-roots");
    const before = vm.startPlugin({ rootId: "two_network", configuration: "1" });
    const survivor = before.openConnection();
    const after = vm.startPlugin({ rootId: "two_network", configuration: "2" });
    before.stop();
    survivor.sent(bytes(3));
    after.openConnection().sent(bytes(4));
    expect(counter("sample_two_sent_bytes_total", { kind: "1" })).toBe(3);
    expect(counter("sample_two_sent_bytes_total", { kind: "2" })).toBe(4);
  });

  it("that nobody has registered let their streams pass, and say so in the log", () => {
    const plugin = start("two-roots").startPlugin({ rootId: "someone_else", configuration: "x" });
    const connection = plugin.openConnection();
    expect([connection.sent(bytes(1)), connection.received(bytes(1))]).toEqual([0, 0]);
    connection.close();
    plugin.stop();
    expect(world.log.map(({ text }) => text)).toEqual([
      'no root context is registered under "someone_else", so this plugin does nothing',
    ]);
  });

  it("are known by nothing but their id where the host does not give a root id", () => {
    const vm = start("tcp");
    const context = vm.open(0, {});
    expect(vm.call(context, "proxy_on_configure", context.id, 0)).toBe(1);
    expect(world.log[0]?.text).toContain('under ""');
  });
});

describe("counters", () => {
  it("take steps and sums beyond 32 bits", () => {
    const plugin = start("tcp").startPlugin({ rootId: "sample_tcp" });
    const { context } = plugin.openConnection();
    const most = 0xffff_ffff;
    plugin.vm.call(context, "proxy_on_downstream_data", context.id, most, 0);
    plugin.vm.call(context, "proxy_on_downstream_data", context.id, most, 0);
    expect(counter("sample_tcp_sent_bytes_total")).toBe(2 * most);
  });
});

describe("headers", () => {
  it("are added and removed, and the configuration comes through as it is", () => {
    const plugin = start("http").startPlugin({ rootId: "sample_http", configuration: "grüße" });
    const stream = plugin.openRequest(
      [
        [":path", "/"],
        ["x-secret", "1"],
        ["X-Secret", "2"],
        ["x-kept", "3"],
      ],
      true,
    );
    stream.responseHeaders([[":status", "200"]], true);
    const response = stream.context.maps.get(2) ?? [];
    expect(stream.requestHeaders.map(([name]) => name)).toEqual([":path", "x-kept"]);
    expect(response.map(([name, value]) => [name, Buffer.from(value, "latin1").toString()])).toContainEqual([
      "x-sample",
      "grüße",
    ]);
  });
});

describe("shared data", () => {
  it("is written by all VMs of a process, under compare-and-swap", () => {
    const plugins = [start("ticker"), start("ticker")].map((vm) =>
      vm.startPlugin({ rootId: "sample_ticker", configuration: "250" }),
    );
    for (let round = 0; round < 3; round += 1) for (const plugin of plugins) plugin.tick();
    expect(counter("sample_ticks")).toBe(6);
    expect(plugins.map(({ context }) => context.tickMilliseconds)).toEqual([250, 250]);
  });

  it("of another length under the same key is not taken for a number", () => {
    const plugin = start("ticker").startPlugin({ rootId: "sample_ticker", configuration: "250" });
    world.write("sample/ticks", Buffer.from("nonsense?"), 0);
    plugin.tick();
    expect(counter("sample_ticks")).toBe(1);
  });
});

describe("a shared queue", () => {
  it("tells the root that has registered it last of every message", () => {
    const [first, second] = ["abc", "defgh"].map((configuration) =>
      start("queue").startPlugin({ rootId: "sample_queue", configuration }),
    );
    first?.tick();
    first?.tick();
    second?.tick();
    expect(counter("sample_queue_bytes_total")).toBe(0);
    world.deliver();
    expect(counter("sample_queue_bytes_total")).toBe(3 + 3 + 5);
  });

  it("loses nothing but its news when the root that has registered it is gone", () => {
    const plugin = start("queue").startPlugin({ rootId: "sample_queue", configuration: "abc" });
    plugin.tick();
    plugin.stop();
    world.deliver();
    expect(counter("sample_queue_bytes_total")).toBe(0);
    const next = start("queue").startPlugin({ rootId: "sample_queue", configuration: "d" });
    next.tick();
    world.deliver();
    expect(counter("sample_queue_bytes_total")).toBe(3 + 1);
  });
});

describe("the log", () => {
  const DEBUG = 1;

  it("gets no text below its level", () => {
    start("ticker").startPlugin({ rootId: "sample_ticker", configuration: "250" }).tick();
    expect(world.log).toEqual([]);
  });

  it("gets the text once its level is lower, without a new start", () => {
    const plugin = start("ticker").startPlugin({ rootId: "sample_ticker", configuration: "250" });
    world.logLevel = DEBUG;
    plugin.tick();
    expect(world.log).toEqual([{ level: DEBUG, text: "tick 1" }]);
  });
});

describe("a trap", () => {
  it("is one for whoever calls", () => {
    const connection = start("trap").startPlugin({ rootId: "sample_trap" }).openConnection();
    expect(() => connection.sent(Buffer.from("TRAP"))).toThrow(WebAssembly.RuntimeError);
  });
});
