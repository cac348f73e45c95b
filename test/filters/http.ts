// SPDX-License-Identifier: Apache-2.0
/**
 * A filter on the base classes for HTTP streams: adds a response header whose value is its configuration, drops a request header,
 * counts requests and body bytes of both directions.
 */
import {
  Context,
  Counter,
  FilterDataStatusValues,
  FilterHeadersStatusValues,
  RootContext,
  registerRootContext,
  stream_context,
} from "../../filter/as-proxy-wasm/index.ts";

export * from "../../filter/as-proxy-wasm/proxy";

class SampleRoot extends RootContext {
  requests: Counter = new Counter("sample_http_requests_total");
  sent: Counter = new Counter("sample_http_sent_bytes_total");
  received: Counter = new Counter("sample_http_received_bytes_total");

  createContext(context_id: u32): Context {
    return new Sample(context_id, this);
  }
}

class Sample extends Context {
  constructor(context_id: u32, root_context: SampleRoot) {
    super(context_id, root_context);
  }

  onRequestHeaders(_headers: u32, _end_of_stream: bool): FilterHeadersStatusValues {
    (this.root_context as SampleRoot).requests.increment(1);
    stream_context.headers.request.remove("x-secret");
    return FilterHeadersStatusValues.Continue;
  }

  onRequestBody(size: usize, _end_of_stream: bool): FilterDataStatusValues {
    if (size > 0) (this.root_context as SampleRoot).sent.increment(size);
    return FilterDataStatusValues.Continue;
  }

  onResponseHeaders(_headers: u32, _end_of_stream: bool): FilterHeadersStatusValues {
    stream_context.headers.response.add("x-sample", this.root_context.getConfiguration());
    return FilterHeadersStatusValues.Continue;
  }

  onResponseBody(size: usize, _end_of_stream: bool): FilterDataStatusValues {
    if (size > 0) (this.root_context as SampleRoot).received.increment(size);
    return FilterDataStatusValues.Continue;
  }
}

registerRootContext((context_id: u32) => new SampleRoot(context_id), "sample_http");
