// SPDX-License-Identifier: Apache-2.0
/**
 * What a proxied TCP connection is doing, told from its raw bytes in any cut: which protocol, which request, which
 * answer, where the tunnel begins and where its TLS handshake ends.
 * Takes bytes up to the next event and says which it was; who pays for the bytes is decided by the caller.
 */
import { writeHost } from "./authority.ts";
import {
  CONNECT,
  Connection,
  EVENT_ESTABLISHED,
  EVENT_NONE,
  EVENT_REFUSED,
  EVENT_REPLY,
  EVENT_REPLY_END,
  EVENT_REQUEST,
  EVENT_TUNNEL,
  EVENT_UNREADABLE,
  EVERYTHING,
  H2,
  HTTP,
  MODE_HTTP,
  MODE_OPAQUE,
  MODE_SOCKS,
  MODE_TLS,
  MODE_TUNNEL,
  MODE_UNDECIDED,
  PHASE_DATA,
  PHASE_HANDSHAKE,
  PHASE_UNKNOWN,
  SOCKS4,
  SOCKS5,
  TCP,
  TLS,
} from "./connection-state.ts";
import { METHOD_CONNECT } from "./http-method.ts";
import {
  advanceRequest,
  REQUEST_H2,
  REQUEST_HEAD,
  REQUEST_INVALID,
  requestEnded,
  requestHasOpenBody,
  requestSkippable,
  requestTaken,
} from "./http-request.ts";
import { skip } from "./http-body.ts";
import {
  advanceResponse,
  RESPONSE_END,
  RESPONSE_HEAD,
  RESPONSE_INVALID,
  RESPONSE_TUNNEL,
  responseEnded,
  responseSkippable,
  responseTaken,
} from "./http-response.ts";
import {
  advanceSocksReply,
  advanceSocksRequest,
  SOCKS_INVALID,
  SOCKS_REFUSED,
  SOCKS_REPLY,
  SOCKS_REQUEST,
  socksTaken,
} from "./socks.ts";
import { advanceTls, resetTls, TLS_ESTABLISHED, TLS_HELLO, TLS_INVALID, TLS_MORE, tlsTaken } from "./tls.ts";

const FIRST_SOCKS4: i32 = 4;
const FIRST_SOCKS5: i32 = 5;
const FIRST_TLS: i32 = 22;

/** Whether sent bytes belong to the request that is already known, rather than to the next one. */
export function sentBelongs(c: Connection): bool {
  if (c.opening === 1 || c.mode === MODE_TUNNEL || c.mode === MODE_OPAQUE) return true;
  if (c.mode === MODE_TLS) return c.tls.helloReported === 1;
  return c.mode === MODE_HTTP && requestHasOpenBody(c.request);
}

/** Whether bytes of either direction are part of a TLS handshake inside the tunnel. */
export function inHandshake(c: Connection): bool {
  return c.phase === PHASE_HANDSHAKE;
}

/** Whether the connection has become a tunnel whose bytes need not be read any more. */
export function readingOver(c: Connection): bool {
  return (c.mode === MODE_TUNNEL && c.phase === PHASE_DATA) || c.mode === MODE_OPAQUE;
}

/** Sent bytes that can be passed over unread. */
export function sentSkippable(c: Connection): f64 {
  if (c.mode === MODE_OPAQUE) return EVERYTHING;
  if (c.opening === 1 || c.mode === MODE_TUNNEL || c.mode === MODE_TLS) return c.phase === PHASE_DATA ? EVERYTHING : 0;
  return c.mode === MODE_HTTP ? requestSkippable(c.request) : 0;
}

/** Passes over sent bytes. */
export function skipSent(c: Connection, n: f64): void {
  if (c.mode !== MODE_HTTP || c.opening === 1) return;
  skip(c.request.body, n);
  requestEnded(c.request);
}

/** Received bytes that can be passed over unread. */
export function receivedSkippable(c: Connection): f64 {
  if (c.mode === MODE_SOCKS) return 0;
  if (c.mode !== MODE_HTTP || c.answering < 0 || c.receivedUnreadable === 1) return EVERYTHING;
  return responseSkippable(c.response);
}

/** Passes over received bytes; sets EVENT_REPLY_END where they were the last of an answer. */
export function skipReceived(c: Connection, n: f64): void {
  c.event = EVENT_NONE;
  if (c.mode !== MODE_HTTP || c.answering < 0 || c.receivedUnreadable === 1) return;
  skip(c.response.body, n);
  if (responseEnded(c.response)) c.event = EVENT_REPLY_END;
}

/** Takes sent bytes up to the next event; returns how many (0 only together with an event). */
export function advanceSent(c: Connection, address: i32, length: i32): i32 {
  c.event = EVENT_NONE;
  if (c.mode === MODE_UNDECIDED) decideMode(c, i32.load8_u(address));
  if (c.opening === 1 || c.mode === MODE_TUNNEL) return advanceTunnel(c, address, length);
  if (c.mode === MODE_HTTP) return advanceHttp(c, address, length);
  if (c.mode === MODE_SOCKS) return advanceSocks(c, address, length);
  return c.mode === MODE_TLS ? advanceBareTls(c, address, length) : length;
}

