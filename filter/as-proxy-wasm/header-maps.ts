// SPDX-License-Identifier: Apache-2.0
/**
 * Headers and trailers of the current stream, one by one and as a whole. A header that is not there is an empty text.
 * Request headers can be changed until the request has left, response headers until the response has.
 */
import { addressOf, answerSlot, decode, encode, numberSlot, takeAnswer } from "./answer.ts";
import {
  proxy_add_header_map_value,
  proxy_get_header_map_pairs,
  proxy_get_header_map_size,
  proxy_get_header_map_value,
  proxy_remove_header_map_value,
  proxy_replace_header_map_value,
  proxy_set_header_map_pairs,
} from "./env.ts";
import { deserializeHeaders, Headers, serializeHeaders } from "./header-pairs.ts";
import { HeaderMapTypeValues, WasmResultValues } from "./values.ts";

export function get_header_map_value(map: HeaderMapTypeValues, key: ArrayBuffer): ArrayBuffer {
  return takeAnswer(proxy_get_header_map_value(map, addressOf(key), key.byteLength, answerSlot, answerSlot + 4));
}

export function add_header_map_value(map: HeaderMapTypeValues, key: ArrayBuffer, value: ArrayBuffer): WasmResultValues {
  return proxy_add_header_map_value(map, addressOf(key), key.byteLength, addressOf(value), value.byteLength);
}

export function replace_header_map_value(map: HeaderMapTypeValues, key: ArrayBuffer, value: ArrayBuffer): void {
  proxy_replace_header_map_value(map, addressOf(key), key.byteLength, addressOf(value), value.byteLength);
}

export function remove_header_map_value(map: HeaderMapTypeValues, key: ArrayBuffer): void {
  proxy_remove_header_map_value(map, addressOf(key), key.byteLength);
}

/** Bytes of all names and values of a map; 0 where there is none. */
export function get_header_map_size(map: HeaderMapTypeValues): usize {
  return proxy_get_header_map_size(map, numberSlot) === WasmResultValues.Ok ? load<u32>(numberSlot) : 0;
}

/** One header map of the current stream. */
export class HeaderStreamManipulator {
  typ: HeaderMapTypeValues;

  constructor(typ: HeaderMapTypeValues) {
    this.typ = typ;
  }

  add(key: string, value: string): void {
    add_header_map_value(this.typ, encode(key), encode(value));
  }

  /** Sets a header; adds it where it is not there. */
  replace(key: string, value: string): void {
    replace_header_map_value(this.typ, encode(key), encode(value));
  }

  get(key: string): string {
    return decode(get_header_map_value(this.typ, encode(key)));
  }

  remove(key: string): void {
    remove_header_map_value(this.typ, encode(key));
  }

  get_headers(): Headers {
    return deserializeHeaders(takeAnswer(proxy_get_header_map_pairs(this.typ, answerSlot, answerSlot + 4)));
  }

  set_headers(headers: Headers): void {
    const pairs: ArrayBuffer = serializeHeaders(headers);
    proxy_set_header_map_pairs(this.typ, addressOf(pairs), pairs.byteLength);
  }
}

/** The maps of one kind. `http_callback` is that of the answer to an HTTP call of the filter. */
export class HeaderMapManipulator {
  request: HeaderStreamManipulator;
  response: HeaderStreamManipulator;
  http_callback: HeaderStreamManipulator;

  constructor(request: HeaderMapTypeValues, response: HeaderMapTypeValues, callback: HeaderMapTypeValues) {
    this.request = new HeaderStreamManipulator(request);
    this.response = new HeaderStreamManipulator(response);
    this.http_callback = new HeaderStreamManipulator(callback);
  }
}

export class StreamContext {
  headers: HeaderMapManipulator = new HeaderMapManipulator(
    HeaderMapTypeValues.RequestHeaders,
    HeaderMapTypeValues.ResponseHeaders,
    HeaderMapTypeValues.HttpCallResponseHeaders,
  );
  trailers: HeaderMapManipulator = new HeaderMapManipulator(
    HeaderMapTypeValues.RequestTrailers,
    HeaderMapTypeValues.ResponseTrailers,
    HeaderMapTypeValues.HttpCallResponseTrailers,
  );
}

/** The stream that the current callback is for. */
export const stream_context: StreamContext = new StreamContext();
