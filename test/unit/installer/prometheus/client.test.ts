// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the client of Prometheus' API against an HTTP server that answers as Prometheus does, and through the API server's
 * proxy: what is asked, what comes of the answers, and what errors say, never with credentials.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Cluster } from "../../../../installer/cluster/cluster.ts";
import { KubeError } from "../../../../installer/cluster/kube-error.ts";
import { makePrometheus } from "../../../../installer/prometheus/client.ts";
import { serviceFetcher, urlFetcher } from "../../../../installer/prometheus/fetcher.ts";
import { openPrometheus } from "../../../../installer/prometheus/open.ts";
import { endless } from "../../endless.ts";

const { signal } = new AbortController();
const AT = { namespace: "monitoring", service: "prometheus", port: 9090 };
const VECTOR = {
  resultType: "vector",
  result: [
    { metric: { __name__: "up", pod: "p-0" }, value: [1000.5, "1"] },
    { metric: {}, value: [1000.5, "+Inf"] },
  ],
};

interface Answer {
  status?: number;
  body: unknown;
}

/** A server with one answer, and the requests that it got. */
async function serve({ status = 200, body }: Answer) {
  const requests: { url: string; authorization: string | undefined }[] = [];
  const server = http.createServer(({ url = "", headers: { authorization } }, response) => {
    requests.push({ url, authorization });
    response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const success = (data: unknown) => ({ body: { status: "success", data } });

describe("query", () => {
  it("asks for an expression at a time, and yields labels and numbers", async () => {
    const { host, requests } = await serve(success(VECTOR));
    const prometheus = makePrometheus(urlFetcher(`http://${host}/prom/`, signal, {}));
    expect(await prometheus.query('up{pod="p-0"}', 1000.5)).toEqual([
      { labels: { __name__: "up", pod: "p-0" }, value: 1 },
      { labels: {}, value: Number.POSITIVE_INFINITY },
    ]);
    expect(requests).toEqual([
      { url: "/prom/api/v1/query?query=up%7Bpod%3D%22p-0%22%7D&time=1000.5", authorization: undefined },
    ]);
    expect(prometheus.address).toBe(`http://${host}/prom`);
  });

  it("takes a scalar for one sample without labels", async () => {
    const { host } = await serve(success({ resultType: "scalar", result: [1, "2.5"] }));
    expect(await makePrometheus(urlFetcher(`http://${host}`, signal, {})).query("2.5")).toEqual([
      { labels: {}, value: 2.5 },
    ]);
  });

  const failures: [what: string, answer: Answer, code: string, message: RegExp][] = [
    [
      "refuses the expression",
      { status: 400, body: { status: "error", errorType: "bad_data", error: "parse error" } },
      "E_PROMQL",
      /^Prometheus refused "up\[": parse error$/,
    ],
    [
      "is not ready",
      { status: 503, body: { status: "error", errorType: "unavailable", error: "starting" } },
      "E_PROMETHEUS",
      /unavailable: starting/,
    ],
    ["asks for credentials", { status: 401, body: "Unauthorized" }, "E_PROMETHEUS", /answered 401 \(expected 200\)/],
    ["leads to a login page", { status: 302, body: "" }, "E_PROMETHEUS", /answered 302/],
    ["is a web page", { body: "<html>hello" }, "E_PROMETHEUS", /begins with "<html>hello"/],
    ["gives a matrix", success({ resultType: "matrix", result: [] }), "E_PROMETHEUS", /a matrix \(expected a vector\)/],
  ];
  it.each(failures)("says so where the other side %s, without credentials", async (_what, answer, code, message) => {
    const { host } = await serve(answer);
    const error = await makePrometheus(urlFetcher(`http://user:secret@${host}`, signal, {}))
      .query("up[")
      .catch((cause) => cause);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message), hint: expect.stringMatching(/\S/) });
    expect(`${error.message}${error.hint}`).not.toContain("secret");
  });

  it("says so where nobody listens, without credentials", async () => {
    const error = await makePrometheus(urlFetcher("http://user:secret@127.0.0.1:1", signal, {}))
      .query("up")
      .catch((cause) => cause);
    expect(error).toMatchObject({
      code: "E_PROMETHEUS",
      message: expect.stringMatching(/^cannot reach Prometheus at http:\/\/127\.0\.0\.1:1: .+/),
    });
    expect(error.message).not.toContain("secret");
  });
});

describe("credentials", () => {
  const basic = `Basic ${Buffer.from("user:p@ss").toString("base64")}`;
  const cases: [where: string, user: string, env: Record<string, string>, authorization: string | undefined][] = [
    ["the URL", "user:p%40ss@", { PROMETHEUS_TOKEN: "t" }, basic],
    ["a token in the environment", "", { PROMETHEUS_TOKEN: "t", PROMETHEUS_USERNAME: "u" }, "Bearer t"],
    ["user and password in the environment", "", { PROMETHEUS_USERNAME: "user", PROMETHEUS_PASSWORD: "p@ss" }, basic],
    ["nowhere", "", {}, undefined],
  ];
  it.each(cases)("come from %s", async (_where, user, env, authorization) => {
    const { host, requests } = await serve(success(VECTOR));
    await makePrometheus(urlFetcher(`http://${user}${host}`, signal, env)).query("up");
    expect(requests[0]?.authorization).toBe(authorization);
  });

  it.each(["prometheus:9090", "ftp://user:secret@prom.example", "http://"])(
    "are not shown in the refusal of %s",
    (url) => {
      const open = () => urlFetcher(url, signal, {});
      expect(open).toThrow(expect.objectContaining({ code: "E_PROMETHEUS_URL", exitCode: 2 }));
      expect(open).not.toThrow(/secret/);
    },
  );
});

