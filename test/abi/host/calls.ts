// SPDX-License-Identifier: Apache-2.0
/**
 * The host functions that the project's filters call, as proxy-wasm-cpp-host answers them.
 * A function that is not here is not imported by any of them; one that is called wrongly is also written down as misuse.
 *
 * @see https://github.com/proxy-wasm/proxy-wasm-cpp-host/blob/main/src/exports.cc
 */
import { type ContextState, type HeaderList, pairBytes, propertyBytes } from "./context.ts";
import type { LinearMemory } from "./linear-memory.ts";
import { COUNTER, GAUGE, HISTOGRAM, type Stat, type World } from "./world.ts";

const OK = 0;
const NOT_FOUND = 1;
const BAD_ARGUMENT = 2;
const INVALID_MEMORY = 6;
const EMPTY = 7;
const CAS_MISMATCH = 8;

/** What the calls of one VM need. */
export interface Caller {
  world: World;
  memory: LinearMemory;
  /** The context that the running callback is for. */
  current(): ContextState;
  context(id: number): ContextState | undefined;
  setEffective(id: number): void;
  /** Calls `proxy_on_queue_ready` of a root context, if that still exists. */
  queueReady(rootId: number, token: number): void;
  /** Stats by their id in this VM. */
  metrics: Map<number, Stat>;
}

type HostCall = (...values: never[]) => number;

/** The import object's `env`. */
export function hostCalls(caller: Caller): Record<string, HostCall> {
  const calls = {
    ...systemCalls(caller),
    ...sharedCalls(caller),
    ...metricCalls(caller),
    ...streamCalls(caller),
    ...headerCalls(caller),
  };
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, checked(caller.world, name, call)]));
}

function checked(world: World, name: string, call: HostCall): HostCall {
  return (...values: never[]) => {
    world.calls += 1;
    const status = call(...values);
    if (status === BAD_ARGUMENT) world.misuse.push(`${name}(${values.join(", ")})`);
    return status;
  };
}

function systemCalls({ world, memory, current, context, setEffective }: Caller) {
  const text = (address: number, size: number) => memory.text(address, size);
  return {
    proxy_log(level: number, address: number, size: number) {
      const message = text(address, size);
      if (message === undefined) return BAD_ARGUMENT;
      world.log.push({ level, text: message });
      return OK;
    },
    proxy_get_log_level: (at: number) => (memory.writeWord(at, world.logLevel) ? OK : BAD_ARGUMENT),
    proxy_get_current_time_nanoseconds: (at: number) => (memory.writeLong(at, world.now) ? OK : BAD_ARGUMENT),
    proxy_set_tick_period_milliseconds(period: number) {
      const root = context(current().rootId);
      if (root) root.tickMilliseconds = period;
      return OK;
    },
    proxy_set_effective_context(id: number) {
      if (context(id) === undefined) return BAD_ARGUMENT;
      setEffective(id);
      return OK;
    },
  };
}

function sharedCalls({ world, memory, current, queueReady }: Caller) {
  const text = (address: number, size: number) => memory.text(address, size);
  return {
    proxy_get_shared_data(key: number, keySize: number, value: number, valueSize: number, cas: number) {
      const found = world.shared.get(text(key, keySize) ?? "");
      if (found === undefined) return NOT_FOUND;
      return memory.answer(found.value, value, valueSize) && memory.writeWord(cas, found.cas) ? OK : INVALID_MEMORY;
    },
    proxy_set_shared_data(key: number, keySize: number, value: number, valueSize: number, cas: number) {
      const name = text(key, keySize);
      const bytes = memory.read(value, valueSize);
      if (name === undefined || bytes === undefined) return BAD_ARGUMENT;
      return world.write(name, bytes, cas) ? OK : CAS_MISMATCH;
    },
    proxy_register_shared_queue(name: number, size: number, at: number) {
      const { rootId } = current();
      const queue = world.register(text(name, size) ?? "", () => queueReady(rootId, queue.token));
      return memory.writeWord(at, queue.token) ? OK : BAD_ARGUMENT;
    },
    proxy_resolve_shared_queue(_vm: number, _vmSize: number, name: number, size: number, at: number) {
      const queue = world.queues.get(text(name, size) ?? "");
      if (queue === undefined) return NOT_FOUND;
      return memory.writeWord(at, queue.token) ? OK : BAD_ARGUMENT;
    },
    proxy_enqueue_shared_queue(token: number, address: number, size: number) {
      const queue = world.queue(token);
      const message = memory.read(address, size);
      if (message === undefined) return BAD_ARGUMENT;
      if (queue === undefined) return NOT_FOUND;
      world.enqueue(queue, message);
      return OK;
    },
    proxy_dequeue_shared_queue(token: number, at: number, sizeAt: number) {
      const queue = world.queue(token);
      const message = queue?.messages.shift();
      if (message === undefined) return queue === undefined ? NOT_FOUND : EMPTY;
      return memory.answer(message, at, sizeAt) ? OK : INVALID_MEMORY;
    },
  };
}

