// SPDX-License-Identifier: Apache-2.0
/**
 * The labels of the request that a connection's readers have just reached: destination, pool, country, extra.
 * Each is bounded by what its vendor has room for. Does not begin the exchange.
 */
import { CONTRADICTIONS } from "./core/families.ts";
import { Connection, H2, SOCKS4, SOCKS5 } from "./core/connection-state.ts";
import { Token } from "./core/credentials.ts";
import { foldedFrom } from "./core/fold.ts";
import { Name, nameBytes } from "./names.ts";
import { add, ensureSeries } from "./series.ts";
import { Stream } from "./streams.ts";
import { countryName, destinationName, extraName, poolName, VendorState } from "./vendors.ts";

function destinationOf(c: Connection): i32 {
  if (c.protocol === SOCKS4 || c.protocol === SOCKS5) return c.socks.destination;
  return c.request.destination;
}

function lengthOfDestination(c: Connection): i32 {
  if (c.protocol === SOCKS4 || c.protocol === SOCKS5) return c.socks.destinationLength;
  return c.protocol === H2 ? 0 : c.request.destinationLength;
}

export function poolOf(vendor: VendorState, c: Connection): usize {
  const pool: Token = c.request.pool;
  return poolName(vendor, pool.data, pool.length);
}

/** Name entry of the country, 0 where the username has none. */
export function countryOf(vendor: VendorState, c: Connection): usize {
  return countryName(vendor, c.request.country.data, c.request.country.length);
}

/** The extra label: a header of the request, else a label of the pod. */
export function extraOf(stream: Stream, vendor: VendorState): usize {
  const header: Token = stream.connection.request.extra;
  if (header.length > 0) return extraName(vendor, header.data, header.length);
  return extraName(vendor, stream.plugin.extra, stream.plugin.extraLength);
}

/** Name entry of the destination, folded to its domain where the configuration says so. */
export function destinationFor(stream: Stream, vendor: VendorState): usize {
  const c: Connection = stream.connection;
  const address: i32 = destinationOf(c);
  const length: i32 = lengthOfDestination(c);
  const from: i32 = stream.plugin.config.foldDomains === 1 ? foldedFrom(address, length) : 0;
  return destinationName(vendor, address + from, length - from);
}

/** A header in the request's head that names another vendor than the gateway that was used. */
export function noteContradiction(vendor: VendorState, named: Token): void {
  if (named.length === 0) return;
  const name: Name = changetype<Name>(vendor.name);
  const same: bool = name.length === named.length && memory.compare(nameBytes(name), named.data, named.length) === 0;
  if (!same) add(ensureSeries(CONTRADICTIONS, 0, vendor.name, 0, 0, 0), 1);
}
