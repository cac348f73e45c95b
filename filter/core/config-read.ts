// SPDX-License-Identifier: Apache-2.0
/**
 * Reads the members of the plugin's configuration into a `Config`.
 * The text stays where it is: names point into it. What a member means is said in `config.ts`.
 */
import { allocate, Block } from "./block.ts";
import { equalsText, writeText } from "./bytes.ts";
import {
  Config,
  DETAIL_COUNTERS,
  DETAIL_FULL,
  LABEL_KEYS,
  MOST_VENDORS,
  setDefaults,
  Text,
  VENDOR_SIZE,
} from "./config.ts";
import { enterArray, enterObject, readBounded, readFlag, reject, stringValue } from "./config-values.ts";
import { readExclude, readVendors } from "./config-vendors.ts";
import { PATTERN_SIZE } from "./credentials.ts";
import { gatewaysSpace, startGateways } from "./gateways.ts";
import { atEnd, enter, isObject, Json, nextElement, nextMember, skipValue, startJson } from "./json.ts";

const TEXT_SIZE: i32 = 8;

/** What holds where the configuration says nothing of it: header names, pod labels, networks that stay unmetered. */
const DEFAULTS: string =
  '{"headers":{"vendor":"x-proxy-vendor","pool":"x-proxy-pool"},"label_keys":["proxymeter.io/vendor","proxy-vendor"],"exclude":["10.0.0.0/8","172.16.0.0/12","192.168.0.0/16","100.64.0.0/10","127.0.0.0/8","169.254.0.0/16","::1/128","fc00::/7","fe80::/10"]}';
const DEFAULTS_ENTRIES: i32 = 24;
const DEFAULTS_SIZE: i32 = 320;

/** Bytes of a block that surely holds the tables of this text. */
export function configSpace(text: i32, length: i32): i32 {
  const entries: i32 = countEntries(text, length) + DEFAULTS_ENTRIES;
  const vendors: i32 = entries < MOST_VENDORS ? entries : MOST_VENDORS;
  const fixed: i32 = 256 + DEFAULTS_SIZE + MOST_VENDORS * 4 + LABEL_KEYS * TEXT_SIZE;
  return fixed + gatewaysSpace(entries) + vendors * (VENDOR_SIZE + PATTERN_SIZE + 16);
}

/** At least the number of objects and of strings in arrays, seen without parsing. */
function countEntries(text: i32, length: i32): i32 {
  let count: i32 = 0;
  let previous: i32 = 0;
  for (let i: i32 = 0; i < length; i++) {
    const byte: i32 = i32.load8_u(text + i);
    if (byte <= 0x20) continue;
    if (byte === 0x7b || (byte === 0x22 && (previous === 0x5b || previous === 0x2c))) count++;
    previous = byte;
  }
  return count;
}

/**
 * Reads the configuration. Nothing is left undefined, whatever the text says.
 *
 * @param block  at least `configSpace(text, length)` bytes
 */
export function readConfig(config: Config, json: Json, block: Block, text: i32, length: i32): void {
  setDefaults(config);
  config.vendors = allocate(block, MOST_VENDORS * 4);
  config.labelKeys = allocate(block, LABEL_KEYS * TEXT_SIZE);
  if (!startGateways(config.gateways, block, countEntries(text, length) + DEFAULTS_ENTRIES)) return;
  startJson(json, text, length);
  if (isObject(json)) {
    enter(json);
    while (nextMember(json)) readMember(config, json, block);
    if (json.failed === 0 && atEnd(json) && block.exhausted === 0) config.usable = 1;
  }
  readDefaults(config, json, block);
}

/** Reads from the defaults what the configuration did not say. */
function readDefaults(config: Config, json: Json, block: Block): void {
  const text: i32 = allocate(block, DEFAULTS_SIZE);
  if (text === 0) return;
  startJson(json, text, writeText(text, DEFAULTS));
  enter(json);
  while (nextMember(json)) {
    const labels: bool = equalsText(json.text, json.length, "label_keys") && config.labelKeysSaid === 0;
    const exclude: bool = equalsText(json.text, json.length, "exclude") && config.excludeSaid === 0;
    if (equalsText(json.text, json.length, "headers")) readDefaultHeaders(config, json);
    else if (labels || exclude) readMember(config, json, block);
    else skipValue(json);
  }
}

function readDefaultHeaders(config: Config, json: Json): void {
  enter(json);
  while (nextMember(json)) {
    const vendor: bool = equalsText(json.text, json.length, "vendor");
    if (!stringValue(config, json)) continue;
    if (vendor && config.names.vendorLength === 0) {
      config.names.vendor = json.text;
      config.names.vendorLength = json.length;
    } else if (!vendor && config.names.poolLength === 0) {
      config.names.pool = json.text;
      config.names.poolLength = json.length;
    }
  }
}

