// SPDX-License-Identifier: Apache-2.0
/**
 * Publishes what was found out about a stream as filter state (`wasm.<name>` in Envoy), for Telemetry tags and access
 * logs. Only where the configuration asks for it. Never publishes a username.
 */
import { writeProperty } from "./as-proxy-wasm/host.ts";
import { writeText } from "./core/bytes.ts";
import * as contract from "./core/contract.ts";
import { outcomeName } from "./core/outcome.ts";
import { Exchange } from "./exchange.ts";
import { Name, nameBytes } from "./names.ts";

const path: usize = memory.data(32);
const value: usize = memory.data(32);

/** Vendor, pool and destination of the exchange that has just begun. */
export function publishExchange(exchange: Exchange): void {
  publishName(contract.STATE_VENDOR, exchange.vendor.name);
  publishName(contract.STATE_POOL, exchange.pool);
  publishName(contract.STATE_DESTINATION, exchange.destination);
}

/** How the exchange ended, or what its gateway answered. */
export function publishOutcome(exchange: Exchange): void {
  writeProperty(
    path,
    writeText(<i32>path, contract.STATE_OUTCOME),
    value,
    writeText(<i32>value, outcomeName(exchange.outcome)),
  );
}

function publishName(state: string, entry: usize): void {
  const name: Name = changetype<Name>(entry);
  writeProperty(path, writeText(<i32>path, state), nameBytes(name), name.length);
}
