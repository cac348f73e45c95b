// SPDX-License-Identifier: Apache-2.0
/**
 * The filter's look-up of a gateway's vendor, as the filter's core has it, over many addresses in one call.
 * Configuration and addresses are laid down by the caller; addresses are texts of STRIDE bytes, ended by NUL.
 */
import { Block, startBlock } from "../../../filter/core/block.ts";
import { Config, Text } from "../../../filter/core/config.ts";
import { configSpace, readConfig } from "../../../filter/core/config-read.ts";
import { Gateways, vendorOfAddress } from "../../../filter/core/gateways.ts";
import { HeaderNames } from "../../../filter/core/http-request.ts";
import { ADDRESS_SIZE, parseEndpoint } from "../../../filter/core/ip-address.ts";
import { Json } from "../../../filter/core/json.ts";

const STRIDE: i32 = 24;
const address: i32 = i32(memory.data(ADDRESS_SIZE));
let config: Config = new Config();
let top: i32 = 0;

/** Memory for so many bytes; never given back. */
export function room(size: i32): i32 {
  if (top === 0) top = (i32(__heap_base) + 1048576) & -8;
  const at: i32 = top;
  top += (size + 7) & -8;
  const missing: i32 = top - (memory.size() << 16);
  if (missing > 0) memory.grow((missing + 65535) >> 16);
  return at;
}

/** Reads a configuration; returns how many vendors it has, 0 when it can't be used. */
export function configure(text: i32, length: i32): i32 {
  config = new Config();
  config.names = new HeaderNames();
  config.gateways = new Gateways();
  config.release = new Text();
  config.digest = new Text();
  config.configHash = new Text();
  config.extraLabel = new Text();
  const block: Block = new Block();
  const space: i32 = configSpace(text, length);
  startBlock(block, room(space), space);
  readConfig(config, new Json(), block, text, length);
  return config.usable === 1 ? config.vendorCount : 0;
}

/** How many of the addresses belong to a vendor. */
export function lookUp(texts: i32, count: i32): i32 {
  let found: i32 = 0;
  for (let i: i32 = 0; i < count; i++) {
    const text: i32 = texts + i * STRIDE;
    const port: i32 = parseEndpoint(address, text, lengthOf(text));
    if (port >= 0 && vendorOfAddress(config.gateways, address, port) >= 0) found++;
  }
  return found;
}

/** The same without the tables: what reading the addresses takes. */
export function read(texts: i32, count: i32): i32 {
  let found: i32 = 0;
  for (let i: i32 = 0; i < count; i++) {
    const text: i32 = texts + i * STRIDE;
    if (parseEndpoint(address, text, lengthOf(text)) >= 0) found++;
  }
  return found;
}

function lengthOf(text: i32): i32 {
  let length: i32 = 0;
  while (length < STRIDE && i32.load8_u(text + length) !== 0) length++;
  return length;
}
