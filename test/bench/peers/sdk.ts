// SPDX-License-Identifier: Apache-2.0
/**
 * The same three counters as one would write them on the public AssemblyScript SDK: requests, bytes sent and received, by the vendor
 * of a header and by host. Names are built once for each pair; nothing is bounded, checked or redacted.
 */
import {
  Context,
  Counter,
  FilterHeadersStatusValues,
  get_property,
  RootContext,
  registerRootContext,
  stream_context,
} from "@gcoredev/proxy-wasm-sdk-as/assembly";

export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy";

class Counters {
  requests: Counter;
  sent: Counter;
  received: Counter;

  constructor(vendor: string, host: string) {
    const labels: string = "proxy_vendor=.=" + vendor + ";.;destination_host=.=" + host + ";.;";
    this.requests = new Counter(labels + "sdk_requests_total");
    this.sent = new Counter(labels + "sdk_sent_bytes_total");
    this.received = new Counter(labels + "sdk_received_bytes_total");
  }
}

class MeterRoot extends RootContext {
  counters: Map<string, Counters> = new Map<string, Counters>();

  createContext(context_id: u32): Context {
    return new Meter(context_id, this);
  }

  countersOf(vendor: string, host: string): Counters {
    const key: string = vendor + " " + host;
    if (!this.counters.has(key)) this.counters.set(key, new Counters(vendor, host));
    return this.counters.get(key);
  }
}

class Meter extends Context {
  vendor: string = "";
  host: string = "";

  constructor(context_id: u32, root_context: MeterRoot) {
    super(context_id, root_context);
  }

  onRequestHeaders(_headers: u32, _end_of_stream: bool): FilterHeadersStatusValues {
    this.vendor = stream_context.headers.request.get("x-proxy-vendor");
    this.host = stream_context.headers.request.get(":authority");
    return FilterHeadersStatusValues.Continue;
  }

  onLog(): void {
    const counters: Counters = (this.root_context as MeterRoot).countersOf(this.vendor, this.host);
    counters.requests.increment(1);
    counters.sent.increment(size("request"));
    counters.received.increment(size("response"));
  }
}

/** Bytes of a message with its head, 0 where there was none. */
function size(message: string): u32 {
  const value: ArrayBuffer = get_property(message + "\0total_size");
  return value.byteLength < 8 ? 0 : <u32>load<u64>(changetype<usize>(value));
}

registerRootContext((context_id: u32) => new MeterRoot(context_id), "meter");
