// SPDX-License-Identifier: Apache-2.0
/**
 * A filter on the base classes for TCP connections: counts connections and the bytes of both directions as they pass.
 */
import {
  Context,
  Counter,
  FilterStatusValues,
  Gauge,
  PeerTypeValues,
  RootContext,
  registerRootContext,
} from "../../filter/as-proxy-wasm/index.ts";

export * from "../../filter/as-proxy-wasm/proxy";

class SampleRoot extends RootContext {
  open: Gauge = new Gauge("sample_tcp_open_connections");
  connections: Counter = new Counter("sample_tcp_connections_total");
  sent: Counter = new Counter("sample_tcp_sent_bytes_total");
  received: Counter = new Counter("sample_tcp_received_bytes_total");

  createContext(context_id: u32): Context {
    return new Sample(context_id, this);
  }
}

class Sample extends Context {
  root: SampleRoot;

  constructor(context_id: u32, root: SampleRoot) {
    super(context_id, root);
    this.root = root;
  }

  onNewConnection(): FilterStatusValues {
    this.root.connections.increment(1);
    this.root.open.increment(1);
    return FilterStatusValues.Continue;
  }

  onDownstreamData(size: usize, _end: bool): FilterStatusValues {
    if (size > 0) this.root.sent.increment(size);
    return FilterStatusValues.Continue;
  }

  onUpstreamData(size: usize, _end: bool): FilterStatusValues {
    if (size > 0) this.root.received.increment(size);
    return FilterStatusValues.Continue;
  }

  onDownstreamConnectionClose(_peer: PeerTypeValues): void {
    this.root.open.increment(-1);
  }
}

registerRootContext((context_id: u32) => new SampleRoot(context_id), "sample_tcp");
