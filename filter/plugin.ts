// SPDX-License-Identifier: Apache-2.0
/**
 * One configured plugin: a root context with its tables. Reads the configuration, makes the vendors' totals exist, and
 * outlives its root for as long as streams still use it. Never refuses a configuration: Envoy would refuse the proxy.
 */
import {
  answer,
  answerLength,
  logs,
  readBufferInto,
  readProperty,
  setTickPeriod,
  writeLog,
} from "./as-proxy-wasm/host.ts";
import { BUFFER_PLUGIN_CONFIGURATION, LOG_WARN } from "./as-proxy-wasm/types.ts";
import { writeHost } from "./core/authority.ts";
import { Block, startBlock } from "./core/block.ts";
import { equalsText, writeDecimal, writeText } from "./core/bytes.ts";
import {
  Config,
  DETAIL_FULL,
  LONGEST_CONFIG,
  setDefaults,
  Text,
  VENDOR_ID,
  VENDOR_NAME,
  VENDOR_NAME_LENGTH,
} from "./core/config.ts";
import { configSpace, readConfig } from "./core/config-read.ts";
import * as contract from "./core/contract.ts";
import { TOKEN_CAPACITY } from "./core/credentials.ts";
import { Gateways } from "./core/gateways.ts";
import { HeaderNames } from "./core/http-request.ts";
import { Json } from "./core/json.ts";
import { takeTimes } from "./exchange.ts";
import { useEnvoyVersion } from "./flags.ts";
import { obtain, release } from "./heap.ts";
import { internName } from "./names.ts";
import { attributeByLabel, envoyMinorVersion, lacksOurStatTags, readPodLabel } from "./pod.ts";
import { configurePlugin } from "./self.ts";
import { limitSeries } from "./series.ts";
import { followSeries, restoreSeries } from "./shared-series.ts";
import { useBuiltinTags } from "./stat-names.ts";
import { limitSlots, otherName, unknownName, vendorState } from "./vendors.ts";

export const KIND_UNKNOWN: i32 = 0;
export const KIND_NETWORK: i32 = 1;
export const KIND_HTTP: i32 = 2;

@unmanaged
export class Plugin {
  next: usize;
  /** Root context. */
  id: i32;
  kind: i32;
  /** 1 once the root context is gone. */
  closed: i32;
  /** Streams that use this plugin. */
  streams: i32;
  /** Text and tables of the configuration with their sizes. */
  text: usize;
  textSize: i32;
  tables: usize;
  tablesSize: i32;
  /** Index in `config.vendors` that the pod's label names, or -1. */
  labelVendor: i32;
  /** Value of the extra label that the pod's own label gives, in memory of this plugin. */
  extra: usize;
  extraLength: i32;
  config: Config;
}

let plugins: usize = 0;

const block: Block = changetype<Block>(memory.data(16));
const json: Json = changetype<Json>(memory.data(32));
const path: usize = memory.data(32);
const message: usize = memory.data(192);

const CONFIG_PARTS: u32 = 160;

/** The plugin of a root context, or null. */
export function findPlugin(id: i32): Plugin | null {
  let plugin: Plugin | null = changetype<Plugin | null>(plugins);
  while (plugin !== null && plugin.id !== id) plugin = changetype<Plugin | null>(plugin.next);
  return plugin;
}

/** Whether this is the plugin of the VM that was configured last: one of them speaks for the VM. */
export function isNewest(plugin: Plugin): bool {
  let first: Plugin | null = changetype<Plugin | null>(plugins);
  while (first !== null && (first.closed === 1 || first.kind === KIND_UNKNOWN))
    first = changetype<Plugin | null>(first.next);
  return first === plugin;
}

/** Makes the plugin of a new root context, unless the host says so twice; null when memory is used up. */
export function openPlugin(id: i32): Plugin | null {
  const before: Plugin | null = findPlugin(id);
  if (before !== null) return before;
  const address: usize = obtain(offsetof<Plugin>());
  const parts: usize = obtain(offsetof<Config>() + CONFIG_PARTS);
  if (address === 0 || parts === 0) return null;
  const plugin: Plugin = changetype<Plugin>(address);
  plugin.id = id;
  plugin.config = bindConfig(parts);
  plugin.labelVendor = -1;
  plugin.next = plugins;
  plugins = address;
  return plugin;
}

function bindConfig(address: usize): Config {
  const config: Config = changetype<Config>(address);
  let at: usize = (address + offsetof<Config>() + 7) & ~7;
  config.names = changetype<HeaderNames>(at);
  at += 24;
  config.gateways = changetype<Gateways>(at);
  at += 24;
  config.release = changetype<Text>(at);
  config.digest = changetype<Text>(at + 8);
  config.configHash = changetype<Text>(at + 16);
  config.extraLabel = changetype<Text>(at + 24);
  setDefaults(config);
  return config;
}

