// SPDX-License-Identifier: Apache-2.0
/**
 * A Prometheus by its URL, without credentials: what the local rig has. Commands bring ways of their own.
 */
import { request } from "undici";
import type { Upstream } from "./upstream.ts";

const TIMEOUT_MS = 30_000;

/** @param url  `http://127.0.0.1:PORT`, without a path */
export function urlUpstream(url: string): Upstream {
  return {
    address: url,
    async get(path) {
      const { body } = await request(`${url}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      return body.text();
    },
  };
}
