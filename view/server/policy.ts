// SPDX-License-Identifier: Apache-2.0
/**
 * What the page's server lets through and what it tells browsers: hosts, origins, methods, security headers. Pure.
 * Which addresses exist is known to server.ts.
 */
import type { IncomingHttpHeaders } from "node:http";

export interface Refusal {
  status: number;
  reason: string;
}

/**
 * The policy: own scripts and styles, one inline import map by its hash, the own server for data; nothing else, from nowhere.
 *
 * @param importMapHash  base64 of the SHA-256 of the import map's text
 */
export function contentSecurityPolicy(importMapHash: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${importMapHash}'`,
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types default",
  ].join("; ");
}

/** Headers of every answer. */
export function securityHeaders(policy: string): Record<string, string> {
  return {
    "content-security-policy": policy,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
  };
}

/**
 * Whether the request comes from a page of this server's own, or from a person or program on this machine.
 * A name that resolves to 127.0.0.1 but belongs to somebody else (DNS rebinding) carries a foreign Host.
 *
 * @param port  where the server listens
 */
export function refusalOf(headers: IncomingHttpHeaders, port: number): Refusal | undefined {
  const own = ["127.0.0.1", "localhost"].map((name) => `${name}:${port}`);
  const { host = "", origin } = headers;
  if (!own.includes(host)) return { status: 421, reason: `expected the host ${own.join(" or ")}` };
  if (origin !== undefined && origin !== `http://${host}`) {
    return { status: 403, reason: "expected a request of this server's own page" };
  }
  const site = headers["sec-fetch-site"];
  const isVisit = headers["sec-fetch-mode"] === "navigate";
  if (site !== undefined && site !== "same-origin" && site !== "none" && !isVisit) {
    return { status: 403, reason: "expected a request of this server's own page" };
  }
  return undefined;
}
