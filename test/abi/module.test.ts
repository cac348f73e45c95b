// SPDX-License-Identifier: Apache-2.0
/**
 * What the built modules ask of a proxy and offer to it, to the last name. A new name here is a decision, not an accident.
 */
import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FILTER, SAMPLES, sampleFilter } from "./files.ts";

const IMPORTS = [
  "proxy_define_metric",
  "proxy_dequeue_shared_queue",
  "proxy_enqueue_shared_queue",
  "proxy_get_buffer_bytes",
  "proxy_get_current_time_nanoseconds",
  "proxy_get_header_map_pairs",
  "proxy_get_log_level",
  "proxy_get_property",
  "proxy_get_shared_data",
  "proxy_increment_metric",
  "proxy_log",
  "proxy_record_metric",
  "proxy_register_shared_queue",
  "proxy_remove_header_map_value",
  "proxy_set_effective_context",
  "proxy_set_property",
  "proxy_set_shared_data",
  "proxy_set_tick_period_milliseconds",
];

const EXPORTS = [
  "_initialize",
  "memory",
  "proxy_abi_version_0_2_1",
  "proxy_on_configure",
  "proxy_on_context_create",
  "proxy_on_delete",
  "proxy_on_downstream_connection_close",
  "proxy_on_downstream_data",
  "proxy_on_memory_allocate",
  "proxy_on_queue_ready",
  "proxy_on_request_body",
  "proxy_on_request_headers",
  "proxy_on_response_body",
  "proxy_on_response_headers",
  "proxy_on_tick",
  "proxy_on_upstream_data",
  "proxy_on_vm_start",
];

const SIZE_LIMIT = 64 * 1024;

function load(file: string): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(file));
}

function imports(file: string): string[] {
  return WebAssembly.Module.imports(load(file)).map(({ module, name }) => `${module}.${name}`);
}

function exports(file: string): string[] {
  return WebAssembly.Module.exports(load(file))
    .map(({ name }) => name)
    .sort();
}

describe("the filter's module", () => {
  it("imports these host functions and nothing else", () => {
    expect(imports(FILTER).sort()).toEqual(IMPORTS.map((name) => `env.${name}`));
  });

  it("exports these entry points and nothing else", () => {
    expect(exports(FILTER)).toEqual(EXPORTS);
  });

  it("has no start function, which would run before the host is ready", () => {
    const SECTION_START = 8;
    expect(sections(readFileSync(FILTER))).not.toContain(SECTION_START);
  });

  it("is at most 64 KiB", () => {
    expect(statSync(FILTER).size).toBeLessThanOrEqual(SIZE_LIMIT);
  });
});

describe.each(SAMPLES)('the module "%s" on the base classes', (name) => {
  it("imports only functions of the proxy-wasm ABI: no WASI, no abort", () => {
    expect(imports(sampleFilter(name)).filter((found) => !found.startsWith("env.proxy_"))).toEqual([]);
  });

  it("exports what Envoy needs to run it", () => {
    const needed = ["_initialize", "proxy_abi_version_0_2_1", "proxy_on_context_create", "proxy_on_memory_allocate"];
    expect(exports(sampleFilter(name))).toEqual(expect.arrayContaining(needed));
  });

  it("is at most 64 KiB", () => {
    expect(statSync(sampleFilter(name)).size).toBeLessThanOrEqual(SIZE_LIMIT);
  });
});

/** Ids of the sections of a module, in their order. */
function sections(bytes: Buffer): number[] {
  const found: number[] = [];
  for (let at = 8; at < bytes.length; ) {
    found.push(bytes.readUInt8(at));
    let size = 0;
    let shift = 0;
    let byte = 0x80;
    for (at += 1; byte & 0x80; at += 1) {
      byte = bytes.readUInt8(at);
      size += (byte & 0x7f) * 2 ** shift;
      shift += 7;
    }
    at += size;
  }
  return found;
}
