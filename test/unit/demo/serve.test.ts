// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the served rig's two answers: what it tells its users once, and the report that they ask for.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { crawlerPods } from "../../../demo/pod.ts";
import type { Report } from "../../../demo/report/report.ts";
import { announcement } from "../../../demo/serve/announcement.ts";
import { startReportServer } from "../../../demo/serve/report-server.ts";
import { GATEWAY_VENDORS, HOSTS } from "../../../demo/vendors.ts";

const at = {
  admin: "127.0.0.1:9901",
  prometheus: "http://127.0.0.1:9090",
  report: "http://127.0.0.1:9000/report",
  page: "http://127.0.0.1:9002/",
  ca: "/tmp/ca.pem",
};

function announce(podCount: number) {
  const entrances = crawlerPods(podCount).flatMap((pod) =>
    GATEWAY_VENDORS.map((vendor, index) => ({ pod, vendor, port: 4000 + index })),
  );
  return announcement(at, entrances, HOSTS);
}

describe("announcement", () => {
  it("has the addresses, the trusted root, the vendors and the sites", () => {
    const told = announce(1);
    expect(Object.keys(told).sort()).toEqual(["admin", "ca", "page", "prometheus", "report", "sites", "vendors"]);
    expect(told).toMatchObject({ ...at, admin: "http://127.0.0.1:9901" });
    expect(told.sites).toHaveLength(HOSTS.length);
    expect(told.sites[0]).toEqual({ host: "shop-01.example", url: "https://shop-01.example/" });
  });

  it("gives each vendor's protocol, and its proxy with credentials as clients take them", () => {
    const vendors = announce(1).vendors.map(({ vendor, protocol, proxy }) => [vendor, protocol, proxy]);
    expect(vendors).toEqual([
      ["acme", "http", "http://crawl-zone-residential-country-de:acme-password@127.0.0.1:4000"],
      ["globex", "http", "http://crawl-zone-mobile-country-fr:globex-password@127.0.0.1:4001"],
      ["initech", "socks5", "socks5h://crawl-zone-residential-country-jp:initech-password@127.0.0.1:4002"],
    ]);
  });

  it("has a row for each pod and vendor", () => {
    expect(announce(2).vendors.map(({ pod, vendor }) => `${pod}/${vendor}`)).toEqual([
      ...["crawler-0/acme", "crawler-0/globex", "crawler-0/initech"],
      ...["crawler-1/acme", "crawler-1/globex", "crawler-1/initech"],
    ]);
  });
});

describe("startReportServer", () => {
  async function serve(report: () => Promise<Report>) {
    const server = await startReportServer(report);
    onTestFinished(() => server.close());
    return (path: string, method = "GET") => fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  }

  it("answers with the report of the moment", async () => {
    let count = 0;
    const ask = await serve(async () => ({ durationSeconds: ++count }) as Report);
    expect(await (await ask("/report")).json()).toEqual({ durationSeconds: 1 });
    expect(await (await ask("/report")).json()).toEqual({ durationSeconds: 2 });
  });

  it("answers 404 to everything else", async () => {
    const ask = await serve(async () => ({}) as Report);
    expect((await ask("/")).status).toBe(404);
    expect((await ask("/report", "POST")).status).toBe(404);
  });

  it("answers 503 and why when there is no report", async () => {
    const ask = await serve(() => Promise.reject(new Error("cannot ask Prometheus")));
    const answer = await ask("/report");
    expect([answer.status, await answer.text()]).toEqual([503, "cannot ask Prometheus\n"]);
  });
});
