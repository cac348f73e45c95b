// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the page's server over real HTTP: whom it answers, what it passes on to Prometheus, and what every answer says
 * to browsers. Prometheus is a function here.
 */
import http from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { DASHBOARDS } from "../../../demo/paths.ts";
import { startView } from "../../../view/server/server.ts";
import { urlUpstream } from "../../../view/server/url-upstream.ts";
import { endless } from "../endless.ts";

const VECTOR = JSON.stringify({ status: "success", data: { resultType: "vector", result: [] } });

interface Asked {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

async function serve(get: (path: string, maxBytes: number) => Promise<string> = async () => VECTOR) {
  const asked: string[] = [];
  const upstream = {
    address: "http://prometheus.example:9090",
    get: (path: string, maxBytes: number) => {
      asked.push(path);
      return get(path, maxBytes);
    },
  };
  const view = await startView({ upstream, dashboards: DASHBOARDS, scrapeIntervalSeconds: 15 });
  onTestFinished(() => view.close());
  const { port, host } = new URL(view.url);
  const ask = ({ path = "/", method = "GET", headers = {}, body }: Asked) =>
    new Promise<{ status: number; headers: http.IncomingHttpHeaders; body: string }>((resolve, reject) => {
      const request = http.request(
        { host: "127.0.0.1", port, path, method, headers: { host, ...headers } },
        (answer) => {
          let text = "";
          answer.on("data", (part) => {
            text += part;
          });
          answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }));
        },
      );
      request.on("error", reject);
      request.end(body);
    });
  return { view, host, port, ask, asked };
}

