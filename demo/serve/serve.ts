// SPDX-License-Identifier: Apache-2.0
/**
 * The rig as a service: everything but load, so that any real client can be pointed at it, and the report as of now.
 * Only vendors with a gateway: for others the truth would be the client's own.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Control, type Lease, type RigSettings, withRig } from "../lifetime.ts";
import type { DemoOptions } from "../options.ts";
import { crawlerPods } from "../pod.ts";
import { BUFFERED_BYTES } from "../report/bounds.ts";
import { METERED_SERIES } from "../report/metered.ts";
import { buildReport, type Report } from "../report/report.ts";
import type { Rig } from "../rig.ts";
import { isSettled } from "../settle.ts";
import { GATEWAY_VENDORS, HOSTS } from "../vendors.ts";
import { type Announcement, announcement } from "./announcement.ts";
import { startReportServer } from "./report-server.ts";

export interface Host extends Control {
  onStage: (text: string) => void;
  /** Told once, when everything can be used. */
  onReady: (announcement: Announcement) => void;
}

/**
 * Serves until it is asked to finish or to abort, either of which is its good end.
 *
 * @throws DemoFailure when a part can't be started or ends on its own; the reason of `abort` before it could be used
 */
export async function serveDemo(options: DemoOptions, host: Host): Promise<void> {
  const { pods, concurrency, prometheusPort, resetShare, seed } = options;
  const settings: RigSettings = {
    ...{ pods: crawlerPods(pods), vendors: GATEWAY_VENDORS, hosts: HOSTS },
    ...{ concurrency, prometheusPort, resetShare, seed },
  };
  let isServing = false;
  try {
    await withRig(settings, { control: host, onStage: host.onStage }, async (lease) => {
      // Without reset faults a client that cuts a transfer shows as a difference, beside the number of resets.
      host.onReady(await open(lease, { podCount: pods, bytesPerReset: resetShare > 0 ? BUFFERED_BYTES : 0 }));
      isServing = true;
      await new Promise<void>((resolve) => host.finish.addEventListener("abort", () => resolve(), { once: true }));
    });
  } catch (error) {
    if (!isServing || !host.abort.aborted || error !== host.abort.reason) throw error;
  }
}

interface Service {
  podCount: number;
  /** Bytes that a reset may lose in either direction without it being a fault. */
  bytesPerReset: number;
}

async function open({ rig, teardown }: Lease, service: Service): Promise<Announcement> {
  const ca = join(rig.folder, "ca.pem");
  writeFileSync(ca, rig.ca);
  const start = performance.now();
  const server = await startReportServer(() => reportNow(rig, service, (performance.now() - start) / 1000));
  teardown.add(() => server.close());
  const addresses = {
    admin: rig.envoys[0]?.admin ?? "",
    prometheus: rig.prometheus.url,
    report: `http://127.0.0.1:${server.port}/report`,
    ca,
  };
  return announcement(addresses, rig.entrances, HOSTS);
}

/** Settled only if nothing happened while the two sides were read. */
async function reportNow(rig: Rig, service: Service, durationSeconds: number): Promise<Report> {
  const { podCount, bytesPerReset } = service;
  const { query } = rig.prometheus;
  const before = rig.relayRecords();
  const wasSettled = await isSettled({ activity: rig.activity, query, podCount });
  const samples = await query(METERED_SERIES);
  const records = rig.relayRecords();
  const connections = [before, records].map((rows) => rows.reduce((sum, row) => sum + row.connections, 0));
  const settled = wasSettled && connections[0] === connections[1];
  return buildReport({ samples, records, settled, durationSeconds, bytesPerReset, isOwnLoad: false });
}