function metricCalls(caller: Caller) {
  const { world, memory, metrics } = caller;
  return {
    proxy_define_metric(type: number, name: number, size: number, at: number) {
      const text = memory.text(name, size);
      if (text === undefined || type > HISTOGRAM) return BAD_ARGUMENT;
      const id = 4 * (metrics.size + 1) + type;
      metrics.set(id, world.define(type, text, caller));
      return memory.writeWord(at, id) ? OK : BAD_ARGUMENT;
    },
    proxy_increment_metric(id: number, by: bigint) {
      const stat = metrics.get(id);
      if (stat === undefined || stat.type === HISTOGRAM || (stat.type === COUNTER && by <= 0n)) return BAD_ARGUMENT;
      stat.value += by;
      return OK;
    },
    proxy_record_metric(id: number, value: bigint) {
      const stat = metrics.get(id);
      if (stat === undefined) return BAD_ARGUMENT;
      stat.value = stat.type === GAUGE ? BigInt.asUintN(64, value) : stat.value + BigInt.asUintN(64, value);
      stat.count += 1;
      return OK;
    },
    proxy_get_metric(id: number, at: number) {
      const stat = metrics.get(id);
      return stat !== undefined && memory.writeLong(at, stat.value) ? OK : BAD_ARGUMENT;
    },
  };
}

function streamCalls({ memory, current }: Caller) {
  return {
    proxy_get_buffer_bytes(type: number, start: number, size: number, at: number, sizeAt: number) {
      const buffer = current().buffers.get(type);
      if (buffer === undefined) return NOT_FOUND;
      const from = start >>> 0;
      const wanted = buffer.subarray(Math.min(from, buffer.length), Math.min(from + (size >>> 0), buffer.length));
      return memory.answer(wanted, at, sizeAt) ? OK : INVALID_MEMORY;
    },
    proxy_get_property(path: number, pathSize: number, at: number, sizeAt: number) {
      const text = memory.text(path, pathSize);
      if (text === undefined) return BAD_ARGUMENT;
      const value = propertyBytes(current(), text);
      if (value === undefined) return NOT_FOUND;
      return memory.answer(value, at, sizeAt) ? OK : INVALID_MEMORY;
    },
    proxy_set_property(path: number, pathSize: number, value: number, valueSize: number) {
      const text = memory.text(path, pathSize);
      const bytes = memory.read(value, valueSize);
      if (text === undefined || bytes === undefined) return BAD_ARGUMENT;
      const context = current();
      context.properties = { ...context.properties, [`filter_state.wasm.${text}`]: bytes };
      return OK;
    },
  };
}

function headerCalls({ memory, current }: Caller) {
  const map = (type: number) => current().maps.get(type);
  const text = (address: number, size: number) => memory.text(address, size)?.toLowerCase() ?? "";
  const without = (headers: HeaderList, name: string) => headers.filter(([own]) => own.toLowerCase() !== name);
  return {
    proxy_get_header_map_pairs(type: number, at: number, sizeAt: number) {
      const headers = map(type);
      if (headers === undefined) return BAD_ARGUMENT;
      return memory.answer(headers.length === 0 ? new Uint8Array() : pairBytes(headers), at, sizeAt)
        ? OK
        : INVALID_MEMORY;
    },
    proxy_get_header_map_value(type: number, key: number, keySize: number, at: number, sizeAt: number) {
      const found = map(type)?.find(([name]) => name.toLowerCase() === text(key, keySize));
      if (found === undefined) return NOT_FOUND;
      return memory.answer(Buffer.from(found[1], "latin1"), at, sizeAt) ? OK : INVALID_MEMORY;
    },
    proxy_add_header_map_value(type: number, key: number, keySize: number, value: number, size: number) {
      const headers = map(type);
      if (headers === undefined) return BAD_ARGUMENT;
      headers.push([text(key, keySize), memory.text(value, size) ?? ""]);
      return OK;
    },
    proxy_replace_header_map_value(type: number, key: number, keySize: number, value: number, size: number) {
      const headers = map(type);
      if (headers === undefined) return BAD_ARGUMENT;
      const name = text(key, keySize);
      current().maps.set(type, [...without(headers, name), [name, memory.text(value, size) ?? ""]]);
      return OK;
    },
    proxy_remove_header_map_value(type: number, key: number, keySize: number) {
      const headers = map(type);
      if (headers === undefined) return BAD_ARGUMENT;
      current().maps.set(type, without(headers, text(key, keySize)));
      return OK;
    },
  };
}
