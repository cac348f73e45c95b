// SPDX-License-Identifier: Apache-2.0
/**
 * What one piece of evidence in a cluster says about a gateway, and which places are no gateways of a vendor at all.
 * Where the evidence comes from is in the other files of this folder; what is proposed from it, in `../proposal.ts`.
 */
import { isIP } from "node:net";
import { DEFAULTS } from "../defaults.ts";
import type { Gateway, UsernamePattern } from "../model.ts";
import { contains, readNetwork } from "../network.ts";
import { VALUES } from "../schema-values.ts";

/** One port of one gateway. Has a host or addresses. */
export interface Candidate {
  host?: string;
  addresses: string[];
  port: number;
  protocol: Gateway["protocol"];
  /** How usernames are written, by their known words; never what they say. */
  username?: UsernamePattern;
  /** Where it was found, such as `HTTPS_PROXY of Deployment crawl/crawler`. */
  source: string;
  /** False where it may as well be something else than a proxy. */
  isSure: boolean;
}

export interface Finding {
  candidates: Candidate[];
  /** Sentences for the user on what was seen and not proposed. */
  notes: string[];
}

const INSIDE = /(^|\.)(localhost|local|internal|svc|cluster\.local|svc\..+)$/;

/** Whether a host name or an address can be a vendor's: not the pod's own, the cluster's, or a private network's. */
export function isOutside(host: string): boolean {
  const network = isIP(host) ? readNetwork(host) : undefined;
  if (network === undefined) return isHost(host) && !INSIDE.test(host);
  return !DEFAULTS.neverMetered.some((written) => contains(readNetwork(written), network));
}

export function isHost(text: string): boolean {
  return text.length <= VALUES.host.maxLength && new RegExp(VALUES.host.pattern).test(text);
}
