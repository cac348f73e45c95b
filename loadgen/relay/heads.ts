// SPDX-License-Identifier: Apache-2.0
/**
 * Reads what matters out of complete HTTP/1 heads: whom a request asks for and which body follows a head.
 * Pure; lines in, facts out. Cutting a stream into heads and bodies is framer.ts.
 */
import { nameDestination, splitAuthority } from "./destination.ts";
import type { Body } from "./framer.ts";

export interface RequestHead {
  method: string;
  /** Destination as the reports name it; "" where the head names none. */
  host: string;
  /** `rest` where the head's framing cannot be trusted. */
  body: Body;
}

/** The start of HTTP/2 without TLS: one request, whose destination is compressed and not read here (RFC 9113 section 3.4). */
const HTTP2_PREFACE = "PRI * HTTP/2.0";

/**
 * @param lines  a request line and header lines, without line ends
 * @returns      null if this is not an HTTP/1 request head
 * @see          RFC 9112 sections 3 and 6.3
 */
export function readRequestHead(lines: string[]): RequestHead | null {
  if (lines[0] === HTTP2_PREFACE) return { method: "PRI", host: "", body: { kind: "rest" } };
  const [, method, target] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) +(\S+) +HTTP\/1\.[01][ \t]*$/.exec(lines[0] ?? "") ?? [];
  if (!method || !target) return null;
  if (method === "CONNECT") {
    const authority = splitAuthority(target);
    return authority && { method, host: nameDestination(authority.host, authority.port, 443), body: { kind: "hold" } };
  }
  const named = /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/(?:[^/?#]*@)?([^/?#@]*)/.exec(target)?.[1];
  const authority = splitAuthority(named ?? header(lines, "host"));
  const host = authority ? nameDestination(authority.host, authority.port, 80) : "";
  return { method, host, body: declaredBody(lines) ?? { kind: "none" } };
}

export interface ResponseHead {
  status: number;
  /** From here on the connection belongs to this request, in both directions. */
  isTunnel: boolean;
  body: Body;
}

/**
 * @param lines   a status line and header lines
 * @param method  the method of the request that is answered
 * @returns       null if this is not an HTTP/1 response head
 * @see           RFC 9112 sections 4 and 6.3
 */
export function readResponseHead(lines: string[], method: string): ResponseHead | null {
  const status = Number(/^HTTP\/1\.[01] +(\d{3})(?: |$)/.exec(lines[0] ?? "")?.[1]);
  if (!status) return null;
  const isTunnel = status === 101 || (method === "CONNECT" && status >= 200 && status < 300);
  return { status, isTunnel, body: isTunnel ? { kind: "rest" } : responseBody(lines, method, status) };
}

function responseBody(lines: string[], method: string, status: number): Body {
  if (status < 200 || status === 204 || status === 304 || method === "HEAD") return { kind: "none" };
  return declaredBody(lines) ?? { kind: "rest" };
}

/** The body that the headers declare; null if they declare none. */
function declaredBody(lines: string[]): Body | null {
  const coding = header(lines, "transfer-encoding");
  if (coding !== "") return /(?:^|,)[ \t]*chunked[ \t]*$/i.test(coding) ? { kind: "chunked" } : { kind: "rest" };
  const length = header(lines, "content-length");
  if (length === "") return null;
  // A length may be repeated with the same value; anything else cannot be framed.
  const values = new Set(length.split(",").map((value) => value.trim()));
  const [value = ""] = values;
  return values.size === 1 && /^\d{1,15}$/.test(value) ? { kind: "length", bytes: Number(value) } : { kind: "rest" };
}

/** All values of a header, joined by a comma; "" if it is absent. */
function header(lines: string[], name: string): string {
  const values = [];
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(":");
    if (line.slice(0, colon).trimEnd().toLowerCase() === name) values.push(line.slice(colon + 1).trim());
  }
  return values.join(",");
}