/** Reads and applies the configuration of `size` bytes. */
export function configure(plugin: Plugin, size: i32): void {
  plugin.kind = kindOfRoot();
  readTables(plugin, size);
  const config: Config = plugin.config;
  limitSeries(config.seriesLimit);
  takeTimes(config.detail === DETAIL_FULL);
  limitSlots(config.destinationLimit, config.reserve, config.poolLimit);
  useBuiltinTags(lacksOurStatTags());
  useEnvoyVersion(envoyMinorVersion());
  followSeries();
  restoreSeries();
  for (let i: i32 = 0; i < config.vendorCount; i++) internVendor(load<i32>(config.vendors + 4 * i));
  vendorState(otherName());
  vendorState(unknownName());
  plugin.labelVendor = attributeByLabel(config);
  readExtra(plugin);
  configurePlugin(plugin);
  setTickPeriod(config.tickMilliseconds);
  if (config.usable === 0 || config.errors > 0) warn(config);
}

function readExtra(plugin: Plugin): void {
  const label: Text = plugin.config.extraLabel;
  plugin.extraLength = 0;
  if (!readPodLabel(label.data, label.length)) return;
  if (plugin.extra === 0) plugin.extra = obtain(TOKEN_CAPACITY);
  if (plugin.extra === 0) return;
  const length: i32 = answerLength < TOKEN_CAPACITY ? answerLength : TOKEN_CAPACITY;
  plugin.extraLength = writeHost(<i32>plugin.extra, <i32>answer, length);
}

function readTables(plugin: Plugin, size: i32): void {
  // Streams hold addresses in the tables, so those of a root that is configured again may have to stay.
  if (plugin.streams === 0) freeTables(plugin);
  setDefaults(plugin.config);
  if (size === 0 || size > LONGEST_CONFIG) return;
  const text: usize = obtain(size);
  if (text === 0) return;
  plugin.text = text;
  plugin.textSize = size;
  if (!readBufferInto(BUFFER_PLUGIN_CONFIGURATION, text, size)) return;
  const space: i32 = configSpace(<i32>text, size);
  plugin.tables = obtain(space);
  if (plugin.tables === 0) return;
  plugin.tablesSize = space;
  startBlock(block, <i32>plugin.tables, space);
  readConfig(plugin.config, json, block, <i32>text, size);
}

function internVendor(vendor: i32): void {
  const name: usize = changetype<usize>(
    internName(0, load<i32>(vendor, VENDOR_NAME), load<i32>(vendor, VENDOR_NAME_LENGTH)),
  );
  store<usize>(vendor, name, VENDOR_ID);
  if (load<i32>(vendor, VENDOR_NAME_LENGTH) > 0) vendorState(name);
}

/** The root id tells which plugin this is: WasmPlugin's `pluginName`. */
function kindOfRoot(): i32 {
  if (!readProperty(path, writeText(<i32>path, "plugin_root_id"))) return KIND_UNKNOWN;
  const at: i32 = <i32>answer;
  if (equalsText(at, answerLength, contract.ROOT_NETWORK)) return KIND_NETWORK;
  return equalsText(at, answerLength, contract.ROOT_HTTP) ? KIND_HTTP : KIND_UNKNOWN;
}

function warn(config: Config): void {
  if (!logs(LOG_WARN)) return;
  let n: i32 = writeText(<i32>message, "proxymeter: ");
  if (config.usable === 0) {
    n += writeText(
      <i32>message + n,
      "the configuration is not a usable JSON object of at most 1 MiB, so nothing is attributed to a vendor",
    );
  } else {
    n += writeDecimal(<i32>message + n, config.errors);
    n += writeText(<i32>message + n, " member(s) of the configuration are unknown or wrong and were left out");
  }
  writeLog(LOG_WARN, message, n);
}

/** The root context is gone; memory goes when the last stream does. */
export function closePlugin(plugin: Plugin): void {
  plugin.closed = 1;
  plugin.id = -1;
  freeIfUnused(plugin);
}

export function holdPlugin(plugin: Plugin): void {
  plugin.streams++;
}

export function letGoPlugin(plugin: Plugin): void {
  plugin.streams--;
  freeIfUnused(plugin);
}

function freeIfUnused(plugin: Plugin): void {
  if (plugin.closed === 0 || plugin.streams > 0) return;
  unlink(changetype<usize>(plugin));
  freeTables(plugin);
  release(plugin.extra, TOKEN_CAPACITY);
  release(changetype<usize>(plugin.config), offsetof<Config>() + CONFIG_PARTS);
  release(changetype<usize>(plugin), offsetof<Plugin>());
}

function unlink(address: usize): void {
  if (plugins === address) {
    plugins = changetype<Plugin>(address).next;
    return;
  }
  let plugin: Plugin | null = changetype<Plugin | null>(plugins);
  while (plugin !== null && plugin.next !== address) plugin = changetype<Plugin | null>(plugin.next);
  if (plugin !== null) plugin.next = changetype<Plugin>(address).next;
}

function freeTables(plugin: Plugin): void {
  release(plugin.text, plugin.textSize);
  release(plugin.tables, plugin.tablesSize);
  plugin.text = 0;
  plugin.tables = 0;
}
