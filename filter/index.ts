// SPDX-License-Identifier: Apache-2.0
/**
 * The module's entry points, as proxy-wasm ABI 0.2.1 names them: look up whom a callback is for, and pass it on.
 * Every callback continues the stream, whatever happens. What is not needed is not exported (done, log): each callback
 * that the host finds costs every stream. Decides nothing else.
 */
import { allocateAnswer, resetScratch } from "./as-proxy-wasm/memory.ts";
import { ACTION_CONTINUE } from "./as-proxy-wasm/types.ts";
import { Exchange, freeExchange } from "./exchange.ts";
import { endStream, requestBody, requestHeaders, responseBody, responseHeaders } from "./http.ts";
import { closeHttpStream, findHttpStream, HttpStream, openHttpStream } from "./http-streams.ts";
import { publishOpenLedgers } from "./ledger.ts";
import { downstreamData, upstreamData } from "./network.ts";
import { endConnection } from "./network-close.ts";
import {
  closePlugin,
  configure,
  findPlugin,
  holdPlugin,
  isNewest,
  KIND_NETWORK,
  KIND_UNKNOWN,
  letGoPlugin,
  openPlugin,
  Plugin,
} from "./plugin.ts";
import { beat, countRefused } from "./self.ts";
import { flush } from "./series.ts";
import { restoreSeries, seriesQueued } from "./shared-series.ts";
import { closeStream, findStream, openStream, Stream } from "./streams.ts";

export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(size: i32): usize {
  return allocateAnswer(size);
}

export function proxy_on_vm_start(_root: i32, _size: i32): i32 {
  return 1;
}

export function proxy_on_context_create(id: i32, root: i32): void {
  resetScratch();
  if (root === 0) {
    openPlugin(id);
    return;
  }
  const plugin: Plugin | null = findPlugin(root);
  if (plugin === null || plugin.kind === KIND_UNKNOWN) return;
  const opened: bool =
    plugin.kind === KIND_NETWORK ? openStream(id, plugin) !== null : openHttpStream(id, plugin) !== null;
  if (opened) holdPlugin(plugin);
  else countRefused();
}

export function proxy_on_configure(root: i32, size: i32): i32 {
  resetScratch();
  const plugin: Plugin | null = findPlugin(root);
  if (plugin !== null) configure(plugin, size);
  return 1;
}

export function proxy_on_tick(root: i32): void {
  resetScratch();
  const plugin: Plugin | null = findPlugin(root);
  if (plugin !== null && isNewest(plugin)) beat(plugin.config.tickMilliseconds);
  restoreSeries();
  flush();
  if (plugin !== null && plugin.config.ledger === 1 && isNewest(plugin)) publishOpenLedgers();
}

export function proxy_on_queue_ready(_root: i32, token: i32): void {
  resetScratch();
  seriesQueued(token);
}

export function proxy_on_downstream_data(id: i32, size: i32, ended: i32): i32 {
  resetScratch();
  const stream: Stream | null = findStream(id);
  if (stream !== null) downstreamData(stream, size, ended !== 0);
  return ACTION_CONTINUE;
}

export function proxy_on_upstream_data(id: i32, size: i32, ended: i32): i32 {
  resetScratch();
  const stream: Stream | null = findStream(id);
  if (stream !== null) upstreamData(stream, size, ended !== 0);
  return ACTION_CONTINUE;
}

export function proxy_on_downstream_connection_close(id: i32, peer: i32): void {
  resetScratch();
  const stream: Stream | null = findStream(id);
  if (stream === null) return;
  endConnection(stream, peer);
  // What is counted of a quiet pod is exact at once; while other connections are open, the next tick is soon enough.
  if (stream.plugin.streams === 1) flush();
}

export function proxy_on_request_headers(id: i32, _count: i32, ended: i32): i32 {
  resetScratch();
  const stream: HttpStream | null = findHttpStream(id);
  if (stream !== null) requestHeaders(stream, ended !== 0);
  return ACTION_CONTINUE;
}

export function proxy_on_request_body(id: i32, size: i32, ended: i32): i32 {
  const stream: HttpStream | null = findHttpStream(id);
  if (stream !== null) requestBody(stream, size, ended !== 0);
  return ACTION_CONTINUE;
}

export function proxy_on_response_headers(id: i32, _count: i32, ended: i32): i32 {
  resetScratch();
  const stream: HttpStream | null = findHttpStream(id);
  if (stream !== null) responseHeaders(stream, ended !== 0);
  return ACTION_CONTINUE;
}

export function proxy_on_response_body(id: i32, size: i32, ended: i32): i32 {
  const stream: HttpStream | null = findHttpStream(id);
  if (stream !== null) responseBody(stream, size, ended !== 0);
  return ACTION_CONTINUE;
}

export function proxy_on_delete(id: i32): void {
  resetScratch();
  const stream: Stream | null = findStream(id);
  if (stream !== null) {
    const plugin: Plugin = stream.plugin;
    freeExchanges(stream);
    closeStream(stream);
    letGoPlugin(plugin);
    return;
  }
  const http: HttpStream | null = findHttpStream(id);
  if (http !== null) {
    const plugin: Plugin = http.plugin;
    endStream(http);
    closeHttpStream(http);
    letGoPlugin(plugin);
    return;
  }
  const plugin: Plugin | null = findPlugin(id);
  if (plugin === null) return;
  flush();
  closePlugin(plugin);
}

function freeExchanges(stream: Stream): void {
  let exchange: Exchange | null = stream.first;
  while (exchange !== null) {
    const next: Exchange | null = changetype<Exchange | null>(exchange.next);
    freeExchange(exchange);
    exchange = next;
  }
  if (stream.finished !== null) freeExchange(<Exchange>stream.finished);
}