describe("whom the page's server answers", () => {
  it("listens on 127.0.0.1 only", async () => {
    const { view } = await serve();
    expect(view.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  it.each(["rebound.example", "rebound.example:80", "127.0.0.1", "127.0.0.1.rebound.example:1"])(
    "refuses the foreign host %s, as a rebound name would bring it",
    async (name) => {
      const { ask, asked } = await serve();
      const paths = ["/", "/site.json", "/api/v1/query?query=up"];
      const answers = await Promise.all(paths.map((path) => ask({ path, headers: { host: name } })));
      expect(answers.map(({ status }) => status)).toEqual([421, 421, 421]);
      expect(asked).toEqual([]);
    },
  );

  it("refuses requests that another site's page makes", async () => {
    const { ask, asked, port } = await serve();
    const foreign = [
      { origin: "https://other.example" },
      { origin: `http://localhost:${port}` },
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
      { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" },
    ];
    for (const headers of foreign) {
      expect((await ask({ path: "/api/v1/query?query=up", headers })).status).toBe(403);
    }
    expect(asked).toEqual([]);
  });

  it("answers its own page, and somebody who follows a link to it", async () => {
    const { ask, host } = await serve();
    const own = { origin: `http://${host}`, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" };
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect((await ask({ path: "/api/v1/query?query=up", headers: own })).status).toBe(200);
    expect((await ask({ headers: link })).status).toBe(200);
  });
});

describe("what it passes on to Prometheus", () => {
  it.each([
    ["/api/v1/query", "query=up&time=1"],
    ["/api/v1/query_range", "query=up&start=0&end=60&step=15"],
    ["/api/v1/series", "match%5B%5D=up"],
    ["/api/v1/label/proxy_vendor/values", "match%5B%5D=up&start=0&end=1"],
  ])("is %s, by GET and by POST", async (path, parameters) => {
    const { ask, asked } = await serve();
    expect((await ask({ path: `${path}?${parameters}` })).body).toBe(VECTOR);
    expect((await ask({ path, method: "POST", body: parameters })).body).toBe(VECTOR);
    expect(asked).toEqual([`${path}?${parameters}`, `${path}?${parameters}`]);
  });

  it.each([
    "/api/v1/admin/tsdb/delete_series?match[]=up",
    "/api/v1/status/config",
    "/api/v1/targets",
    "/api/v1/query/../admin/tsdb/snapshot",
    "/api/v1/label/__name__/../../status/config",
    "/-/quit",
    "/metrics",
    "/page/../server/server.ts",
    "/page/%2e%2e/server/server.ts",
    "/server/server.ts",
    "/../package.json",
    "/page/tsconfig.json",
  ])("is not %s", async (path) => {
    const { ask, asked } = await serve();
    expect((await ask({ path })).status).toBe(404);
    expect(asked).toEqual([]);
  });

  it("has no parameters but its own, and is of a bounded size", async () => {
    const { ask, asked } = await serve();
    const refused = [
      "/api/v1/query?query=up&dedup=false",
      `/api/v1/query?query=${"x".repeat(15_000)}&time=${"1".repeat(200)}`,
      "/api/v1/query_range?query=up&start=0&end=1000000&step=1",
      "/api/v1/query_range?query=up&start=0&end=10&step=0",
      "/api/v1/query_range?query=up&start=now&end=10&step=1",
    ];
    for (const path of refused) expect((await ask({ path })).status).toBe(400);
    expect((await ask({ path: "/api/v1/query", method: "POST", body: `query=${"x".repeat(70_000)}` })).status).toBe(
      413,
    );
    expect((await ask({ path: "/api/v1/query", method: "DELETE" })).status).toBe(405);
    expect(asked).toEqual([]);
  });

  it("says in Prometheus' own form when there is no answer", async () => {
    const { ask } = await serve(async () => {
      throw new Error("connection refused");
    });
    const { status, body } = await ask({ path: "/api/v1/query?query=up" });
    expect(status).toBe(502);
    expect(JSON.parse(body)).toEqual({
      status: "error",
      errorType: "unreachable",
      error: "Prometheus does not answer: connection refused",
    });
  });

  it("has answers of at most 64 MiB, and says in Prometheus' own form that there was more", async () => {
    const { ask } = await serve(async (_path, maxBytes) => {
      throw Object.assign(new Error(`more than ${maxBytes} bytes`), { code: "E_TOO_LARGE" });
    });
    const { status, body } = await ask({ path: "/api/v1/query?query=up" });
    expect(status).toBe(502);
    expect(JSON.parse(body)).toEqual({
      status: "error",
      errorType: "too_large",
      error: "Prometheus answers with too much: more than 67108864 bytes",
    });
  });

  it("is read from a Prometheus by URL no further than it may be long", async () => {
    const { url, sent } = await endless();
    await expect(urlUpstream(url).get("/api/v1/query?query=up", 1_000_000)).rejects.toMatchObject({
      code: "E_TOO_LARGE",
    });
    await expect.poll(() => sent.isOpen).toBe(false);
    expect(sent.bytes).toBeLessThan(16_000_000);
  });

  it("is no more than 32 questions at once", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { ask, asked } = await serve(() => held.then(() => VECTOR));
    const waiting = Array.from({ length: 32 }, () => ask({ path: "/api/v1/query?query=up" }));
    await expect.poll(() => asked.length).toBe(32);
    expect((await ask({ path: "/api/v1/query?query=up" })).status).toBe(503);
    release();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(32).fill(200));
  });
});

describe("what every answer says", () => {
  it.each([
    "/",
    "/site.json",
    "/page/main.ts",
    "/model/units.ts",
    "/echarts.mjs",
    "/nothing",
    "/api/v1/query?query=up",
  ])("%s has the policy and the other headers", async (path) => {
    const { ask } = await serve();
    const { headers } = await ask({ path });
    const policy = String(headers["content-security-policy"]);
    expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'sha256-[\w+/=]{44}'; style-src 'self'; /);
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("serves TypeScript as the JavaScript that browsers run", async () => {
    const { ask } = await serve();
    const { headers, body } = await ask({ path: "/model/reduce.ts" });
    expect(headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect(body).toContain("export function reduced(values");
    expect(body).not.toMatch(/readonly Cell\[\]|import type/);
  });

  it("lists the dashboards, an overview first, and has each at Grafana's path", async () => {
    const { ask } = await serve();
    const { dashboards, prometheus } = JSON.parse((await ask({ path: "/site.json" })).body);
    expect(prometheus).toBe("http://prometheus.example:9090");
    expect(dashboards[0].uid).toBe("proxymeter-overview");
    for (const { uid } of dashboards) {
      expect((await ask({ path: `/d/${uid}?from=now-1h` })).body).toContain("<!doctype html>");
      expect(JSON.parse((await ask({ path: `/dashboards/${uid}.json` })).body).uid).toBe(uid);
    }
  });

  it("says which folder has no dashboards, and which port is in use", async () => {
    const upstream = { address: "", get: async () => "" };
    const options = { upstream, dashboards: DASHBOARDS, scrapeIntervalSeconds: 1 };
    await expect(startView({ ...options, dashboards: "/nowhere" })).rejects.toMatchObject({ code: "E_DASHBOARDS" });
    const { port } = await serve();
    await expect(startView({ ...options, port: Number(port) })).rejects.toMatchObject({ code: "E_PORT_IN_USE" });
  });
});
