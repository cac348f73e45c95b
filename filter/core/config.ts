// SPDX-License-Identifier: Apache-2.0
/**
 * The plugin's configuration as tables in linear memory, with its defaults and bounds.
 * Any text is accepted. A member that is unknown or of the wrong type is counted in `errors` and left out; text that is
 * not a JSON object makes the configuration inert. How text becomes this is in `config-read.ts`.
 */
import { Gateways } from "./gateways.ts";
import { HeaderNames } from "./http-request.ts";

/** Most vendors of a configuration. */
export const MOST_VENDORS: i32 = 256;
/** Longest configuration in bytes; a longer one is refused by its size. */
export const LONGEST_CONFIG: i32 = 1048576;
/** Longest vendor, key or header name. */
export const NAME_CAPACITY: i32 = 63;

/** What is taken of each request: everything, or its counters without times and HTTP version. */
export const DETAIL_FULL: i32 = 0;
export const DETAIL_COUNTERS: i32 = 1;

/** Text in the configuration's block. */
export class Text {
  data: i32 = 0;
  length: i32 = 0;
}

/** A vendor is VENDOR_SIZE bytes: address and length of its name, its username pattern (or 0), the caller's number for it. */
export const VENDOR_SIZE: i32 = 16;
export const VENDOR_NAME: i32 = 0;
export const VENDOR_NAME_LENGTH: i32 = 4;
export const VENDOR_PATTERN: i32 = 8;
export const VENDOR_ID: i32 = 12;

export class Config {
  /** 0 when the text could not be used at all. */
  usable: i32 = 0;
  /** Members left out because they are unknown or wrong. */
  errors: i32 = 0;
  vendorCount: i32 = 0;
  /** Address of MOST_VENDORS vendors' addresses. */
  vendors: i32 = 0;
  labelKeyCount: i32 = 0;
  /** 1 where the configuration has such a member, even an empty one. */
  labelKeysSaid: i32 = 0;
  excludeSaid: i32 = 0;
  removeHeaders: i32 = 1;
  filterState: i32 = 0;
  /** 1 to publish the ledger of each connection. */
  ledger: i32 = 0;
  /** DETAIL_FULL or DETAIL_COUNTERS. */
  detail: i32 = 0;
  foldDomains: i32 = 0;
  seriesLimit: i32 = 600;
  destinationLimit: i32 = 25;
  poolLimit: i32 = 10;
  reserve: i32 = 4;
  tickMilliseconds: i32 = 1000;
  names: HeaderNames = changetype<HeaderNames>(0);
  gateways: Gateways = changetype<Gateways>(0);
  /** Addresses of LABEL_KEYS texts of two words each: pod labels that name the vendor. */
  labelKeys: i32 = 0;
  release: Text = changetype<Text>(0);
  digest: Text = changetype<Text>(0);
  configHash: Text = changetype<Text>(0);
  extraLabel: Text = changetype<Text>(0);
}

/** Most pod labels that may name the vendor. */
export const LABEL_KEYS: i32 = 4;

/** Values of a configuration that says nothing. */
export function setDefaults(config: Config): void {
  config.usable = 0;
  config.errors = 0;
  config.vendorCount = 0;
  config.gateways.count = 0;
  config.gateways.capacity = 0;
  config.labelKeyCount = 0;
  config.labelKeysSaid = 0;
  config.excludeSaid = 0;
  config.names.vendorLength = 0;
  config.names.poolLength = 0;
  config.names.extraLength = 0;
  config.release.length = 0;
  config.digest.length = 0;
  config.configHash.length = 0;
  config.extraLabel.length = 0;
  config.removeHeaders = 1;
  config.filterState = 0;
  config.ledger = 0;
  config.detail = DETAIL_FULL;
  config.foldDomains = 0;
  config.seriesLimit = 600;
  config.destinationLimit = 25;
  config.poolLimit = 10;
  config.reserve = 4;
  config.tickMilliseconds = 1000;
}
