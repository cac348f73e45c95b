// SPDX-License-Identifier: Apache-2.0
/**
 * One VM of a filter without a proxy: starts the module, makes contexts, calls its entry points in the order in which Envoy does.
 * A trap comes out as the WebAssembly.RuntimeError that it is. The streams' own verbs are in `streams.ts`.
 */
import { type ContextState, type HeaderList, newContext, type Properties } from "./context.ts";
import { type Caller, hostCalls } from "./calls.ts";
import { type Exports, LinearMemory } from "./linear-memory.ts";
import { Connection, HttpStream } from "./streams.ts";
import type { World } from "./world.ts";

const BUFFER_PLUGIN_CONFIGURATION = 7;

export type HostCall = (...values: never[]) => number;
type EntryPoint = (...values: number[]) => number | undefined;

export interface PluginOptions {
  rootId: string;
  configuration?: string | Uint8Array;
  /** Beside `plugin_root_id`. */
  properties?: Properties;
}

export class Vm {
  readonly world: World;
  readonly memory: LinearMemory;
  readonly #exports: Record<string, EntryPoint>;
  readonly #contexts = new Map<number, ContextState>();
  readonly #caller: Caller;
  #current: ContextState = newContext(0, 0, {});
  #lastId = 0;

  /** @param further  host functions beside those of the ABI */
  constructor(module: WebAssembly.Module, world: World, further: Record<string, HostCall> = {}) {
    this.world = world;
    let memory: LinearMemory | undefined;
    this.#caller = {
      world,
      get memory() {
        if (memory === undefined) throw new Error("the module called its host while it was being instantiated");
        return memory;
      },
      current: () => this.#current,
      context: (id) => this.#contexts.get(id),
      setEffective: (id) => {
        this.#current = this.#contexts.get(id) ?? this.#current;
      },
      queueReady: (rootId, token) => this.#queueReady(rootId, token),
      metrics: new Map(),
    };
    const instance = new WebAssembly.Instance(module, { env: lazyCalls(this.#caller, further) });
    const exports = instance.exports as unknown as Exports & Record<string, EntryPoint>;
    memory = new LinearMemory(exports);
    this.memory = memory;
    this.#exports = exports;
    exports._initialize?.();
  }

  /** Starts a plugin: its root context is made, told of the VM, and configured. */
  startPlugin({ rootId, configuration = "", properties = {} }: PluginOptions): Plugin {
    const context = this.open(0, { ...properties, plugin_root_id: rootId });
    this.call(context, "proxy_on_vm_start", context.id, 0);
    const plugin = new Plugin(this, context);
    plugin.configure(configuration);
    return plugin;
  }

  /** Makes a context and tells the module; `rootId` 0 for a root context. */
  open(rootId: number, properties: Properties): ContextState {
    this.#lastId += 1;
    const context = newContext(this.#lastId, rootId === 0 ? this.#lastId : rootId, properties);
    this.#contexts.set(context.id, context);
    this.call(context, "proxy_on_context_create", context.id, rootId);
    return context;
  }

  forget(context: ContextState): void {
    this.#contexts.delete(context.id);
  }

  /** Calls an entry point for a context; 0 where the module has no such one. */
  call(context: ContextState, name: string, ...values: number[]): number {
    const before = this.#current;
    this.#current = context;
    try {
      return this.#exports[name]?.(...values) ?? 0;
    } finally {
      this.#current = before;
    }
  }

  #queueReady(rootId: number, token: number): void {
    const root = this.#contexts.get(rootId);
    if (root) this.call(root, "proxy_on_queue_ready", root.id, token);
  }

  /** The VM goes, and with it the stats that no other VM has defined. */
  stop(): void {
    this.world.release(this.#caller);
  }
}

// The calls need the memory, which only exists once the module has been instantiated with them.
function lazyCalls(caller: Caller, further: Record<string, HostCall>): Record<string, HostCall> {
  let calls: Record<string, HostCall> | undefined;
  const get = (_target: object, name: string): HostCall => {
    return (...values) => {
      calls ??= { ...hostCalls(caller), ...further };
      const call = calls[name];
      if (call === undefined) throw new Error(`no host function "${name}" (expected one of calls.ts)`);
      return call(...values);
    };
  };
  return new Proxy({}, { get });
}

/** A root context of a VM. */
export class Plugin {
  readonly vm: Vm;
  readonly context: ContextState;

  constructor(vm: Vm, context: ContextState) {
    this.vm = vm;
    this.context = context;
  }

  /** What the module answers: 1 takes the configuration. */
  configure(configuration: string | Uint8Array): number {
    const bytes = typeof configuration === "string" ? Buffer.from(configuration) : configuration;
    this.context.buffers.set(BUFFER_PLUGIN_CONFIGURATION, bytes);
    return this.vm.call(this.context, "proxy_on_configure", this.context.id, bytes.length);
  }

  tick(): void {
    this.vm.call(this.context, "proxy_on_tick", this.context.id);
  }

  openConnection(properties: Properties = {}): Connection {
    return new Connection(this.vm, this.vm.open(this.context.id, properties));
  }

  openRequest(headers: HeaderList, isOver: boolean, properties: Properties = {}): HttpStream {
    return new HttpStream(this.vm, this.vm.open(this.context.id, properties), headers, isOver);
  }

  /** The root context goes. */
  stop(): void {
    this.vm.call(this.context, "proxy_on_done", this.context.id);
    this.vm.call(this.context, "proxy_on_delete", this.context.id);
    this.vm.forget(this.context);
  }
}
