// SPDX-License-Identifier: Apache-2.0
/**
 * State of a proxied TCP connection as its readers see it, and the numbers of its modes, protocols and events.
 * How bytes change it is in `connection.ts`.
 */
import { RequestReader } from "./http-request.ts";
import { ResponseReader } from "./http-response.ts";
import { SocksReader } from "./socks.ts";
import { TlsReader } from "./tls.ts";

export const MODE_UNDECIDED: i32 = 0;
export const MODE_HTTP: i32 = 1;
export const MODE_SOCKS: i32 = 2;
export const MODE_TLS: i32 = 3;
export const MODE_TUNNEL: i32 = 4;
export const MODE_OPAQUE: i32 = 5;

/** Values of `protocol`, in the order of `protocolName`. */
export const TCP: i32 = 0;
export const HTTP: i32 = 1;
export const CONNECT: i32 = 2;
export const SOCKS4: i32 = 3;
export const SOCKS5: i32 = 4;
export const TLS: i32 = 5;
export const H2: i32 = 6;

export const EVENT_NONE: i32 = 0;
/** A request is known with its destination; the bytes of its head were the last ones taken. */
export const EVENT_REQUEST: i32 = 1;
/** The gateway answered a request and no tunnel follows. */
export const EVENT_REPLY: i32 = 2;
/** The answer has ended. */
export const EVENT_REPLY_END: i32 = 3;
/** The gateway opened the tunnel. */
export const EVENT_TUNNEL: i32 = 4;
/** The gateway refused the credentials before there was a request. */
export const EVENT_REFUSED: i32 = 5;
/** The client's TLS handshake inside the tunnel has ended. */
export const EVENT_ESTABLISHED: i32 = 6;
/** The sent bytes can't be read (any further). */
export const EVENT_UNREADABLE: i32 = 7;

/** More bytes than a chunk can hold: nothing needs to be read. */
export const EVERYTHING: f64 = 1125899906842624;

export const PHASE_UNKNOWN: i32 = 0;
export const PHASE_HANDSHAKE: i32 = 1;
export const PHASE_DATA: i32 = 2;

export class Connection {
  mode: i32 = 0;
  /** Protocol of the latest request. */
  protocol: i32 = 0;
  /** What the last advance reached. */
  event: i32 = 0;
  /** METHOD_* of the request that the gateway answers next; -1 when none is open. Set by the caller. */
  answering: i32 = -1;
  /** 1 while the gateway has not answered a CONNECT or SOCKS request; what is sent meanwhile is the tunnel's. */
  opening: i32 = 0;
  /** Where the TLS handshake inside the tunnel stands. */
  phase: i32 = 0;
  /** 1 once the received bytes made no sense. */
  receivedUnreadable: i32 = 0;
  request: RequestReader = changetype<RequestReader>(0);
  response: ResponseReader = changetype<ResponseReader>(0);
  socks: SocksReader = changetype<SocksReader>(0);
  tls: TlsReader = changetype<TlsReader>(0);
}
