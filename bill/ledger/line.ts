// SPDX-License-Identifier: Apache-2.0
/**
 * The normal form of one ledger line: what one connection did for one destination in one way.
 * The names are those of the metrics' labels, in camel case; direction is the crawler's view. Reading is in read.ts.
 */

/**
 * One part of a connection; where a connection served several destinations, or ended requests in several ways, it has
 * one line for each. Adding up `sentBytes`, `receivedBytes` and `requests` over the settled lines (settle.ts) gives the
 * connection's whole.
 */
export interface LedgerLine {
  /** The connection (where Envoy itself speaks HTTP: the request), unique across pods and restarts. */
  connection: string;
  /** Place of this part in its connection, from 0. */
  part: number;
  /** True for the state of a connection that was still open; false for how it ended. */
  isInterim: boolean;
  /**
   * Milliseconds since the connection began. An interim line says everything up to then, so all parts of a connection with
   * the largest sequence replace those with a smaller one.
   */
  sequence: number;
  /** ISO 8601 in UTC with milliseconds: when the first request of this part began. */
  start: string;
  /** The same: when the connection ended, or was looked at (isInterim). */
  end: string;
  /** Values as in the labels of that name; `none`, `unknown` and `other` as there. */
  vendor: string;
  pool: string;
  /** From the proxy username; empty where it carries none. */
  country: string;
  extra: string;
  /** Where the crawler runs; empty where the sidecar does not know. */
  pod: string;
  namespace: string;
  workload: string;
  node: string;
  protocol: string;
  protocolVersion: string;
  /** Method where it is visible and among those that HTTP names; else empty. */
  method: string;
  /** The destination as its label has it, without its port. */
  destinationHost: string;
  /** 0 where it is not known. */
  destinationPort: number;
  /** Address and port of the vendor's gateway that was connected to; empty where there was none. */
  gateway: string;
  /** Status that the gateway or the site answered with; 0 where none came or none is visible. */
  status: number;
  /** How it ended; `unknown` while it goes on unanswered. */
  outcome: string;
  /**
   * The outcome under which `proxymeter_requests_total` has these requests: that of the answer. Differs from `outcome` where
   * a tunnel opened well and was cut later.
   */
  requestOutcome: string;
  /** Proxy requests in this part, as `proxymeter_requests_total` counts them. */
  requests: number;
  /** Milliseconds, added up over the requests of this part: divide by `requests` for a mean. 0 where not taken. */
  handshakeMs: number;
  firstByteMs: number;
  totalMs: number;
  /** Bytes of the TCP payload, integers, this part's share of the connection; everything below included. */
  sentBytes: number;
  receivedBytes: number;
  /** Subset: CONNECT or SOCKS handshake with the vendor. */
  proxyHandshakeSentBytes: number;
  proxyHandshakeReceivedBytes: number;
  /** Subset: the TLS handshake inside the tunnel. */
  tlsHandshakeSentBytes: number;
  tlsHandshakeReceivedBytes: number;
}
