// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP calls that filters make to clusters of the host: which are open, and who is called back.
 * Every call is answered once: by the host, or without an answer when its root context is done.
 */
import { addressOf, numberSlot } from "./answer.ts";
import { BaseContext, HttpCallbackFunction } from "./contexts.ts";
import { proxy_http_call } from "./env.ts";
import { Headers, serializeHeaders } from "./header-pairs.ts";
import { set_effective_context } from "./stream.ts";
import { WasmResultValues } from "./values.ts";

export class HttpCallback {
  origin_context: BaseContext;
  cb: HttpCallbackFunction;
  root_id: u32 = 0;

  constructor(origin_context: BaseContext, cb: HttpCallbackFunction) {
    this.origin_context = origin_context;
    this.cb = cb;
  }
}

/** Open calls by their token, which is unique in a VM. */
const openCalls: Map<u32, HttpCallback> = new Map<u32, HttpCallback>();

export function makeHttpCall(
  cluster: ArrayBuffer,
  headers: Headers,
  body: ArrayBuffer,
  trailers: Headers,
  timeout: u32,
  rootId: u32,
  origin: BaseContext,
  cb: HttpCallbackFunction,
): WasmResultValues {
  const head: ArrayBuffer = serializeHeaders(headers);
  const tail: ArrayBuffer = serializeHeaders(trailers);
  const result: WasmResultValues = proxy_http_call(
    addressOf(cluster),
    cluster.byteLength,
    addressOf(head),
    head.byteLength,
    addressOf(body),
    body.byteLength,
    addressOf(tail),
    tail.byteLength,
    timeout,
    numberSlot,
  );
  if (result !== WasmResultValues.Ok) return result;
  const call: HttpCallback = new HttpCallback(origin, cb);
  call.root_id = rootId;
  openCalls.set(load<u32>(numberSlot), call);
  return result;
}

/** The host's answer to a call that is known. */
export function answerHttpCall(token: u32, headers: u32, bodySize: u32, trailers: u32): void {
  if (!openCalls.has(token)) return;
  const call: HttpCallback = openCalls.get(token);
  openCalls.delete(token);
  callBack(call, headers, bodySize, trailers);
}

/** Ends the open calls of a root context; every one is called back with nothing. */
export function cancelHttpCalls(rootId: u32): void {
  const tokens: u32[] = openCalls.keys();
  for (let i: i32 = 0; i < tokens.length; i++) {
    // A callback may have ended other calls.
    if (!openCalls.has(tokens[i])) continue;
    const call: HttpCallback = openCalls.get(tokens[i]);
    if (call.root_id !== rootId) continue;
    openCalls.delete(tokens[i]);
    callBack(call, 0, 0, 0);
  }
}

/** Calls back for the context that has asked, unless that is gone. */
function callBack(call: HttpCallback, headers: u32, bodySize: u32, trailers: u32): void {
  if (set_effective_context(call.origin_context.context_id) !== WasmResultValues.Ok) return;
  call.cb(call.origin_context, headers, bodySize, trailers);
}
