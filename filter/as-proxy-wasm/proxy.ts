// SPDX-License-Identifier: Apache-2.0
/**
 * The entry points of proxy-wasm ABI 0.2.1 for filters that extend the classes of `contexts.ts`: look up whom a callback is for,
 * and pass it on. A context that is not known lets the stream go on. A filter's entry file exports all of this file.
 */
import { holdAnswer } from "./answer.ts";
import { BaseContext, Context, RootContext } from "./contexts.ts";
import { answerHttpCall } from "./http-calls.ts";
import {
  closeContext,
  contextOf,
  httpStreamOf,
  openRoot,
  openStream,
  rootOf,
  streamOf,
  tcpStreamOf,
} from "./tables.ts";

const CONTINUE: i32 = 0;

export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(size: i32): usize {
  return holdAnswer(size);
}

// Root contexts.

export function proxy_on_vm_start(id: u32, size: u32): i32 {
  const root: RootContext | null = rootOf(id);
  return root === null || root.onStart(size) ? 1 : 0;
}

export function proxy_validate_configuration(id: u32, size: u32): i32 {
  const root: RootContext | null = rootOf(id);
  return root === null || root.validateConfiguration(size) ? 1 : 0;
}

export function proxy_on_configure(id: u32, size: u32): i32 {
  const root: RootContext | null = rootOf(id);
  return root === null || root.onConfigure(size) ? 1 : 0;
}

export function proxy_on_tick(id: u32): void {
  const root: RootContext | null = rootOf(id);
  if (root !== null) root.onTick();
}

export function proxy_on_queue_ready(id: u32, token: u32): void {
  const root: RootContext | null = rootOf(id);
  if (root !== null) root.onQueueReady(token);
}

export function proxy_on_http_call_response(_id: u32, token: u32, headers: u32, bodySize: u32, trailers: u32): void {
  answerHttpCall(token, headers, bodySize, trailers);
}

// The life of a context.

export function proxy_on_context_create(id: u32, rootId: u32): void {
  if (rootId === 0) openRoot(id);
  else openStream(id, rootId);
}

export function proxy_on_done(id: u32): i32 {
  const context: BaseContext | null = contextOf(id);
  return context === null || context.onDone() ? 1 : 0;
}

export function proxy_on_log(id: u32): void {
  const stream: Context | null = streamOf(id);
  if (stream !== null) stream.onLog();
}

export function proxy_on_delete(id: u32): void {
  const context: BaseContext | null = contextOf(id);
  if (context === null) return;
  context.onDelete();
  closeContext(id);
}

// TCP connections.

export function proxy_on_new_connection(id: u32): i32 {
  const stream: Context | null = tcpStreamOf(id);
  return stream === null ? CONTINUE : stream.onNewConnection();
}

export function proxy_on_downstream_data(id: u32, size: u32, ended: u32): i32 {
  const stream: Context | null = tcpStreamOf(id);
  return stream === null ? CONTINUE : stream.onDownstreamData(size, ended !== 0);
}

export function proxy_on_upstream_data(id: u32, size: u32, ended: u32): i32 {
  const stream: Context | null = tcpStreamOf(id);
  return stream === null ? CONTINUE : stream.onUpstreamData(size, ended !== 0);
}

export function proxy_on_downstream_connection_close(id: u32, peer: i32): void {
  const stream: Context | null = tcpStreamOf(id);
  if (stream !== null) stream.onDownstreamConnectionClose(peer);
}

export function proxy_on_upstream_connection_close(id: u32, peer: i32): void {
  const stream: Context | null = tcpStreamOf(id);
  if (stream !== null) stream.onUpstreamConnectionClose(peer);
}

// HTTP streams.

export function proxy_on_request_headers(id: u32, headers: u32, ended: u32): i32 {
  const stream: Context | null = httpStreamOf(id);
  return stream === null ? CONTINUE : stream.onRequestHeaders(headers, ended !== 0);
}

export function proxy_on_request_body(id: u32, size: u32, ended: u32): i32 {
  const stream: Context | null = httpStreamOf(id);
  return stream === null ? CONTINUE : stream.onRequestBody(size, ended !== 0);
}

export function proxy_on_request_trailers(id: u32, trailers: u32): i32 {
  const stream: Context | null = httpStreamOf(id);
  return stream === null ? CONTINUE : stream.onRequestTrailers(trailers);
}

export function proxy_on_request_metadata(id: u32, elements: u32): i32 {
  const stream: Context | null = httpStreamOf(id);
  return stream === null ? CONTINUE : stream.onRequestMetadata(elements);
}

export function proxy_on_response_headers(id: u32, headers: u32, ended: u32): i32 {
  const stream: Context | null = httpStreamOf(id);
  return stream === null ? CONTINUE : stream.onResponseHeaders(headers, ended !== 0);
}

export function proxy_on_response_body(id: u32, size: u32, ended: u32): i32 {
  const stream: Context | null = httpStreamOf(id);
  return stream === null ? CONTINUE : stream.onResponseBody(size, ended !== 0);
}

export function proxy_on_response_trailers(id: u32, trailers: u32): i32 {
  const stream: Context | null = httpStreamOf(id);
  return stream === null ? CONTINUE : stream.onResponseTrailers(trailers);
}

export function proxy_on_response_metadata(id: u32, elements: u32): i32 {
  const stream: Context | null = httpStreamOf(id);
  return stream === null ? CONTINUE : stream.onResponseMetadata(elements);
}
