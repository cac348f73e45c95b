// SPDX-License-Identifier: Apache-2.0
/**
 * Whose traffic a TCP connection is, asked once at its first data, when Envoy has chosen the upstream.
 * First match wins: the upstream cluster's host, the upstream's address, the original destination, the pod's label.
 * What stays inside the mesh or in excluded networks is not metered. Reads no traffic.
 */
import { answer, answerLength, readProperty } from "./as-proxy-wasm/host.ts";
import { equalsText, indexOfByte, parseDecimal, startsWithText, writeText } from "./core/bytes.ts";
import { Config, VENDOR_ID, VENDOR_PATTERN } from "./core/config.ts";
import {
  EXCLUDED as EXCLUDED_NETWORK,
  KIND_HOST,
  KIND_SERVER_NAME,
  NO_VENDOR,
  vendorOfAddress,
  vendorOfName,
} from "./core/gateways.ts";
import { ADDRESS_SIZE, parseEndpoint } from "./core/ip-address.ts";
import { countRefused } from "./self.ts";
import { bindReaders, Stream } from "./streams.ts";
import { unknownName, vendorState } from "./vendors.ts";

/** The connection stays inside the mesh, or in a network that is not metered. */
export const EXCLUDED: i32 = EXCLUDED_NETWORK;

const PIPE: i32 = 0x7c;

const clusterPath: usize = memory.data(24);
const upstreamPath: usize = memory.data(24);
const destinationPath: usize = memory.data(24);
let clusterPathLength: i32 = 0;
let upstreamPathLength: i32 = 0;
let destinationPathLength: i32 = 0;

const address: i32 = <i32>memory.data(ADDRESS_SIZE);

function twoParts(path: usize, first: string, second: string): i32 {
  const n: i32 = writeText(<i32>path, first);
  store<u8>(path + n, 0);
  return n + 1 + writeText(<i32>path + n + 1, second);
}

function writePaths(): void {
  if (clusterPathLength > 0) return;
  clusterPathLength = twoParts(clusterPath, "xds", "cluster_name");
  upstreamPathLength = twoParts(upstreamPath, "upstream", "address");
  destinationPathLength = twoParts(destinationPath, "destination", "address");
}

/** Decides who pays for the connection and prepares its readers. */
export function attribute(stream: Stream): void {
  stream.attributed = 1;
  const config: Config = stream.plugin.config;
  const vendor: i32 = gatewayVendor(config);
  stream.unmetered = 1;
  if (vendor === EXCLUDED) return;
  if (!bindReaders(stream, config.names)) {
    countRefused();
    return;
  }
  stream.unmetered = 0;
  setVendor(stream, vendor !== NO_VENDOR ? vendor : stream.plugin.labelVendor);
}

/** Sets the vendor by its index in the configuration; any other number is the unknown one. */
export function setVendor(stream: Stream, vendor: i32): void {
  const config: Config = stream.plugin.config;
  if (vendor < 0 || vendor >= config.vendorCount) {
    stream.vendor = vendorState(unknownName());
    return;
  }
  const entry: usize = load<i32>(config.vendors + 4 * vendor);
  stream.vendor = vendorState(vendorId(config, vendor));
  stream.connection.request.pattern = load<i32>(entry, VENDOR_PATTERN);
  stream.connection.socks.pattern = load<i32>(entry, VENDOR_PATTERN);
}

/** Vendor of a bare TLS connection by its server name; NO_VENDOR when no gateway has it. */
export function vendorOfServerName(config: Config, name: i32, length: i32): i32 {
  return length === 0 ? NO_VENDOR : vendorOfName(config.gateways, KIND_SERVER_NAME, name, length, 0);
}

/** Interned name of a vendor by its index in the configuration. */
export function vendorId(config: Config, vendor: i32): usize {
  return load<i32>(load<i32>(config.vendors + 4 * vendor), VENDOR_ID);
}

/** Vendor of the upstream that Envoy has chosen: its index, NO_VENDOR, or EXCLUDED for what is not metered. */
export function gatewayVendor(config: Config): i32 {
  writePaths();
  if (!readProperty(clusterPath, clusterPathLength) || answerLength === 0) return EXCLUDED;
  const byCluster: i32 = vendorOfCluster(config, <i32>answer, answerLength);
  if (byCluster !== NO_VENDOR) return byCluster;
  const upstream: i32 = readProperty(upstreamPath, upstreamPathLength) ? vendorOfEndpoint(config) : NO_VENDOR;
  if (upstream !== NO_VENDOR) return upstream;
  return readProperty(destinationPath, destinationPathLength) ? vendorOfEndpoint(config) : NO_VENDOR;
}

function vendorOfEndpoint(config: Config): i32 {
  const port: i32 = parseEndpoint(address, <i32>answer, answerLength);
  return port < 0 ? NO_VENDOR : vendorOfAddress(config.gateways, address, port);
}

/** `outbound|8080||gw.acme.example`: direction, port, subset, host. */
function vendorOfCluster(config: Config, name: i32, length: i32): i32 {
  if (!startsWithText(name, length, "outbound|"))
    return startsWithText(name, length, "inbound|") ? EXCLUDED : NO_VENDOR;
  const portEnd: i32 = indexOfByte(name, length, PIPE, 9);
  const subsetEnd: i32 = portEnd < 0 ? -1 : indexOfByte(name, length, PIPE, portEnd + 1);
  if (subsetEnd < 0) return NO_VENDOR;
  const host: i32 = name + subsetEnd + 1;
  const hostLength: i32 = length - subsetEnd - 1;
  const port: f64 = parseDecimal(name + 9, portEnd - 9);
  const vendor: i32 = vendorOfName(config.gateways, KIND_HOST, host, hostLength, port < 0 ? 0 : i32(port));
  if (vendor !== NO_VENDOR) return vendor;
  return isMeshHost(host, hostLength) ? EXCLUDED : NO_VENDOR;
}

/** Services of the cluster itself. */
function isMeshHost(host: i32, length: i32): bool {
  const suffix: i32 = 18;
  return length > suffix && equalsText(host + length - suffix, suffix, ".svc.cluster.local");
}
