// SPDX-License-Identifier: Apache-2.0
/**
 * Decides what crawlers do: which vendor, which site, how many requests on a connection, how big, how far apart.
 * Pure and seeded; doing it is the engine's.
 */
import type { Question } from "./client/connection.ts";
import { exponential, geometric, logNormal, longTail, type Random, weighted } from "./random.ts";

export interface WorkloadOptions {
  /** Mean number of requests on one connection, at least 1. */
  requestsPerConnection: number;
  /** Share of requests that upload a body, 0 to 1. */
  uploadShare: number;
  /** Share of connections that offer HTTP/2 inside TLS, 0 to 1. */
  http2Share: number;
  /** Share of connections that resume an earlier TLS session with the same site, 0 to 1; the others shake hands anew. */
  resumedShare: number;
  /** Share of plain connections whose requests are sent without waiting for answers, 0 to 1. */
  pipelinedShare: number;
  /** Median sizes of uploads and of answers; half of all are below, few are far above. */
  medianRequestBytes: number;
  medianResponseBytes: number;
  /** No body is bigger. */
  maxBodyBytes: number;
  /** Mean pause between two requests on a connection, and between two visits of a closed loop. */
  meanThinkMs: number;
}

export const DEFAULT_WORKLOAD: WorkloadOptions = {
  requestsPerConnection: 1,
  uploadShare: 0.1,
  http2Share: 0.25,
  resumedShare: 0.75,
  pipelinedShare: 0.1,
  medianRequestBytes: 1_024,
  medianResponseBytes: 8_192,
  maxBodyBytes: 1_048_576,
  meanThinkMs: 200,
};

/** What a vendor's share of the traffic consists of. */
export interface VendorShare {
  /** In any unit. */
  weight: number;
  /** Most popular first; each is asked for as a long tail has it. */
  sites: readonly URL[];
  /** Asks for the addresses as they stand, instead of paths with sizes that our own sites know. */
  isLiteral: boolean;
  /** A connection leads to one site only. */
  isTunnel: boolean;
}

export interface Step {
  /** Before the request; 0 for the first one. */
  pauseMs: number;
  site: URL;
  question: Question;
}

/** One connection and all that is asked on it. */
export interface Visit {
  /** Index into the vendors. */
  vendor: number;
  /** Where the first request goes; in a tunnel, all of them. */
  site: URL;
  offersHttp2: boolean;
  resumesSession: boolean;
  isPipelined: boolean;
  steps: Step[];
}

const SIZE_SPREAD = 1.3;
const TAIL_EXPONENT = 1.1;

/** An endless supply of visits; the same random numbers give the same visits. */
export function makeWorkload(vendors: VendorShare[], options: WorkloadOptions, random: Random): () => Visit {
  const chooseVendor = weighted(vendors.map(({ weight }) => weight));
  const choosers = vendors.map(({ sites }) => chooseAmong(sites));
  return () => {
    const vendor = chooseVendor(random);
    const { isTunnel = true, isLiteral = false } = vendors[vendor] ?? {};
    const chooseSite = choosers[vendor] ?? chooseAmong([]);
    const site = chooseSite(random);
    const isPipelined = !isTunnel && random() < options.pipelinedShare;
    const steps = Array.from({ length: geometric(random, options.requestsPerConnection) }, (_, index) => {
      const isSame = index === 0 || isTunnel || isPipelined;
      const next = isSame ? site : chooseSite(random);
      const pauseMs = index === 0 ? 0 : exponential(random, options.meanThinkMs);
      const question = isLiteral ? ask(next) : makeQuestion(next, isPipelined, options, random);
      return { pauseMs, site: next, question };
    });
    const offersHttp2 = random() < options.http2Share;
    return { vendor, site, steps, isPipelined, offersHttp2, resumesSession: random() < options.resumedShare };
  };
}

function chooseAmong(sites: readonly URL[]): (random: Random) => URL {
  const choose = weighted(longTail(sites.length, TAIL_EXPONENT));
  return (random) => {
    const site = sites[choose(random)];
    if (!site) throw new RangeError("cannot choose a site: got none (expected at least one host or URL)");
    return site;
  };
}

function ask(site: URL): Question {
  return { authority: site.host, method: "GET", path: site.pathname + site.search, headers: {}, requestBytes: 0 };
}

function makeQuestion(site: URL, isPipelined: boolean, options: WorkloadOptions, random: Random): Question {
  const size = (median: number) => Math.min(options.maxBodyBytes, Math.round(logNormal(random, median, SIZE_SPREAD)));
  // A body is never pipelined: a client cannot know whether it will be taken.
  const isUpload = random() < options.uploadShare && !isPipelined;
  if (!isUpload) return { ...ask(site), path: `/bytes?size=${size(options.medianResponseBytes)}` };
  return { ...ask(site), method: "POST", path: "/upload", requestBytes: size(options.medianRequestBytes) };
}
