// SPDX-License-Identifier: Apache-2.0
/**
 * A filter on the base classes that asks a cluster, named by its configuration, about every request, and holds the request back until
 * the answer is there: 200 lets it go on with a header more, anything else has it answered with 403 by the filter.
 */
import {
  BaseContext,
  Context,
  FilterHeadersStatusValues,
  GrpcStatusValues,
  Headers,
  makeHeaderPair,
  RootContext,
  registerRootContext,
  send_local_response,
  stream_context,
  WasmResultValues,
} from "../../filter/as-proxy-wasm/index.ts";

export * from "../../filter/as-proxy-wasm/proxy";

const TIMEOUT_MILLISECONDS: u32 = 2000;

class AskRoot extends RootContext {
  createContext(context_id: u32): Context {
    return new Ask(context_id, this);
  }
}

class Ask extends Context {
  onRequestHeaders(_headers: u32, _end_of_stream: bool): FilterHeadersStatusValues {
    const question: Headers = [
      makeHeaderPair(":method", "GET"),
      makeHeaderPair(":path", stream_context.headers.request.get(":path")),
      makeHeaderPair(":authority", "judge.example"),
    ];
    const root: RootContext = this.root_context;
    const cluster: string = root.getConfiguration();
    const result: WasmResultValues = root.httpCall(
      cluster,
      question,
      new ArrayBuffer(0),
      [],
      TIMEOUT_MILLISECONDS,
      this,
      answered,
    );
    if (result !== WasmResultValues.Ok) refuse("not asked");
    return FilterHeadersStatusValues.StopIteration;
  }
}

function answered(origin: BaseContext, headers: u32, _body_size: usize, _trailers: u32): void {
  const status: string = headers === 0 ? "none" : stream_context.headers.http_callback.get(":status");
  if (status !== "200") {
    refuse(status);
    return;
  }
  stream_context.headers.request.add("x-judged", status);
  origin.continueRequest();
}

function refuse(reason: string): void {
  const body: ArrayBuffer = String.UTF8.encode("refused: " + reason);
  send_local_response(403, "judge", body, [makeHeaderPair("x-judged", reason)], GrpcStatusValues.PermissionDenied);
}

registerRootContext((context_id: u32) => new AskRoot(context_id), "sample_ask");
