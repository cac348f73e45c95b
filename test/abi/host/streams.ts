// SPDX-License-Identifier: Apache-2.0
/**
 * The life of one TCP connection or HTTP stream in a VM, as verbs; each calls the entry points that Envoy would.
 * `sent` and `received` are from the view of the pod.
 */
import type { ContextState, HeaderList } from "./context.ts";
import type { Vm } from "./vm.ts";

const BUFFER_REQUEST_BODY = 0;
const BUFFER_RESPONSE_BODY = 1;
const BUFFER_DOWNSTREAM = 2;
const BUFFER_UPSTREAM = 3;
const MAP_REQUEST = 0;
const MAP_RESPONSE = 2;

/** Who closes. */
export const PEER_LOCAL = 1;
export const PEER_REMOTE = 2;

export class Connection {
  readonly #vm: Vm;
  readonly context: ContextState;

  constructor(vm: Vm, context: ContextState) {
    this.#vm = vm;
    this.context = context;
    vm.call(context, "proxy_on_new_connection", context.id);
  }

  /** Bytes from the pod; what the module answers, 0 to go on. */
  sent(bytes: Uint8Array, isOver = false): number {
    return this.#data(BUFFER_DOWNSTREAM, "proxy_on_downstream_data", bytes, isOver);
  }

  received(bytes: Uint8Array, isOver = false): number {
    return this.#data(BUFFER_UPSTREAM, "proxy_on_upstream_data", bytes, isOver);
  }

  close(peer: number = PEER_REMOTE): void {
    const { id } = this.context;
    this.#vm.call(this.context, "proxy_on_downstream_connection_close", id, peer);
    this.#vm.call(this.context, "proxy_on_done", id);
    this.#vm.call(this.context, "proxy_on_log", id);
    this.#vm.call(this.context, "proxy_on_delete", id);
    this.#vm.forget(this.context);
  }

  #data(buffer: number, entryPoint: string, bytes: Uint8Array, isOver: boolean): number {
    this.context.buffers.set(buffer, bytes);
    const status = this.#vm.call(this.context, entryPoint, this.context.id, bytes.length, isOver ? 1 : 0);
    this.context.buffers.delete(buffer);
    return status;
  }
}

export class HttpStream {
  readonly #vm: Vm;
  readonly context: ContextState;

  constructor(vm: Vm, context: ContextState, headers: HeaderList, isOver: boolean) {
    this.#vm = vm;
    this.context = context;
    context.maps.set(MAP_REQUEST, headers);
    vm.call(context, "proxy_on_request_headers", context.id, headers.length, isOver ? 1 : 0);
  }

  requestBody(bytes: Uint8Array, isOver: boolean): void {
    this.#body(BUFFER_REQUEST_BODY, "proxy_on_request_body", bytes, isOver);
  }

  responseHeaders(headers: HeaderList, isOver: boolean): void {
    this.context.maps.set(MAP_RESPONSE, headers);
    this.#vm.call(this.context, "proxy_on_response_headers", this.context.id, headers.length, isOver ? 1 : 0);
  }

  responseBody(bytes: Uint8Array, isOver: boolean): void {
    this.#body(BUFFER_RESPONSE_BODY, "proxy_on_response_body", bytes, isOver);
  }

  /** The headers that go on to the vendor. */
  get requestHeaders(): HeaderList {
    return this.context.maps.get(MAP_REQUEST) ?? [];
  }

  /** The stream is over and is written to the access log. */
  close(): void {
    const { id } = this.context;
    this.#vm.call(this.context, "proxy_on_log", id);
    this.#vm.call(this.context, "proxy_on_done", id);
    this.#vm.call(this.context, "proxy_on_delete", id);
    this.#vm.forget(this.context);
  }

  #body(buffer: number, entryPoint: string, bytes: Uint8Array, isOver: boolean): void {
    this.context.buffers.set(buffer, bytes);
    this.#vm.call(this.context, entryPoint, this.context.id, bytes.length, isOver ? 1 : 0);
    this.context.buffers.delete(buffer);
  }
}
