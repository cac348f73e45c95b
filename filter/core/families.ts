// SPDX-License-Identifier: Apache-2.0
/**
 * The catalogue of metrics: for every family its name, its type and which labels it carries, as rows of one table.
 * Adding a metric adds a number and a row here, and a name in `contract.ts`. Values of labels come from elsewhere.
 */
import * as contract from "./contract.ts";

export const VENDOR_REQUESTS: i32 = 0;
export const VENDOR_SENT: i32 = 1;
export const VENDOR_RECEIVED: i32 = 2;
export const COUNTRY_SENT: i32 = 3;
export const COUNTRY_RECEIVED: i32 = 4;
export const REQUESTS: i32 = 5;
export const SENT: i32 = 6;
export const RECEIVED: i32 = 7;
export const FAILED_SENT: i32 = 8;
export const FAILED_RECEIVED: i32 = 9;
export const OVERHEAD_SENT: i32 = 10;
export const OVERHEAD_RECEIVED: i32 = 11;
export const CONNECTIONS: i32 = 12;
export const ACTIVE_CONNECTIONS: i32 = 13;
export const HANDSHAKE: i32 = 14;
export const FIRST_BYTE: i32 = 15;
export const DURATION: i32 = 16;
export const DESTINATION_FIRST_BYTE_SUM: i32 = 17;
export const DESTINATION_FIRST_BYTE_COUNT: i32 = 18;
export const TUNNEL_TURNS: i32 = 19;
export const UNATTRIBUTED: i32 = 20;
export const CONTRADICTIONS: i32 = 21;
export const SELF_HEARTBEAT: i32 = 22;
export const SELF_SERIES: i32 = 23;
export const SELF_CONFIG_ERRORS: i32 = 24;
export const SELF_MEMORY: i32 = 25;
export const SELF_OVERFLOW: i32 = 26;
export const SELF_REFUSED: i32 = 27;
export const FAMILIES: i32 = 28;

export const COUNTER: i32 = 0;
export const GAUGE: i32 = 1;
export const HISTOGRAM: i32 = 2;

/** Bits of `familyLabels`, in the order in which labels stand in a stat's name. */
export const HAS_VENDOR: i32 = 1;
export const HAS_POOL: i32 = 2;
export const HAS_COUNTRY: i32 = 4;
export const HAS_DESTINATION: i32 = 8;
export const HAS_PROTOCOL: i32 = 16;
export const HAS_VERSION: i32 = 32;
export const HAS_CODE: i32 = 64;
export const HAS_OUTCOME: i32 = 128;
export const HAS_KIND: i32 = 256;
export const HAS_RESULT: i32 = 512;
export const HAS_REASON: i32 = 1024;
/** Only where the configuration names such a label. */
export const HAS_EXTRA: i32 = 2048;

/** Name of a family's metric. */
export function familyName(family: i32): string {
  switch (family) {
    case VENDOR_REQUESTS:
      return contract.VENDOR_REQUESTS;
    case VENDOR_SENT:
      return contract.VENDOR_SENT_BYTES;
    case VENDOR_RECEIVED:
      return contract.VENDOR_RECEIVED_BYTES;
    case COUNTRY_SENT:
      return contract.COUNTRY_SENT_BYTES;
    case COUNTRY_RECEIVED:
      return contract.COUNTRY_RECEIVED_BYTES;
    case REQUESTS:
      return contract.REQUESTS;
    case SENT:
      return contract.SENT_BYTES;
    case RECEIVED:
      return contract.RECEIVED_BYTES;
    case FAILED_SENT:
      return contract.FAILED_SENT_BYTES;
    case FAILED_RECEIVED:
      return contract.FAILED_RECEIVED_BYTES;
    case OVERHEAD_SENT:
      return contract.OVERHEAD_SENT_BYTES;
    case OVERHEAD_RECEIVED:
      return contract.OVERHEAD_RECEIVED_BYTES;
    case CONNECTIONS:
      return contract.CONNECTIONS;
    case ACTIVE_CONNECTIONS:
      return contract.ACTIVE_CONNECTIONS;
    case HANDSHAKE:
      return contract.HANDSHAKE_MILLISECONDS;
    case FIRST_BYTE:
      return contract.FIRST_BYTE_MILLISECONDS;
    case DURATION:
      return contract.DURATION_MILLISECONDS;
    case DESTINATION_FIRST_BYTE_SUM:
      return contract.DESTINATION_FIRST_BYTE_SUM;
    case DESTINATION_FIRST_BYTE_COUNT:
      return contract.DESTINATION_FIRST_BYTE_COUNT;
    case TUNNEL_TURNS:
      return contract.TUNNEL_TURNS;
    case UNATTRIBUTED:
      return contract.UNATTRIBUTED_BYTES;
    case CONTRADICTIONS:
      return contract.CONTRADICTIONS;
    default:
      return selfName(family);
  }
}

