// SPDX-License-Identifier: Apache-2.0
/**
 * What a filter extends, under the names of the public AssemblyScript SDKs: a root context for each plugin, a context for each
 * HTTP stream or TCP connection. Every callback has a default that lets the stream go on. Who calls them is in `proxy.ts`.
 */
import { decode, encode } from "./answer.ts";
import { proxy_done } from "./env.ts";
import { Headers } from "./header-pairs.ts";
import { cancelHttpCalls, makeHttpCall } from "./http-calls.ts";
import { continue_request, continue_response, get_buffer_bytes, set_effective_context } from "./stream.ts";
import {
  BufferTypeValues,
  FilterDataStatusValues,
  FilterHeadersStatusValues,
  FilterMetadataStatusValues,
  FilterStatusValues,
  FilterTrailersStatusValues,
  PeerTypeValues,
  WasmResultValues,
} from "./values.ts";

/** What is called with the answer to an HTTP call; sizes are 0 when there is none. */
export type HttpCallbackFunction = (origin_context: BaseContext, headers: u32, body_size: usize, trailers: u32) => void;

export abstract class BaseContext {
  context_id: u32;

  constructor(context_id: u32) {
    this.context_id = context_id;
  }

  continueRequest(): void {
    continue_request();
  }

  continueResponse(): void {
    continue_response();
  }

  /** Has host calls of this callback made for this context. */
  setEffectiveContext(): WasmResultValues {
    return set_effective_context(this.context_id);
  }

  /** The stream or plugin is over. A root context that returns false calls `done` later. */
  onDone(): bool {
    return true;
  }

  /** The last callback of a context. */
  onDelete(): void {}
}

/** One plugin of the module: the configuration, the timer, what its streams have in common. */
export class RootContext extends BaseContext {
  private configuration: string = "";

  constructor(context_id: u32) {
    super(context_id);
  }

  /** Makes the context of a new stream. */
  createContext(context_id: u32): Context {
    return new Context(context_id, this);
  }

  /** Text of the plugin's configuration; "" before `onConfigure`. */
  getConfiguration(): string {
    return this.configuration;
  }

  validateConfiguration(_configuration_size: usize): bool {
    return true;
  }

  /** A new VM starts. False refuses the module. */
  onStart(_vm_configuration_size: usize): bool {
    return true;
  }

  /** Keeps the configuration as text. Runs in several VMs of a process. False refuses the configuration. */
  onConfigure(configuration_size: u32): bool {
    this.configuration = decode(get_buffer_bytes(BufferTypeValues.PluginConfiguration, 0, configuration_size));
    return true;
  }

  onTick(): void {}

  onQueueReady(_token: u32): void {}

  onDone(): bool {
    this.cancelPendingRequests();
    return true;
  }

  /** Tells the host that a root context whose `onDone` returned false is done now. */
  done(): void {
    proxy_done();
  }

  /** Asks a cluster of the host; `cb` is called with `origin_context` once, unless that context is gone by then. */
  httpCall(
    cluster: string,
    headers: Headers,
    body: ArrayBuffer,
    trailers: Headers,
    timeout_milliseconds: u32,
    origin_context: BaseContext,
    cb: HttpCallbackFunction,
  ): WasmResultValues {
    return makeHttpCall(
      encode(cluster),
      headers,
      body,
      trailers,
      timeout_milliseconds,
      this.context_id,
      origin_context,
      cb,
    );
  }

  /** Calls back every open HTTP call of this root context without an answer. */
  cancelPendingRequests(): void {
    cancelHttpCalls(this.context_id);
  }
}

/** One HTTP stream or TCP connection. */
export class Context extends BaseContext {
  root_context: RootContext;

  constructor(context_id: u32, root_context: RootContext) {
    super(context_id);
    this.root_context = root_context;
  }

  onNewConnection(): FilterStatusValues {
    return FilterStatusValues.Continue;
  }

  /** `size` bytes from the downstream are in the buffer; `end` after its last. */
  onDownstreamData(_size: usize, _end: bool): FilterStatusValues {
    return FilterStatusValues.Continue;
  }

  onUpstreamData(_size: usize, _end: bool): FilterStatusValues {
    return FilterStatusValues.Continue;
  }

  onDownstreamConnectionClose(_peer: PeerTypeValues): void {}

  onUpstreamConnectionClose(_peer: PeerTypeValues): void {}

  /** `headers` is how many there are. */
  onRequestHeaders(_headers: u32, _end_of_stream: bool): FilterHeadersStatusValues {
    return FilterHeadersStatusValues.Continue;
  }

  onRequestMetadata(_elements: u32): FilterMetadataStatusValues {
    return FilterMetadataStatusValues.Continue;
  }

  onRequestBody(_body_buffer_length: usize, _end_of_stream: bool): FilterDataStatusValues {
    return FilterDataStatusValues.Continue;
  }

  onRequestTrailers(_trailers: u32): FilterTrailersStatusValues {
    return FilterTrailersStatusValues.Continue;
  }

  onResponseHeaders(_headers: u32, _end_of_stream: bool): FilterHeadersStatusValues {
    return FilterHeadersStatusValues.Continue;
  }

  onResponseMetadata(_elements: u32): FilterMetadataStatusValues {
    return FilterMetadataStatusValues.Continue;
  }

  onResponseBody(_body_buffer_length: usize, _end_of_stream: bool): FilterDataStatusValues {
    return FilterDataStatusValues.Continue;
  }

  onResponseTrailers(_trailers: u32): FilterTrailersStatusValues {
    return FilterTrailersStatusValues.Continue;
  }

  /** Before `onDone`, when the stream is written to the access log. */
  onLog(): void {}
}

/** Older filters wrap their contexts; nothing is needed here. */
export class RootContextHelper {
  static wrap(context: RootContext): RootContext {
    return context;
  }
}

export class ContextHelper {
  static wrap(context: Context): Context {
    return context;
  }
}
