// SPDX-License-Identifier: Apache-2.0
/**
 * Two plugins in one module, each with a configuration of its own: one counts what TCP connections send, one counts HTTP requests.
 * The configuration of each is a label of its counter.
 */
import {
  Context,
  Counter,
  FilterHeadersStatusValues,
  FilterStatusValues,
  RootContext,
  registerRootContext,
} from "../../filter/as-proxy-wasm/index.ts";

export * from "../../filter/as-proxy-wasm/proxy";

class TwoRoot extends RootContext {
  counter: Counter | null = null;
  /** Name of the counter without its label. */
  name: string;

  constructor(context_id: u32, name: string) {
    super(context_id);
    this.name = name;
  }

  onConfigure(configuration_size: u32): bool {
    super.onConfigure(configuration_size);
    this.counter = new Counter(`kind=.=${this.getConfiguration()};.;${this.name}`);
    return true;
  }

  count(amount: i64): void {
    const counter: Counter | null = this.counter;
    if (counter !== null && amount > 0) counter.increment(amount);
  }
}

class NetworkRoot extends TwoRoot {
  createContext(context_id: u32): Context {
    return new Connection(context_id, this);
  }
}

class HttpRoot extends TwoRoot {
  createContext(context_id: u32): Context {
    return new Stream(context_id, this);
  }
}

class Connection extends Context {
  onDownstreamData(size: usize, _end: bool): FilterStatusValues {
    (this.root_context as TwoRoot).count(size);
    return FilterStatusValues.Continue;
  }
}

class Stream extends Context {
  onRequestHeaders(_headers: u32, _end_of_stream: bool): FilterHeadersStatusValues {
    (this.root_context as TwoRoot).count(1);
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((context_id: u32) => new NetworkRoot(context_id, "sample_two_sent_bytes_total"), "two_network");
registerRootContext((context_id: u32) => new HttpRoot(context_id, "sample_two_requests_total"), "two_http");
