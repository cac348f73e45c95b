// SPDX-License-Identifier: Apache-2.0
/**
 * A Prometheus by its URL, without credentials: what the local rig has. Commands bring ways of their own.
 */
import { request } from "undici";
import { ViewFailure } from "./failure.ts";
import type { Upstream } from "./upstream.ts";

const TIMEOUT_MS = 30_000;

/** @param url  `http://127.0.0.1:PORT`, without a path */
export function urlUpstream(url: string): Upstream {
  return {
    address: url,
    async get(path, maxBytes) {
      const { body } = await request(`${url}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      const parts: Buffer[] = [];
      let size = 0;
      for await (const part of body as AsyncIterable<Buffer>) {
        size += part.length;
        if (size > maxBytes) {
          throw new ViewFailure("E_TOO_LARGE", `more than ${maxBytes} bytes (expected at most that)`, "ask for less");
        }
        parts.push(part);
      }
      return Buffer.concat(parts).toString("utf8");
    },
  };
}
