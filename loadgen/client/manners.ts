// SPDX-License-Identifier: Apache-2.0
/**
 * The table of all ways of travelling through a proxy.
 */
import { travelByConnect } from "./connect.ts";
import type { Way } from "./connection.ts";
import { travelByForward, travelByHeaders } from "./forward.ts";
import { travelBySocks4, travelBySocks5 } from "./socks.ts";

/** `headers` is plain HTTP to whoever listens at the proxy's address, with headers that name vendor and pool. */
export type Protocol = "connect" | "absolute" | "socks5" | "socks4" | "headers";

export interface Manner {
  travel: Way;
  /** The connection ends at the destination: one destination for each connection, TLS inside unless asked otherwise. */
  isTunnel: boolean;
}

export const MANNERS: Record<Protocol, Manner> = {
  connect: { travel: travelByConnect, isTunnel: true },
  absolute: { travel: travelByForward, isTunnel: false },
  socks5: { travel: travelBySocks5, isTunnel: true },
  socks4: { travel: travelBySocks4, isTunnel: true },
  headers: { travel: travelByHeaders, isTunnel: false },
};