function decideMode(c: Connection, first: i32): void {
  if (first === FIRST_SOCKS5 || first === FIRST_SOCKS4) {
    c.mode = MODE_SOCKS;
    c.protocol = first === FIRST_SOCKS5 ? SOCKS5 : SOCKS4;
    c.socks.version = first;
  } else if (first === FIRST_TLS) {
    c.mode = MODE_TLS;
    c.protocol = TLS;
    c.phase = PHASE_HANDSHAKE;
  } else {
    c.mode = MODE_HTTP;
    c.protocol = HTTP;
  }
}

/** The sent bytes can't be read: they stay with the request that is known, or are plain TCP where none is. */
function giveUpSent(c: Connection): void {
  if (c.answering < 0) {
    c.mode = MODE_OPAQUE;
    c.protocol = TCP;
  } else {
    // Answers to what was understood can still be read.
    c.opening = 1;
  }
  c.phase = PHASE_DATA;
  c.event = EVENT_UNREADABLE;
}

function advanceHttp(c: Connection, address: i32, length: i32): i32 {
  const reached: i32 = advanceRequest(c.request, address, length);
  if (reached === REQUEST_HEAD) {
    c.event = EVENT_REQUEST;
    c.protocol = HTTP;
    if (c.request.method === METHOD_CONNECT) {
      c.protocol = CONNECT;
      c.opening = 1;
      c.phase = PHASE_UNKNOWN;
      resetTls(c.tls);
    }
    requestEnded(c.request);
  } else if (reached === REQUEST_H2) {
    c.mode = MODE_OPAQUE;
    c.protocol = H2;
    c.phase = PHASE_DATA;
    c.event = EVENT_REQUEST;
  } else if (reached === REQUEST_INVALID) {
    giveUpSent(c);
  }
  return requestTaken();
}

function advanceSocks(c: Connection, address: i32, length: i32): i32 {
  const reached: i32 = advanceSocksRequest(c.socks, address, length);
  if (reached === SOCKS_REQUEST) {
    c.event = EVENT_REQUEST;
    c.opening = 1;
  } else if (reached === SOCKS_INVALID) {
    giveUpSent(c);
    return length;
  }
  return socksTaken();
}

function advanceBareTls(c: Connection, address: i32, length: i32): i32 {
  const reached: i32 = advanceTls(c.tls, address, length);
  if (reached === TLS_HELLO) {
    c.request.destinationLength = writeHost(c.request.destination, c.tls.hello.name, c.tls.hello.nameLength);
    c.event = EVENT_REQUEST;
  } else if (reached === TLS_ESTABLISHED) {
    c.phase = PHASE_DATA;
    c.event = EVENT_ESTABLISHED;
  } else if (reached === TLS_INVALID) {
    giveUpSent(c);
    return length;
  }
  return tlsTaken();
}

function advanceTunnel(c: Connection, address: i32, length: i32): i32 {
  if (c.phase === PHASE_UNKNOWN) c.phase = i32.load8_u(address) === FIRST_TLS ? PHASE_HANDSHAKE : PHASE_DATA;
  if (c.phase === PHASE_DATA) return length;
  const reached: i32 = advanceTls(c.tls, address, length);
  if (reached === TLS_MORE || reached === TLS_HELLO) return tlsTaken();
  c.phase = PHASE_DATA;
  c.event = EVENT_ESTABLISHED;
  return tlsTaken();
}

/** After EVENT_REPLY: whether that answer has no body, so that its end came with its head. */
export function replyIsWhole(c: Connection): bool {
  return c.mode === MODE_HTTP && responseEnded(c.response);
}

/** Takes received bytes up to the next event; returns how many (0 only together with an event). */
export function advanceReceived(c: Connection, address: i32, length: i32): i32 {
  c.event = EVENT_NONE;
  if (c.mode === MODE_SOCKS) return advanceSocksAnswer(c, address, length);
  const reached: i32 = advanceResponse(c.response, c.answering, address, length);
  if (reached === RESPONSE_HEAD) {
    c.event = EVENT_REPLY;
    // A refused CONNECT leaves the connection as it was: the next request may follow.
    if (c.mode === MODE_HTTP) c.opening = 0;
  } else if (reached === RESPONSE_END) {
    c.event = EVENT_REPLY_END;
  } else if (reached === RESPONSE_TUNNEL) {
    openTunnel(c);
  } else if (reached === RESPONSE_INVALID) {
    c.receivedUnreadable = 1;
  }
  return responseTaken();
}

function openTunnel(c: Connection): void {
  c.mode = MODE_TUNNEL;
  // After 101 the connection speaks the upgraded protocol, so there is no TLS handshake to follow.
  if (c.answering !== METHOD_CONNECT && c.protocol === HTTP) c.phase = PHASE_DATA;
  c.opening = 0;
  c.event = EVENT_TUNNEL;
}

function advanceSocksAnswer(c: Connection, address: i32, length: i32): i32 {
  const reached: i32 = advanceSocksReply(c.socks, address, length);
  if (reached === SOCKS_REFUSED) {
    c.mode = MODE_OPAQUE;
    c.event = EVENT_REFUSED;
  } else if (reached === SOCKS_INVALID) {
    c.mode = MODE_OPAQUE;
    c.receivedUnreadable = 1;
  } else if (reached === SOCKS_REPLY) {
    endSocks(c);
  }
  return socksTaken();
}

function endSocks(c: Connection): void {
  const granted: i32 = c.protocol === SOCKS5 ? 0 : 90;
  if (c.socks.reply === granted) {
    openTunnel(c);
  } else {
    c.mode = MODE_OPAQUE;
    c.event = EVENT_REPLY;
  }
}