describe("the other questions", () => {
  const cases: [
    name: string,
    data: unknown,
    ask: (at: ReturnType<typeof makePrometheus>) => Promise<unknown>,
    path: string,
    want: unknown,
  ][] = [
    [
      "raw",
      { resultType: "matrix", result: [{ metric: {}, values: [[1, "2"]] }] },
      (at) => at.raw("up[5m]", 7),
      "query?query=up%5B5m%5D&time=7",
      [{ labels: {}, points: [[1, 2]] }],
    ],
    [
      "queryRange",
      { resultType: "matrix", result: [] },
      (at) => at.queryRange("up", { start: 1, end: 9, step: 2 }),
      "query_range?query=up&start=1&end=9&step=2",
      [],
    ],
    [
      "targets",
      { activeTargets: [{ health: "up" }] },
      (at) => at.targets(),
      "targets?state=active",
      [{ health: "up" }],
    ],
    ["rules", { groups: [{ name: "g" }] }, (at) => at.rules(), "rules", [{ name: "g" }]],
    ["config", { yaml: "global: {}" }, (at) => at.config(), "status/config", "global: {}"],
    ["buildInfo", { version: "3.5.0" }, (at) => at.buildInfo(), "status/buildinfo", { version: "3.5.0" }],
    [
      "series",
      [{ pod: "p" }],
      (at) => at.series(["up", "x"], { start: 1, end: 2 }),
      "series?match%5B%5D=up&match%5B%5D=x&start=1&end=2",
      [{ pod: "p" }],
    ],
  ];
  it.each(cases)("%s goes to its own path", async (_name, data, ask, path, want) => {
    const { host, requests } = await serve(success(data));
    expect(await ask(makePrometheus(urlFetcher(`http://${host}`, signal, {})))).toEqual(want);
    expect(requests[0]?.url).toBe(`/api/v1/${path}`);
  });
});

describe("serviceFetcher", () => {
  it("goes through the API server's proxy to the Service, below its prefix", async () => {
    const paths: string[] = [];
    const get = async (path: string) => {
      paths.push(path);
      return JSON.stringify(success(VECTOR).body);
    };
    const at = { namespace: "monitoring", service: "prom", port: 9090, isHttps: true, prefix: "/p" };
    const prometheus = makePrometheus(serviceFetcher({ get }, at));
    expect(await prometheus.query("up")).toHaveLength(2);
    expect(paths).toEqual(["/api/v1/namespaces/monitoring/services/https:prom:9090/proxy/p/api/v1/query?query=up"]);
    expect(prometheus.address).toBe("service monitoring/prom:9090");
  });

  it.each([
    [403, /services\/proxy/],
    [503, /pod is ready/],
  ])("says what to do about %i of the API server", async (status, hint) => {
    const get = async () => Promise.reject(new KubeError("GET", "/x", status, "no"));
    const prometheus = makePrometheus(serviceFetcher({ get }, { namespace: "m", service: "p", port: 9090 }));
    await expect(prometheus.query("up")).rejects.toMatchObject({
      code: "E_PROMETHEUS",
      hint: expect.stringMatching(hint),
    });
  });
});

describe("openPrometheus", () => {
  it("asks for an address where there is no cluster either", async () => {
    await expect(openPrometheus({ signal })).rejects.toMatchObject({ code: "E_PROMETHEUS_NOT_FOUND", exitCode: 2 });
  });

  it("opens no cluster for a URL", async () => {
    const cluster = () => {
      throw new Error("opened");
    };
    expect((await openPrometheus({ url: "http://prom.example:9090", cluster, signal })).address).toBe(
      "http://prom.example:9090",
    );
    await expect(openPrometheus({ url: "monitoring/prom", cluster, signal })).rejects.toThrow("opened");
  });
});

describe("an answer that is too large", () => {
  const cluster = (url: string) => {
    const folder = mkdtempSync(join(tmpdir(), "proxymeter-fetcher-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const kubeconfig = join(folder, "kubeconfig");
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: { server: url, "insecure-skip-tls-verify": true } }],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      "current-context": "c",
    };
    writeFileSync(kubeconfig, JSON.stringify(config));
    return new Cluster({ kubeconfig });
  };

  it.each([
    ["by URL", (url: string) => urlFetcher(url, signal, {})],
    ["through the API server", (url: string) => serviceFetcher(cluster(url), AT)],
  ])("%s is read no further than its limit, and said to be too large", async (_way, fetcherOf) => {
    const { url, sent } = await endless();
    await expect(fetcherOf(url).get("/api/v1/query?query=up", 1_048_576)).rejects.toMatchObject({
      code: "E_TOO_LARGE",
      message: "the answer has more than 1 MiB (expected at most that)",
    });
    await expect.poll(() => sent.isOpen).toBe(false);
    expect(sent.bytes).toBeLessThan(16_000_000);
  });

  it.each([
    ["by URL", (url: string) => urlFetcher(url, signal, {}, 50)],
    ["through the API server", (url: string) => serviceFetcher(cluster(url), AT, 50)],
  ])("%s is waited for no longer than told", async (_way, fetcherOf) => {
    const server = http.createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => server.closeAllConnections());
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(fetcherOf(url).get("/api/v1/query?query=up")).rejects.toThrow(/timeout/);
  });
});
