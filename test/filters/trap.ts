// SPDX-License-Identifier: Apache-2.0
/**
 * A filter that traps on purpose when a connection sends a chunk that begins with "TRAP", to measure what a trap costs.
 * Counts the bytes that it saw.
 */
import {
  BufferTypeValues,
  Context,
  Counter,
  FilterStatusValues,
  get_buffer_bytes,
  RootContext,
  registerRootContext,
} from "../../filter/as-proxy-wasm/index.ts";

export * from "../../filter/as-proxy-wasm/proxy";

class TrapRoot extends RootContext {
  sent: Counter = new Counter("sample_trap_sent_bytes_total");

  createContext(context_id: u32): Context {
    return new Trap(context_id, this);
  }
}

class Trap extends Context {
  constructor(context_id: u32, root_context: TrapRoot) {
    super(context_id, root_context);
  }

  onDownstreamData(size: usize, _end: bool): FilterStatusValues {
    const start: string = String.UTF8.decode(get_buffer_bytes(BufferTypeValues.NetworkDownstreamData, 0, 4));
    if (start === "TRAP") unreachable();
    if (size > 0) (this.root_context as TrapRoot).sent.increment(size);
    return FilterStatusValues.Continue;
  }
}

registerRootContext((context_id: u32) => new TrapRoot(context_id), "sample_trap");
