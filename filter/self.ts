// SPDX-License-Identifier: Apache-2.0
/**
 * The filter's metrics about itself: which build with which configuration runs, that it is alive, what it holds.
 * Values are set, never incremented, at configuration: that runs in several VMs of one process.
 */
import { defineMetric, recordMetric } from "./as-proxy-wasm/host.ts";
import { METRIC_GAUGE } from "./as-proxy-wasm/types.ts";
import { writeHost } from "./core/authority.ts";
import { DASH, DOT, writeText } from "./core/bytes.ts";
import { Config, Text } from "./core/config.ts";
import * as contract from "./core/contract.ts";
import * as families from "./core/families.ts";
import { appendLabel, appendTextLabel } from "./core/stat-name.ts";
import { memoryBytes } from "./heap.ts";
import { Plugin } from "./plugin.ts";
import { add, ensureSeries, record, Series, seriesCount } from "./series.ts";
import { usesBuiltinTags } from "./stat-names.ts";

const name: usize = memory.data(1024);
const value: usize = memory.data(256);

let heartbeat: Series | null = null;
let series: Series | null = null;
let bytes: Series | null = null;
let refused: Series | null = null;
/** Identifiers of `proxymeter_info` by kind of plugin, plus 1; 0 is none. */
const infoIds: usize = memory.data(16);

/** Publishes what is now in force. */
export function configurePlugin(plugin: Plugin): void {
  const config: Config = plugin.config;
  heartbeat = ensureSeries(families.SELF_HEARTBEAT, 0, 0, 0, 0, 0);
  series = ensureSeries(families.SELF_SERIES, 0, 0, 0, 0, 0);
  refused = ensureSeries(families.SELF_REFUSED, 0, 0, 0, 0, 0);
  bytes = ensureSeries(families.SELF_MEMORY, 0, 0, 0, 0, 0);
  record(
    ensureSeries(families.SELF_CONFIG_ERRORS, 0, 0, 0, 0, 0),
    <f64>(config.errors + (config.usable === 0 ? 1 : 0)),
  );
  publishInfo(config, infoIds + 4 * plugin.kind);
  publishState();
}

/** `proxymeter_info` of what was in force before goes to 0: a stat can't be taken back. */
function publishInfo(config: Config, before: usize): void {
  const id: i32 = defineMetric(METRIC_GAUGE, name, usesBuiltinTags() ? builtinInfo(config) : fullInfo(config));
  if (id < 0) return;
  if (load<i32>(before) > 0) recordMetric(load<i32>(before) - 1, 0);
  recordMetric(id, 1);
  store<i32>(before, id + 1);
}

function fullInfo(config: Config): i32 {
  let n: i32 = 0;
  n = appendValue(n, contract.LABEL_RELEASE, config.release);
  n = appendValue(n, contract.LABEL_DIGEST, config.digest);
  n = appendTextLabel(<i32>name, n, contract.LABEL_ENCODING, contract.ENCODING_FULL);
  n = appendValue(n, contract.LABEL_CONFIG_HASH, config.configHash);
  return n + writeText(<i32>name + n, contract.INFO);
}

function appendValue(at: i32, label: string, text: Text): i32 {
  return appendLabel(<i32>name, at, label, <i32>value, writeValue(text));
}

/** Writes a text of the configuration into `value` as a label value; `none` where it is absent. */
function writeValue(text: Text): i32 {
  return text.length === 0 ? writeText(<i32>value, contract.VALUE_NONE) : writeHost(<i32>value, text.data, text.length);
}

/** Release with dashes for dots, encoding, then digest and hash joined by a slash. */
function builtinInfo(config: Config): i32 {
  let n: i32 = writeText(<i32>name, contract.SLOT_POOL);
  const release: i32 = writeValue(config.release);
  for (let i: i32 = 0; i < release; i++) {
    const byte: u8 = load<u8>(value + i);
    store<u8>(name + n + i, byte === DOT ? DASH : byte);
  }
  n += release;
  n += writeText(<i32>name + n, ".");
  n += writeText(<i32>name + n, contract.SLOT_SMALL);
  n += writeText(<i32>name + n, contract.ENCODING_BUILTIN);
  n += writeText(<i32>name + n, ".");
  n += writeText(<i32>name + n, contract.SLOT_DESTINATION);
  const digest: i32 = writeValue(config.digest);
  memory.copy(name + n, value, digest);
  n += digest;
  n += writeText(<i32>name + n, "/");
  const hash: i32 = writeValue(config.configHash);
  memory.copy(name + n, value, hash);
  n += hash;
  n += writeText(<i32>name + n, ";.");
  return n + writeText(<i32>name + n, contract.INFO);
}

function publishState(): void {
  record(series, <f64>seriesCount());
  record(bytes, <f64>memoryBytes());
}

/** Once per tick. */
export function beat(milliseconds: i32): void {
  add(heartbeat, <f64>milliseconds / 1000);
  publishState();
}

/** A stream passes unmetered because memory could not grow. */
export function countRefused(): void {
  add(refused, 1);
}