function readMember(config: Config, json: Json, block: Block): void {
  const key: i32 = json.text;
  const length: i32 = json.length;
  if (equalsText(key, length, "vendors")) readVendors(config, json, block);
  else if (equalsText(key, length, "exclude")) readExclude(config, json);
  else if (equalsText(key, length, "label_keys")) readLabelKeys(config, json);
  else if (equalsText(key, length, "headers")) readHeaders(config, json);
  else if (equalsText(key, length, "extra")) readExtra(config, json);
  else if (equalsText(key, length, "limits")) readLimits(config, json);
  else if (equalsText(key, length, "fold")) config.foldDomains = readFold(config, json);
  else if (equalsText(key, length, "tick_milliseconds"))
    config.tickMilliseconds = readBounded(config, json, 1000, 100, 60000);
  else if (equalsText(key, length, "detail")) config.detail = readDetail(config, json);
  else if (equalsText(key, length, "filter_state")) config.filterState = readFlag(config, json, 0);
  else if (equalsText(key, length, "ledger")) config.ledger = readFlag(config, json, 0);
  else if (equalsText(key, length, "release")) readText(config, json, config.release);
  else if (equalsText(key, length, "digest")) readText(config, json, config.digest);
  else if (equalsText(key, length, "config_hash")) readText(config, json, config.configHash);
  else reject(config, json);
}

function readText(config: Config, json: Json, text: Text): void {
  if (!stringValue(config, json)) return;
  text.data = json.text;
  text.length = json.length < 128 ? json.length : 128;
}

function readFold(config: Config, json: Json): i32 {
  if (!stringValue(config, json)) return 0;
  if (equalsText(json.text, json.length, "domain")) return 1;
  if (!equalsText(json.text, json.length, "none")) config.errors++;
  return 0;
}

function readDetail(config: Config, json: Json): i32 {
  if (!stringValue(config, json)) return DETAIL_FULL;
  if (equalsText(json.text, json.length, "counters")) return DETAIL_COUNTERS;
  if (!equalsText(json.text, json.length, "full")) config.errors++;
  return DETAIL_FULL;
}

function readLimits(config: Config, json: Json): void {
  if (!enterObject(config, json)) return;
  while (nextMember(json)) {
    const key: i32 = json.text;
    const length: i32 = json.length;
    if (equalsText(key, length, "series")) config.seriesLimit = readBounded(config, json, 600, 1, 20000);
    else if (equalsText(key, length, "destinations")) config.destinationLimit = readBounded(config, json, 25, 0, 5000);
    else if (equalsText(key, length, "pools")) config.poolLimit = readBounded(config, json, 10, 0, 1000);
    else if (equalsText(key, length, "reserve")) config.reserve = readBounded(config, json, 4, 0, 1000);
    else reject(config, json);
  }
}

function readHeaders(config: Config, json: Json): void {
  if (!enterObject(config, json)) return;
  while (nextMember(json)) {
    const key: i32 = json.text;
    const length: i32 = json.length;
    if (equalsText(key, length, "remove")) {
      config.removeHeaders = readFlag(config, json, 1);
    } else if (equalsText(key, length, "vendor")) {
      if (stringValue(config, json)) {
        config.names.vendor = json.text;
        config.names.vendorLength = json.length;
      }
    } else if (equalsText(key, length, "pool")) {
      if (stringValue(config, json)) {
        config.names.pool = json.text;
        config.names.poolLength = json.length;
      }
    } else {
      reject(config, json);
    }
  }
}

function readExtra(config: Config, json: Json): void {
  if (!enterObject(config, json)) return;
  while (nextMember(json)) {
    const key: i32 = json.text;
    const length: i32 = json.length;
    if (equalsText(key, length, "header")) {
      if (stringValue(config, json)) {
        config.names.extra = json.text;
        config.names.extraLength = json.length;
      }
    } else if (equalsText(key, length, "pod_label")) {
      readText(config, json, config.extraLabel);
    } else {
      reject(config, json);
    }
  }
}

function readLabelKeys(config: Config, json: Json): void {
  if (!enterArray(config, json)) return;
  config.labelKeysSaid = 1;
  while (nextElement(json)) {
    if (!stringValue(config, json)) continue;
    if (config.labelKeyCount >= LABEL_KEYS) {
      config.errors++;
      continue;
    }
    const text: i32 = config.labelKeys + config.labelKeyCount * TEXT_SIZE;
    i32.store(text, json.text);
    i32.store(text, json.length, 4);
    config.labelKeyCount++;
  }
}
