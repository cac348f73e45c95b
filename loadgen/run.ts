// SPDX-License-Identifier: Apache-2.0
/**
 * The engine: starts visits when they are due, for every pod, and says what came of them.
 * Knows nothing of terminals, files or exit codes.
 */
import tls from "node:tls";
import { MANNERS, type Protocol } from "./client/manners.ts";
import { Latency, type LatencySummary } from "./latency.ts";
import { type DestinationCounts, Page, type VendorCounts } from "./ledger.ts";
import { Clock, paceClosedLoop, paceOpenLoop } from "./pace.ts";
import { seededRandom } from "./random.ts";
import { type Journey, makeVisit } from "./visit.ts";
import { DEFAULT_WORKLOAD, makeWorkload, type VendorShare, type WorkloadOptions } from "./workload.ts";

export interface LoadVendor {
  vendor: string;
  /** Share of the pod's visits, in any unit. */
  weight: number;
  /** `http://user:pass@host:port` */
  proxyUrl: string;
  protocol: Protocol;
  /** Sent with every request to the site. */
  headers?: Record<string, string>;
  /** Sends credentials only when the proxy asks for them, on the same connection. */
  awaitChallenge?: boolean;
}

export interface LoadPod {
  pod: string;
  vendors: LoadVendor[];
}

export interface LoadOptions {
  pods: LoadPod[];
  /** Open loop: requests a second for each pod, 100 unless told. */
  ratePerSecond?: number;
  /** Closed loop, instead of a rate: so many visits of each pod at the same time. */
  connections?: number;
  /** Sites by name, most popular first: by https in tunnels, by http without. */
  hosts?: string[];
  /** Whole addresses, instead of hosts, asked for as they stand. */
  urls?: string[];
  /** PEM of the root that the sites' certificates are verified with; the system's roots unless told. */
  ca?: string;
  /** False accepts any certificate. */
  verify?: boolean;
  /** The same seed gives the same visits in the same order. */
  seed: number;
  /** Stops by itself after so long; without it, runs until stop(). */
  durationMs?: number;
  /** Limit for each step of a visit, 10,000 unless told. */
  timeoutMs?: number;
  /** Visits of one pod at the same time, 5,000 unless told; one that comes on top is dropped and counted. */
  maxOpenVisits?: number;
  /** Departures from the usual sizes, pauses and shares. */
  workload?: Partial<WorkloadOptions>;
}

export interface LoadSnapshot {
  elapsedMs: number;
  ok: number;
  failed: number;
  /** Visits that were not started because too many were open. */
  dropped: number;
  openVisits: number;
  latencyMs: LatencySummary;
  /** One row for each entry among the vendors of a pod. */
  vendors: VendorCounts[];
  /** One row for each pod, vendor and destination. */
  destinations: DestinationCounts[];
}

/** As a snapshot, when nothing is open any more. */
export type LoadResult = LoadSnapshot;

export interface Load {
  done: Promise<LoadResult>;
  /** Asks nothing more, waits for the answers that are due, and resolves with the result when all is closed. */
  stop(): Promise<LoadResult>;
  snapshot(): LoadSnapshot;
}

const DEFAULT_RATE_PER_SECOND = 100;
const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_OPEN_VISITS = 5_000;

/** Starts the load at once. */
export function startLoad(options: LoadOptions): Load {
  const run = new Run(options);
  const done = run.run();
  return {
    done,
    stop: () => {
      run.stop();
      return done;
    },
    snapshot: () => run.snapshot(),
  };
}

class Run {
  readonly #options: LoadOptions;
  readonly #workload: WorkloadOptions;
  readonly #trust: tls.SecureContext;
  readonly #clock: Clock;
  readonly #pages: Page[] = [];
  #openVisits = 0;
  #dropped = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#workload = { ...DEFAULT_WORKLOAD, ...options.workload };
    this.#trust = tls.createSecureContext(options.ca === undefined ? {} : { ca: options.ca });
    this.#clock = new Clock(options.durationMs ?? Number.POSITIVE_INFINITY);
  }

  stop(): void {
    this.#clock.stop();
  }

  async run(): Promise<LoadResult> {
    await Promise.all(this.#options.pods.map((pod) => this.#runPod(pod)));
    return this.snapshot();
  }

  snapshot(): LoadSnapshot {
    const vendors = this.#pages.map((page) => page.total());
    const latency = new Latency();
    for (const page of this.#pages) latency.add(page.latency);
    return {
      elapsedMs: this.#clock.elapsedMs,
      ok: vendors.reduce((sum, row) => sum + row.ok, 0),
      failed: vendors.reduce((sum, row) => sum + row.failed, 0),
      dropped: this.#dropped,
      openVisits: this.#openVisits,
      latencyMs: latency.summary(),
      vendors,
      destinations: this.#pages.flatMap((page) => page.destinations()),
    };
  }

  async #runPod({ pod, vendors }: LoadPod): Promise<void> {
    const { seed, connections, ratePerSecond = DEFAULT_RATE_PER_SECOND } = this.#options;
    const { requestsPerConnection, meanThinkMs } = this.#workload;
    const shares = vendors.map((vendor) => this.#share(vendor));
    const nextVisit = makeWorkload(shares, this.#workload, seededRandom(seed, `${pod}/visits`));
    const journeys = vendors.map((vendor) => this.#prepare(pod, vendor));
    const open = new Set<Promise<void>>();
    const start = async (at: number) => {
      const visit = nextVisit();
      const journey = journeys[visit.vendor];
      if (journey) await this.#make({ ...journey, visit, dueAt: this.#clock.startedAt + at }, open);
    };
    const random = seededRandom(seed, `${pod}/arrivals`);
    if (connections !== undefined) {
      await paceClosedLoop(this.#clock, { crawlers: connections, meanThinkMs, random }, start);
    } else {
      const visitsPerSecond = ratePerSecond / Math.max(requestsPerConnection, 1);
      await paceOpenLoop(this.#clock, { visitsPerSecond, random }, (at) => void start(at));
    }
    await Promise.all(open);
  }

  async #make(journey: Journey, open: Set<Promise<void>>): Promise<void> {
    if (open.size >= (this.#options.maxOpenVisits ?? DEFAULT_MAX_OPEN_VISITS)) {
      this.#dropped += 1;
      return;
    }
    const made = makeVisit(journey);
    open.add(made);
    this.#openVisits += 1;
    await made;
    open.delete(made);
    this.#openVisits -= 1;
  }

  #share({ weight, protocol }: LoadVendor): VendorShare {
    const { isTunnel } = MANNERS[protocol];
    const { hosts = [], urls } = this.#options;
    const addresses = urls ?? hosts.map((host) => `${isTunnel ? "https" : "http"}://${host}/`);
    return { weight, isTunnel, isLiteral: urls !== undefined, sites: addresses.map((address) => new URL(address)) };
  }

  #prepare(pod: string, vendor: LoadVendor): Omit<Journey, "visit" | "dueAt"> {
    const page = new Page(pod, vendor.vendor);
    this.#pages.push(page);
    return {
      page,
      protocol: vendor.protocol,
      proxy: new URL(vendor.proxyUrl),
      headers: vendor.headers ?? {},
      awaitChallenge: vendor.awaitChallenge ?? false,
      over: this.#clock.over,
      trust: this.#trust,
      sessions: new Map(),
      verify: this.#options.verify ?? true,
      timeoutMs: this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    };
  }
}