function selfName(family: i32): string {
  switch (family) {
    case SELF_HEARTBEAT:
      return contract.HEARTBEAT_SECONDS;
    case SELF_SERIES:
      return contract.SERIES;
    case SELF_CONFIG_ERRORS:
      return contract.CONFIG_ERRORS;
    case SELF_MEMORY:
      return contract.MEMORY_BYTES;
    case SELF_OVERFLOW:
      return contract.DESTINATIONS_OVERFLOW;
    default:
      return contract.REFUSED_STREAMS;
  }
}

/** COUNTER, GAUGE or HISTOGRAM. */
export function familyType(family: i32): i32 {
  if (family >= HANDSHAKE && family <= DURATION) return HISTOGRAM;
  if (family === ACTIVE_CONNECTIONS) return GAUGE;
  return family >= SELF_SERIES && family <= SELF_MEMORY ? GAUGE : COUNTER;
}

/** HAS_* bits of the labels that a family carries. */
export function familyLabels(family: i32): i32 {
  switch (family) {
    case VENDOR_REQUESTS:
    case VENDOR_SENT:
    case VENDOR_RECEIVED:
    case CONTRADICTIONS:
      return HAS_VENDOR;
    case COUNTRY_SENT:
    case COUNTRY_RECEIVED:
      return HAS_VENDOR | HAS_COUNTRY;
    case REQUESTS:
      return HAS_VENDOR | HAS_POOL | HAS_DESTINATION | HAS_PROTOCOL | HAS_VERSION | HAS_CODE | HAS_OUTCOME | HAS_EXTRA;
    case SENT:
    case RECEIVED:
      return HAS_VENDOR | HAS_POOL | HAS_DESTINATION | HAS_PROTOCOL | HAS_EXTRA;
    case FAILED_SENT:
    case FAILED_RECEIVED:
      return HAS_VENDOR | HAS_OUTCOME;
    case OVERHEAD_SENT:
    case OVERHEAD_RECEIVED:
      return HAS_VENDOR | HAS_KIND;
    case CONNECTIONS:
    case ACTIVE_CONNECTIONS:
      return HAS_VENDOR | HAS_PROTOCOL;
    case HANDSHAKE:
    case FIRST_BYTE:
    case DURATION:
      return HAS_VENDOR | HAS_RESULT;
    case DESTINATION_FIRST_BYTE_SUM:
    case DESTINATION_FIRST_BYTE_COUNT:
    case TUNNEL_TURNS:
      return HAS_VENDOR | HAS_DESTINATION;
    case UNATTRIBUTED:
      return HAS_REASON;
    default:
      return 0;
  }
}

/** Value of `protocol`; the numbers are those of `connection.ts`. */
export function protocolName(protocol: i32): string {
  switch (protocol) {
    case 1:
      return contract.PROTOCOL_HTTP;
    case 2:
      return contract.PROTOCOL_CONNECT;
    case 3:
      return contract.PROTOCOL_SOCKS4;
    case 4:
      return contract.PROTOCOL_SOCKS5;
    case 5:
      return contract.PROTOCOL_TLS;
    case 6:
      return contract.PROTOCOL_H2;
    default:
      return contract.PROTOCOL_TCP;
  }
}

/** Value of `protocol_version`: 10, 11 and 20 are HTTP's, 0 is none. */
export function versionName(version: i32): string {
  if (version === 10) return "1.0";
  if (version === 11) return "1.1";
  return version === 20 ? "2" : contract.VALUE_NONE;
}

export const KIND_PROXY_HANDSHAKE: i32 = 0;
export const KIND_TLS_HANDSHAKE: i32 = 1;

export function kindName(kind: i32): string {
  return kind === KIND_PROXY_HANDSHAKE ? contract.KIND_PROXY_HANDSHAKE : contract.KIND_TLS_HANDSHAKE;
}

export const REASON_OPAQUE_TLS: i32 = 0;
export const REASON_UNKNOWN_VENDOR: i32 = 1;
export const REASON_NO_DESTINATION: i32 = 2;

export function reasonName(reason: i32): string {
  if (reason === REASON_OPAQUE_TLS) return contract.REASON_OPAQUE_TLS;
  return reason === REASON_UNKNOWN_VENDOR ? contract.REASON_UNKNOWN_VENDOR : contract.REASON_NO_DESTINATION;
}
