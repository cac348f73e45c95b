// SPDX-License-Identifier: Apache-2.0
/**
 * What a filter may do to the current stream: read and replace buffered bytes, read and publish properties, go on after a pause,
 * answer in the upstream's place, close it.
 */
import { addressOf, answerSlot, encode, numberSlot, takeAnswer } from "./answer.ts";
import {
  proxy_clear_route_cache,
  proxy_close_stream,
  proxy_continue_stream,
  proxy_get_buffer_bytes,
  proxy_get_buffer_status,
  proxy_get_property,
  proxy_send_local_response,
  proxy_set_buffer_bytes,
  proxy_set_effective_context,
  proxy_set_property,
} from "./env.ts";
import { Headers, serializeHeaders } from "./header-pairs.ts";
import { BufferTypeValues, GrpcStatusValues, StreamTypeValues, WasmResultValues } from "./values.ts";

/** Bytes of a buffer from `start` on, at most `length`; empty where there are none. */
export function get_buffer_bytes(type: BufferTypeValues, start: u32, length: u32): ArrayBuffer {
  return takeAnswer(proxy_get_buffer_bytes(type, start, length, answerSlot, answerSlot + 4));
}

/** Puts `value` in the place of `length` bytes from `start` on. */
export function set_buffer_bytes(
  type: BufferTypeValues,
  start: u32,
  length: u32,
  value: ArrayBuffer,
): WasmResultValues {
  return proxy_set_buffer_bytes(type, start, length, addressOf(value), value.byteLength);
}

export class BufferStatusResult {
  result: WasmResultValues = WasmResultValues.Ok;
  length: usize = 0;
  flags: u32 = 0;
}

export function get_buffer_status(type: BufferTypeValues): BufferStatusResult {
  const answer: BufferStatusResult = new BufferStatusResult();
  answer.result = proxy_get_buffer_status(type, numberSlot, numberSlot + 4);
  if (answer.result !== WasmResultValues.Ok) return answer;
  answer.length = load<u32>(numberSlot);
  answer.flags = load<u32>(numberSlot, 4);
  return answer;
}

/** A property by its path, parts joined by NUL; empty where there is none. Integers are 8 bytes, little-endian. */
export function get_property(path: string): ArrayBuffer {
  const bytes: ArrayBuffer = encode(path);
  return takeAnswer(proxy_get_property(addressOf(bytes), bytes.byteLength, answerSlot, answerSlot + 4));
}

/** Publishes filter state `wasm.<path>` of the stream. */
export function set_property(path: string, data: ArrayBuffer): WasmResultValues {
  const bytes: ArrayBuffer = encode(path);
  return proxy_set_property(addressOf(bytes), bytes.byteLength, addressOf(data), data.byteLength);
}

export function continue_request(): WasmResultValues {
  return proxy_continue_stream(StreamTypeValues.Request);
}

export function continue_response(): WasmResultValues {
  return proxy_continue_stream(StreamTypeValues.Response);
}

export function close_stream(type: StreamTypeValues): WasmResultValues {
  return proxy_close_stream(type);
}

export function clear_route_cache(): WasmResultValues {
  return proxy_clear_route_cache();
}

/** Answers the request without asking the upstream. */
export function send_local_response(
  response_code: u32,
  response_code_details: string,
  body: ArrayBuffer,
  additional_headers: Headers,
  grpc_status: GrpcStatusValues,
): WasmResultValues {
  const details: ArrayBuffer = encode(response_code_details);
  const headers: ArrayBuffer = serializeHeaders(additional_headers);
  return proxy_send_local_response(
    response_code,
    addressOf(details),
    details.byteLength,
    addressOf(body),
    body.byteLength,
    addressOf(headers),
    headers.byteLength,
    grpc_status,
  );
}

/** As `send_local_response`, for filters that do not speak gRPC. */
export function send_http_response(
  response_code: u32,
  response_code_details: string,
  body: ArrayBuffer,
  additional_headers: Headers,
): WasmResultValues {
  return send_local_response(
    response_code,
    response_code_details,
    body,
    additional_headers,
    GrpcStatusValues.InvalidCode,
  );
}

/** Makes a context the one that host calls of this callback are for. `BadArgument` if it is gone. */
export function set_effective_context(context_id: u32): WasmResultValues {
  return proxy_set_effective_context(context_id);
}
