// SPDX-License-Identifier: Apache-2.0
/**
 * The rig as a service: everything but load, so that any real client can be pointed at it, and the report as of now.
 * Only vendors with a gateway: for others the truth would be the client's own.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Control, type Lease, type RigSettings, withRig } from "../lifetime.ts";
import type { DemoOptions } from "../options.ts";
import { startPage } from "../page.ts";
import { crawlerPods } from "../pod.ts";
import { whenAborted } from "../poll.ts";
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
  const { pods, concurrency, prometheusPort, resetShare, seed, ledger } = options;
  const settings: RigSettings = {
    ...{ pods: crawlerPods(pods), vendors: GATEWAY_VENDORS, hosts: HOSTS },
    ...{ concurrency, prometheusPort, resetShare, seed },
    ...(ledger !== undefined && { ledger }),
  };
  let isServing = false;
  try {
    await withRig(settings, { control: host, onStage: host.onStage }, async (lease) => {
      host.onReady(await open(lease, pods));
      isServing = true;
      await whenAborted(host.finish);
    });
  } catch (error) {
    if (!isServing || !host.abort.aborted || error !== host.abort.reason) throw error;
  }
}

async function open({ rig, teardown }: Lease, podCount: number): Promise<Announcement> {
  const ca = join(rig.folder, "ca.pem");
  writeFileSync(ca, rig.ca);
  const start = performance.now();
  const server = await startReportServer(() => reportNow(rig, podCount, (performance.now() - start) / 1000));
  teardown.add(() => server.close());
  const addresses = {
    admin: rig.envoys[0]?.admin ?? "",
    prometheus: rig.prometheus.url,
    report: `http://127.0.0.1:${server.port}/report`,
    page: await startPage(rig, teardown),
    ca,
  };
  return announcement(addresses, rig.entrances, HOSTS);
}

/** Settled only if nothing happened while the two sides were read. */
async function reportNow(rig: Rig, podCount: number, durationSeconds: number): Promise<Report> {
  const { query } = rig.prometheus;
  const before = rig.relayRecords();
  const wasSettled = await isSettled({ activity: rig.activity, query, podCount });
  const samples = await query(METERED_SERIES);
  const records = rig.relayRecords();
  const connections = [before, records].map((rows) => rows.reduce((sum, row) => sum + row.connections, 0));
  const settled = wasSettled && connections[0] === connections[1];
  // Real clients reset: curl ends every HTTP/2 connection so, at times with its last words still on the way.
  return buildReport({
    ...{ samples, records, settled, durationSeconds },
    ...{ bytesPerReset: BUFFERED_BYTES, isOwnLoad: false },
  });
}
