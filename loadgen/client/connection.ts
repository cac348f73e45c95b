// SPDX-License-Identifier: Apache-2.0
/**
 * What every way of travelling has in common: one connection to a proxy, a destination, questions and answers on it.
 * Each way is a file beside this one; which way is taken is decided by the engine.
 */
import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";

/** Where a connection leads, and what is needed to get there. */
export interface Trip {
  /** `http://user:pass@host:port`: address and credentials of the proxy. */
  proxy: URL;
  /** The destination; an IPv6 address without brackets. */
  host: string;
  port: number;
  /** Plain HTTP inside a tunnel, not TLS. */
  isPlain: boolean;
  /** Whom to trust; `verify: false` accepts any certificate. */
  trust: SecureContext;
  verify: boolean;
  /** TLS sessions of earlier connections by host, for resumption; new ones are added. */
  sessions: Map<string, Buffer>;
  /** Whether to resume a session where there is one. */
  resumesSession: boolean;
  /** Versions of HTTP to offer inside TLS, best first. */
  versions: readonly ("h2" | "http/1.1")[];
  /** HTTP/1 requests that may be under way at the same time; 1 waits for each answer. */
  pipelining: number;
  /** Sends credentials only when the proxy asks for them, on the same connection. */
  awaitChallenge: boolean;
  /** Limit for each step: connecting, a handshake, an answer. */
  timeoutMs: number;
}

/** One request to the destination. */
export interface Question {
  /** `shop.example` or `shop.example:8443`: the usual port is left out, as in a Host header. */
  authority: string;
  method: "GET" | "POST";
  path: string;
  headers: Record<string, string>;
  /** Size of the body; GET has none. */
  requestBytes: number;
}

export interface Answer {
  status: number;
  /** Size of the body as it travelled. */
  bodyBytes: number;
}

/** A connection that is ready for requests. */
export interface Connection {
  /** False once the other side has ended it: nothing more can be asked. */
  isOpen(): boolean;
  /** @throws TravelError */
  ask(question: Question): Promise<Answer>;
  /** Says goodbye by FIN and reads on until the other side has done so too: nobody is reset. */
  end(): void;
}

/**
 * Opens a connection by one way of travelling.
 *
 * @param wire  connected to the proxy, nothing sent yet; whoever gave it watches it and closes it in the end
 * @throws      TravelError
 */
export type Way = (wire: Socket, trip: Trip) => Promise<Connection>;

/** A request that did not get its answer; `reason` is a short, bounded word such as `proxy_407` or `timeout`. */
export class TravelError extends Error {
  readonly reason: string;

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TravelError";
    this.reason = reason;
  }
}

/** By error code, first match wins. */
const REASONS: [code: RegExp, reason: string][] = [
  [/^ECONNREFUSED$/, "refused"],
  [/^(ECONNRESET|EPIPE)$/, "reset"],
  [/TIMEDOUT|TIMEOUT/, "timeout"],
  [/^UND_ERR_SOCKET$/, "closed"],
  [/^(HPE_|UND_ERR_RES)/, "garbage"],
  [/CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO/, "tls"],
];

/** Gives any error of a socket, TLS or HTTP library one of a few reasons. */
export function travelError(error: unknown): TravelError {
  if (error instanceof TravelError) return error;
  const { code = "", syscall, message = String(error) } = error as NodeJS.ErrnoException;
  const reason = REASONS.find(([pattern]) => pattern.test(code))?.[1] ?? "error";
  // Node calls a connection that ended too early reset as well; what the system reset names the system's call.
  const isEarlyEnd = reason === "reset" && syscall === undefined;
  return new TravelError(isEarlyEnd ? "closed" : reason, message, { cause: error });
}
