// SPDX-License-Identifier: Apache-2.0
/**
 * The floor of what a Wasm filter costs: the entry points of our filter, none of which does anything.
 * The host's own work for a context and its callbacks is all that is left.
 */

const room: usize = memory.data(65536);

export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(_size: i32): usize {
  return room;
}

export function proxy_on_vm_start(_root: i32, _size: i32): i32 {
  return 1;
}

export function proxy_on_context_create(_id: i32, _root: i32): void {}

export function proxy_on_configure(_root: i32, _size: i32): i32 {
  return 1;
}

export function proxy_on_tick(_root: i32): void {}

export function proxy_on_new_connection(_id: i32): i32 {
  return 0;
}

export function proxy_on_downstream_data(_id: i32, _size: i32, _ended: i32): i32 {
  return 0;
}

export function proxy_on_upstream_data(_id: i32, _size: i32, _ended: i32): i32 {
  return 0;
}

export function proxy_on_downstream_connection_close(_id: i32, _peer: i32): void {}

export function proxy_on_request_headers(_id: i32, _count: i32, _ended: i32): i32 {
  return 0;
}

export function proxy_on_request_body(_id: i32, _size: i32, _ended: i32): i32 {
  return 0;
}

export function proxy_on_response_headers(_id: i32, _count: i32, _ended: i32): i32 {
  return 0;
}

export function proxy_on_response_body(_id: i32, _size: i32, _ended: i32): i32 {
  return 0;
}

export function proxy_on_log(_id: i32): void {}

export function proxy_on_done(_id: i32): i32 {
  return 1;
}

export function proxy_on_delete(_id: i32): void {}
