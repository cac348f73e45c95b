// SPDX-License-Identifier: Apache-2.0
/**
 * Which context a callback is for: root contexts, HTTP streams and TCP connections each in a table of their own, by id.
 * The host does not say what a new context is for; its first callback does. An id that is not known has no context.
 */
import { decode } from "./answer.ts";
import { BaseContext, Context, RootContext } from "./contexts.ts";
import { get_property } from "./stream.ts";
import { log, logs } from "./system.ts";
import { LogLevelValues } from "./values.ts";

export type RootContextFactory = (context_id: u32) => RootContext;
type Streams = Map<u32, Context>;

const factories: Map<string, RootContextFactory> = new Map<string, RootContextFactory>();
const roots: Map<u32, RootContext> = new Map<u32, RootContext>();
const newStreams: Streams = new Map<u32, Context>();
const httpStreams: Streams = new Map<u32, Context>();
const tcpStreams: Streams = new Map<u32, Context>();

/** Has the root context of the plugin with this root id (`pluginName` of a WasmPlugin) made by `factory`. */
export function registerRootContext(factory: RootContextFactory, name: string): void {
  factories.set(name, factory);
}

/** Makes a root context; one that lets everything pass where nobody has registered for its root id. */
export function openRoot(id: u32): void {
  if (roots.has(id)) return;
  const name: string = decode(get_property("plugin_root_id"));
  if (factories.has(name)) {
    const root: RootContext = factories.get(name)(id);
    root.context_id = id;
    roots.set(id, root);
    return;
  }
  if (logs(LogLevelValues.warn)) {
    log(LogLevelValues.warn, 'no root context is registered under "' + name + '", so this plugin does nothing');
  }
  roots.set(id, new RootContext(id));
}

/** Makes the context of a new stream; none where the root context is not known. */
export function openStream(id: u32, rootId: u32): void {
  const root: RootContext | null = rootOf(rootId);
  if (root === null || newStreams.has(id) || httpStreams.has(id) || tcpStreams.has(id)) return;
  const stream: Context = root.createContext(id);
  stream.context_id = id;
  newStreams.set(id, stream);
}

export function rootOf(id: u32): RootContext | null {
  return roots.has(id) ? roots.get(id) : null;
}

export function httpStreamOf(id: u32): Context | null {
  return streamIn(httpStreams, id);
}

export function tcpStreamOf(id: u32): Context | null {
  return streamIn(tcpStreams, id);
}

/** The stream with this id in one table; its first callback puts it there. */
function streamIn(table: Streams, id: u32): Context | null {
  if (table.has(id)) return table.get(id);
  if (!newStreams.has(id)) return null;
  const stream: Context = newStreams.get(id);
  newStreams.delete(id);
  table.set(id, stream);
  return stream;
}

/** The stream with this id, whatever it carries. */
export function streamOf(id: u32): Context | null {
  if (httpStreams.has(id)) return httpStreams.get(id);
  if (tcpStreams.has(id)) return tcpStreams.get(id);
  return newStreams.has(id) ? newStreams.get(id) : null;
}

export function contextOf(id: u32): BaseContext | null {
  const stream: Context | null = streamOf(id);
  return stream !== null ? stream : rootOf(id);
}

/** Forgets a context. Streams outlive their root context. */
export function closeContext(id: u32): void {
  newStreams.delete(id);
  httpStreams.delete(id);
  tcpStreams.delete(id);
  roots.delete(id);
}
