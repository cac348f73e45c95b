// SPDX-License-Identifier: Apache-2.0
/**
 * A filter of a root context alone: every tick sends its configuration through a shared queue, and who has registered the queue
 * last counts the bytes that arrive.
 */
import {
  Counter,
  DequeueSharedQueueResult,
  dequeue_shared_queue,
  enqueue_shared_queue,
  RootContext,
  register_shared_queue,
  registerRootContext,
} from "../../filter/as-proxy-wasm/index.ts";

export * from "../../filter/as-proxy-wasm/proxy";

class QueueRoot extends RootContext {
  arrived: Counter = new Counter("sample_queue_bytes_total");
  token: u32 = 0;

  onConfigure(configuration_size: u32): bool {
    super.onConfigure(configuration_size);
    this.token = register_shared_queue("sample/queue").token;
    return true;
  }

  onTick(): void {
    enqueue_shared_queue(this.token, String.UTF8.encode(this.getConfiguration()));
  }

  onQueueReady(token: u32): void {
    let message: DequeueSharedQueueResult = dequeue_shared_queue(token);
    while (message.data !== null) {
      this.arrived.increment((<ArrayBuffer>message.data).byteLength);
      message = dequeue_shared_queue(token);
    }
  }
}

registerRootContext((context_id: u32) => new QueueRoot(context_id), "sample_queue");
