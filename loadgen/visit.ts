// SPDX-License-Identifier: Apache-2.0
/**
 * Makes one visit: opens a connection through a proxy, asks its questions, says goodbye, writes the ledger.
 * Never throws: a failure is a number in the ledger.
 */
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { SecureContext } from "node:tls";
import { type Connection, type Trip, TravelError, travelError } from "./client/connection.ts";
import { MANNERS, type Protocol } from "./client/manners.ts";
import { closed, openWire } from "./client/wire.ts";
import type { Page } from "./ledger.ts";
import { WireMeter } from "./meter.ts";
import type { Step, Visit } from "./workload.ts";

const MAX_GOODBYE_MS = 5_000;
const USUAL_PORTS: Record<string, number> = { "http:": 80, "https:": 443 };

export interface Journey {
  visit: Visit;
  protocol: Protocol;
  proxy: URL;
  /** Sent with every request to the site. */
  headers: Record<string, string>;
  trust: SecureContext;
  verify: boolean;
  /** TLS sessions to resume, by host. */
  sessions: Map<string, Buffer>;
  awaitChallenge: boolean;
  timeoutMs: number;
  page: Page;
  /** Aborted when nothing more is to be asked. */
  over: AbortSignal;
  /** When the first request was due, on the clock of performance.now(). */
  dueAt: number;
}

/** Resolves when the connection is closed on both sides. */
export async function makeVisit(journey: Journey): Promise<void> {
  const { page, visit } = journey;
  const meter = new WireMeter(page, visit.site.host);
  page.of(visit.site.host).connections += 1;
  let goodbye: () => void = () => {};
  let wire: Socket | null = null;
  try {
    page.of(visit.site.host).requests += 1;
    const trip = planTrip(journey);
    wire = await openWire(trip);
    meter.attach(wire);
    goodbye = () => wire?.end().resume();
    const connection = await MANNERS[journey.protocol].travel(wire, trip);
    goodbye = () => connection.end();
    await (visit.isPipelined ? askAtOnce : askInTurn)(connection, journey, meter);
  } catch (error) {
    page.failed(meter.host, travelError(error));
  }
  goodbye();
  if (wire) await closed(wire, MAX_GOODBYE_MS);
  meter.settle();
}

function planTrip(journey: Journey): Trip {
  const { proxy, trust, verify, sessions, awaitChallenge, timeoutMs, visit } = journey;
  const { hostname, port, protocol } = visit.site;
  return {
    proxy,
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(port) || (USUAL_PORTS[protocol] ?? 0),
    isPlain: protocol === "http:",
    trust,
    verify,
    sessions,
    resumesSession: visit.resumesSession,
    versions: visit.offersHttp2 ? ["h2", "http/1.1"] : ["http/1.1"],
    pipelining: visit.isPipelined ? visit.steps.length : 1,
    awaitChallenge,
    timeoutMs,
  };
}

/** Ends early, without a failure, when the load is over or the site has closed the connection during a pause. */
async function askInTurn(connection: Connection, journey: Journey, meter: WireMeter): Promise<void> {
  let startAt = journey.dueAt;
  for (const [index, step] of journey.visit.steps.entries()) {
    if (index > 0) {
      await delay(step.pauseMs, undefined, { signal: journey.over }).catch(() => {});
      if (journey.over.aborted || !connection.isOpen()) return;
      startAt = performance.now();
      meter.moveTo(step.site.host);
      journey.page.of(step.site.host).requests += 1;
    }
    await askOne(connection, step, journey);
    journey.page.ok(step.site.host, performance.now() - startAt);
  }
}

/** All questions go to the same site, so their bytes need no telling apart. */
async function askAtOnce(connection: Connection, journey: Journey): Promise<void> {
  const { page, visit, dueAt } = journey;
  page.of(visit.site.host).requests += visit.steps.length - 1;
  const answers = visit.steps.map(async (step) => {
    await askOne(connection, step, journey);
    page.ok(step.site.host, performance.now() - dueAt);
  });
  for (const answer of await Promise.allSettled(answers)) {
    if (answer.status === "rejected") page.failed(visit.site.host, travelError(answer.reason));
  }
}

async function askOne(connection: Connection, { question }: Step, { headers }: Journey): Promise<void> {
  const { status } = await connection.ask({ ...question, headers: { ...question.headers, ...headers } });
  if (status >= 400) throw new TravelError(`status_${status}`, `got status ${status} (expected below 400)`);
}
