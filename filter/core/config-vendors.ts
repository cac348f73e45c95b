// SPDX-License-Identifier: Apache-2.0
/**
 * The vendors of the plugin's configuration with their gateways and usernames, and the networks that are not metered.
 * The text stays where it is: names point into it. Look-ups are in `gateways.ts`.
 */
import { writeHost } from "./authority.ts";
import { allocate, Block } from "./block.ts";
import { equalsText } from "./bytes.ts";
import {
  Config,
  MOST_VENDORS,
  NAME_CAPACITY,
  VENDOR_NAME,
  VENDOR_NAME_LENGTH,
  VENDOR_PATTERN,
  VENDOR_SIZE,
} from "./config.ts";
import { enterArray, enterObject, readBounded, reject, stringValue } from "./config-values.ts";
import { PATTERN_COUNTRY, PATTERN_POOL, PATTERN_SEPARATOR, PATTERN_SIZE } from "./credentials.ts";
import { addGateway, EXCLUDED, KIND_ADDRESS, KIND_EXCLUDED, KIND_HOST, KIND_SERVER_NAME } from "./gateways.ts";
import { ADDRESS_SIZE, parsePrefix } from "./ip-address.ts";
import { enter, isObject, Json, nextElement, nextMember } from "./json.ts";

const address: i32 = i32(memory.data(ADDRESS_SIZE));

export function readExclude(config: Config, json: Json): void {
  if (!enterArray(config, json)) return;
  config.excludeSaid = 1;
  while (nextElement(json)) {
    if (stringValue(config, json)) addPrefix(config, KIND_EXCLUDED, json.text, json.length, 0, EXCLUDED);
  }
}

export function readVendors(config: Config, json: Json, block: Block): void {
  if (!enterArray(config, json)) return;
  while (nextElement(json)) {
    const vendor: i32 = config.vendorCount < MOST_VENDORS ? allocate(block, VENDOR_SIZE) : 0;
    if (vendor === 0 || !isObject(json)) {
      reject(config, json);
      continue;
    }
    i32.store(config.vendors + 4 * config.vendorCount, vendor);
    config.vendorCount++;
    enter(json);
    const before: i32 = config.errors;
    while (nextMember(json)) readVendorMember(config, json, block, vendor);
    if (i32.load(vendor, VENDOR_NAME_LENGTH) === 0 && config.errors === before) config.errors++;
  }
}

function readVendorMember(config: Config, json: Json, block: Block, vendor: i32): void {
  const key: i32 = json.text;
  const length: i32 = json.length;
  if (equalsText(key, length, "name")) {
    if (!stringValue(config, json)) return;
    const n: i32 = json.length < NAME_CAPACITY ? json.length : NAME_CAPACITY;
    i32.store(vendor, json.text, VENDOR_NAME);
    i32.store(vendor, writeHost(json.text, json.text, n), VENDOR_NAME_LENGTH);
  } else if (equalsText(key, length, "gateways")) {
    if (!enterArray(config, json)) return;
    while (nextElement(json)) readGateway(config, json);
  } else if (equalsText(key, length, "username")) {
    readPattern(config, json, block, vendor);
  } else {
    reject(config, json);
  }
}

/** A gateway belongs to the vendor that was begun last. */
function readGateway(config: Config, json: Json): void {
  if (!enterObject(config, json)) return;
  let kind: i32 = 0;
  let text: i32 = 0;
  let textLength: i32 = 0;
  let port: i32 = 0;
  while (nextMember(json)) {
    const named: i32 = gatewayKind(json.text, json.length);
    if (named !== 0) {
      if (!stringValue(config, json)) continue;
      kind = named;
      text = json.text;
      textLength = json.length;
    } else if (equalsText(json.text, json.length, "port")) {
      port = readBounded(config, json, 0, 1, 65535);
    } else {
      reject(config, json);
    }
  }
  const vendor: i32 = config.vendorCount - 1;
  if (kind === KIND_ADDRESS) addPrefix(config, KIND_ADDRESS, text, textLength, port, vendor);
  else if (kind === 0 || !addGateway(config.gateways, kind, text, textLength, port, vendor)) config.errors++;
}

function gatewayKind(key: i32, length: i32): i32 {
  if (equalsText(key, length, "host")) return KIND_HOST;
  if (equalsText(key, length, "sni")) return KIND_SERVER_NAME;
  return equalsText(key, length, "address") || equalsText(key, length, "cidr") ? KIND_ADDRESS : 0;
}

function addPrefix(config: Config, kind: i32, text: i32, length: i32, port: i32, vendor: i32): void {
  const bits: i32 = parsePrefix(address, text, length);
  if (bits < 0 || !addGateway(config.gateways, kind + bits, address, ADDRESS_SIZE, port, vendor)) config.errors++;
}

function readPattern(config: Config, json: Json, block: Block, vendor: i32): void {
  const pattern: i32 = allocate(block, PATTERN_SIZE);
  if (pattern === 0 || !enterObject(config, json)) return;
  i32.store(vendor, pattern, VENDOR_PATTERN);
  i32.store(pattern, 0x2d, PATTERN_SEPARATOR);
  while (nextMember(json)) {
    const key: i32 = json.text;
    const length: i32 = json.length;
    if (equalsText(key, length, "separator")) {
      if (stringValue(config, json)) i32.store(pattern, i32.load8_u(json.text), PATTERN_SEPARATOR);
    } else if (equalsText(key, length, "pool")) {
      readPatternKey(config, json, pattern + PATTERN_POOL);
    } else if (equalsText(key, length, "country")) {
      readPatternKey(config, json, pattern + PATTERN_COUNTRY);
    } else {
      reject(config, json);
    }
  }
}

function readPatternKey(config: Config, json: Json, into: i32): void {
  if (!stringValue(config, json)) return;
  i32.store(into, json.text);
  i32.store(into, json.length, 4);
}
