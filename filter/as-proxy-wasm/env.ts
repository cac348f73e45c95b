// SPDX-License-Identifier: Apache-2.0
/**
 * The host functions of proxy-wasm ABI 0.2.1, one declaration each, exactly as the host exports them.
 * asc takes the name of this file as the name of the import module, which must be `env`. Only what is called is imported.
 * See github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1. Wrappers with meaning are in `host.ts`.
 */

export declare function proxy_log(level: i32, message: usize, size: i32): i32;
export declare function proxy_get_log_level(level: usize): i32;
export declare function proxy_get_current_time_nanoseconds(time: usize): i32;
export declare function proxy_set_tick_period_milliseconds(period: i32): i32;
export declare function proxy_set_effective_context(context: i32): i32;
export declare function proxy_get_buffer_bytes(type: i32, start: i32, size: i32, data: usize, dataSize: usize): i32;
export declare function proxy_get_property(path: usize, pathSize: i32, value: usize, valueSize: usize): i32;
export declare function proxy_set_property(path: usize, pathSize: i32, value: usize, valueSize: i32): i32;
export declare function proxy_get_header_map_value(
  map: i32,
  key: usize,
  keySize: i32,
  value: usize,
  valueSize: usize,
): i32;
export declare function proxy_get_header_map_pairs(map: i32, pairs: usize, pairsSize: usize): i32;
export declare function proxy_add_header_map_value(map: i32, key: usize, keySize: i32, value: usize, size: i32): i32;
export declare function proxy_replace_header_map_value(
  map: i32,
  key: usize,
  keySize: i32,
  value: usize,
  size: i32,
): i32;
export declare function proxy_remove_header_map_value(map: i32, key: usize, keySize: i32): i32;
export declare function proxy_get_shared_data(
  key: usize,
  keySize: i32,
  value: usize,
  valueSize: usize,
  cas: usize,
): i32;
export declare function proxy_set_shared_data(key: usize, keySize: i32, value: usize, valueSize: i32, cas: i32): i32;
export declare function proxy_define_metric(type: i32, name: usize, nameSize: i32, id: usize): i32;
export declare function proxy_increment_metric(id: i32, offset: i64): i32;
export declare function proxy_record_metric(id: i32, value: i64): i32;
export declare function proxy_get_metric(id: i32, value: usize): i32;

// What follows is called by the layer for other filters alone.
export declare function proxy_set_buffer_bytes(type: i32, start: i32, size: i32, data: usize, dataSize: i32): i32;
export declare function proxy_get_buffer_status(type: i32, length: usize, flags: usize): i32;
export declare function proxy_set_header_map_pairs(map: i32, pairs: usize, pairsSize: i32): i32;
export declare function proxy_get_header_map_size(map: i32, size: usize): i32;
export declare function proxy_continue_stream(type: i32): i32;
export declare function proxy_close_stream(type: i32): i32;
export declare function proxy_send_local_response(
  status: i32,
  details: usize,
  detailsSize: i32,
  body: usize,
  bodySize: i32,
  headers: usize,
  headersSize: i32,
  grpcStatus: i32,
): i32;
export declare function proxy_clear_route_cache(): i32;
export declare function proxy_register_shared_queue(name: usize, nameSize: i32, token: usize): i32;
export declare function proxy_resolve_shared_queue(
  vm: usize,
  vmSize: i32,
  name: usize,
  nameSize: i32,
  token: usize,
): i32;
export declare function proxy_dequeue_shared_queue(token: i32, data: usize, dataSize: usize): i32;
export declare function proxy_enqueue_shared_queue(token: i32, data: usize, dataSize: i32): i32;
export declare function proxy_http_call(
  cluster: usize,
  clusterSize: i32,
  headers: usize,
  headersSize: i32,
  body: usize,
  bodySize: i32,
  trailers: usize,
  trailersSize: i32,
  timeout: i32,
  token: usize,
): i32;
export declare function proxy_call_foreign_function(
  name: usize,
  nameSize: i32,
  data: usize,
  dataSize: i32,
  result: usize,
  resultSize: usize,
): i32;
export declare function proxy_done(): i32;
