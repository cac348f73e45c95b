// SPDX-License-Identifier: Apache-2.0
/**
 * What VMs of one process share: data under keys with a version each, and queues. Both belong to the `vm_id`.
 */
import { addressOf, answerSlot, encode, numberSlot, takeAnswer } from "./answer.ts";
import {
  proxy_dequeue_shared_queue,
  proxy_enqueue_shared_queue,
  proxy_get_shared_data,
  proxy_register_shared_queue,
  proxy_resolve_shared_queue,
  proxy_set_shared_data,
} from "./env.ts";
import { WasmResultValues } from "./values.ts";

/** `value` is null and `cas` 0 where there is nothing under the key. */
export class GetSharedData {
  value: ArrayBuffer | null = null;
  result: WasmResultValues = WasmResultValues.Ok;
  cas: u32 = 0;
}

export function get_shared_data(key: string): GetSharedData {
  const name: ArrayBuffer = encode(key);
  const answer: GetSharedData = new GetSharedData();
  answer.result = proxy_get_shared_data(addressOf(name), name.byteLength, answerSlot, answerSlot + 4, numberSlot);
  const value: ArrayBuffer = takeAnswer(answer.result);
  if (answer.result !== WasmResultValues.Ok) return answer;
  answer.value = value;
  answer.cas = load<u32>(numberSlot);
  return answer;
}

/** Writes under a key if its version is still `cas`, whatever its version if `cas` is 0. `CasMismatch` if it is not. */
export function set_shared_data(key: string, value: ArrayBuffer, cas: u32 = 0): WasmResultValues {
  const name: ArrayBuffer = encode(key);
  return proxy_set_shared_data(addressOf(name), name.byteLength, addressOf(value), value.byteLength, cas);
}

export class TokenSharedQueueResult {
  result: WasmResultValues = WasmResultValues.Ok;
  token: u32 = 0;
}

/** A queue of which the current root context hears in `onQueueReady`. */
export function register_shared_queue(queue_name: string): TokenSharedQueueResult {
  const name: ArrayBuffer = encode(queue_name);
  return tokenOf(proxy_register_shared_queue(addressOf(name), name.byteLength, numberSlot));
}

/** A queue that some VM with that `vm_id` has registered. */
export function resolve_shared_queue(vm_id: string, queue_name: string): TokenSharedQueueResult {
  const vm: ArrayBuffer = encode(vm_id);
  const name: ArrayBuffer = encode(queue_name);
  return tokenOf(
    proxy_resolve_shared_queue(addressOf(vm), vm.byteLength, addressOf(name), name.byteLength, numberSlot),
  );
}

function tokenOf(result: i32): TokenSharedQueueResult {
  const answer: TokenSharedQueueResult = new TokenSharedQueueResult();
  answer.result = result;
  if (result === WasmResultValues.Ok) answer.token = load<u32>(numberSlot);
  return answer;
}

/** `data` is null where the queue is empty or unknown. */
export class DequeueSharedQueueResult {
  result: WasmResultValues = WasmResultValues.Ok;
  data: ArrayBuffer | null = null;
}

export function dequeue_shared_queue(token: u32): DequeueSharedQueueResult {
  const answer: DequeueSharedQueueResult = new DequeueSharedQueueResult();
  answer.result = proxy_dequeue_shared_queue(token, answerSlot, answerSlot + 4);
  const data: ArrayBuffer = takeAnswer(answer.result);
  if (answer.result === WasmResultValues.Ok) answer.data = data;
  return answer;
}

export function enqueue_shared_queue(token: u32, data: ArrayBuffer): WasmResultValues {
  return proxy_enqueue_shared_queue(token, addressOf(data), data.byteLength);
}
