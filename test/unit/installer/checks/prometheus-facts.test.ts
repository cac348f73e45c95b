// SPDX-License-Identifier: Apache-2.0
/**
 * What a real Prometheus tells: two jobs scrape one pod, and another target is down.
 */
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Child } from "../../../../demo/process/child.ts";
import { freePort } from "../../../../demo/process/port.ts";
import { startPrometheus } from "../../../../demo/prometheus/prometheus.ts";
import { CONFIG_ERRORS, DESTINATIONS_OVERFLOW, HEARTBEAT_SECONDS } from "../../../../filter/core/contract.ts";
import type { PrometheusFacts } from "../../../../installer/checks/facts.ts";
import { prometheusFacts } from "../../../../installer/checks/prometheus-facts.ts";
import { openPrometheus } from "../../../../installer/prometheus/open.ts";
import { outcomeOf } from "./facts.ts";

const START_MS = 60_000;
/** The heartbeat stands still. */
const EXPOSITION = `# TYPE ${HEARTBEAT_SECONDS} counter
${HEARTBEAT_SECONDS} 100
# TYPE ${CONFIG_ERRORS} gauge
${CONFIG_ERRORS} 2
# TYPE ${DESTINATIONS_OVERFLOW} counter
${DESTINATIONS_OVERFLOW} `;

describe("prometheusFacts of a real Prometheus", () => {
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-checks-"));
  const children: Child[] = [];
  let server: http.Server;
  let overflow = 0;
  let read: () => Promise<PrometheusFacts>;

  beforeAll(async () => {
    server = http.createServer((_request, response) => {
      overflow += 1;
      response.end(`${EXPOSITION}${overflow}\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const pod = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const labels = { namespace: "crawl", pod: "crawler-0" };
    const job = (job_name: string, targets: string[]) => ({ job_name, static_configs: [{ targets, labels }] });
    const { url } = await startPrometheus({
      config: {
        global: { scrape_interval: "1s", scrape_timeout: "1s" },
        scrape_configs: [
          job("proxymeter", [pod, `127.0.0.1:${await freePort()}`]),
          job("envoy-stats", [pod]),
          job("other", [`127.0.0.1:${await freePort()}`]),
        ],
      },
      folder,
      port: 0,
      signal: AbortSignal.timeout(START_MS),
      onChild: (child) => children.push(child),
    });
    read = async () => prometheusFacts(await openPrometheus({ url, signal: AbortSignal.timeout(START_MS) }));
  }, START_MS);
  afterAll(async () => {
    for (const child of children) await child.stop();
    server?.close();
    rmSync(folder, { recursive: true });
  });

  it("finds both jobs, what stands still, errors, overflow, targets and the clock", { timeout: START_MS }, async () => {
    const facts = await vi.waitFor(
      async () => {
        const found = await read();
        expect(found.stale).toHaveLength(2);
        expect(found.overflow.length).toBeGreaterThan(0);
        expect(found.targets.filter(({ isUp }) => !isUp)).toHaveLength(1);
        return found;
      },
      { timeout: 30_000, interval: 250 },
    );
    expect(facts.heartbeats.map(({ labels }) => labels.job).sort()).toEqual(["envoy-stats", "proxymeter"]);
    expect(facts.configErrors.map(({ value }) => value)).toEqual([2, 2]);
    expect(facts.targets.map(({ pool }) => pool).sort()).toEqual(["envoy-stats", "proxymeter", "proxymeter"]);
    expect(facts.targets.map(({ intervalSeconds }) => intervalSeconds)).toEqual([1, 1, 1]);
    expect(Math.abs(facts.clockSkewSeconds)).toBeLessThan(5);
    const prometheus = { value: facts };
    expect(outcomeOf("scraped-once", { prometheus }).status).toBe("fail");
    expect(outcomeOf("heartbeat", { prometheus }).status).toBe("fail");
    expect(outcomeOf("config-errors", { prometheus }).status).toBe("fail");
    expect(outcomeOf("targets-up", { prometheus }).evidence.join()).toContain("connection refused");
  });
});
