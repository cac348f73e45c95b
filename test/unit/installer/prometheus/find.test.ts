// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about which Prometheus is found in a cluster, and what is said of none and of several.
 */
import { describe, expect, it } from "vitest";
import { KubeError } from "../../../../installer/cluster/kube-error.ts";
import type { KubeObject } from "../../../../installer/objects/object.ts";
import { candidates, findPrometheus, nameOfAddress, parseAddress } from "../../../../installer/prometheus/find.ts";

interface ServiceParts {
  namespace?: string;
  labels?: Record<string, string>;
  selector?: Record<string, string>;
  ports?: { port: number; targetPort?: number }[];
}

function service(name: string, parts: ServiceParts = {}): KubeObject {
  const { namespace = "monitoring", labels = {}, selector = { app: name }, ports = [{ port: 9090 }] } = parts;
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace, labels }, spec: { selector, ports } };
}

function operated(name: string, spec: object = {}, namespace = "monitoring"): KubeObject {
  return { apiVersion: "monitoring.coreos.com/v1", kind: "Prometheus", metadata: { name, namespace }, spec };
}

const LABELLED = { labels: { "app.kubernetes.io/name": "prometheus" } };
const GOVERNING = service("prometheus-operated", { selector: { "app.kubernetes.io/name": "prometheus" } });

describe("candidates", () => {
  const cases: [what: string, objects: KubeObject[], services: KubeObject[], want: string[]][] = [
    ["a Service by its label", [], [service("metrics", LABELLED)], ["monitoring/metrics:9090"]],
    ["a Service by its name", [], [service("prometheus")], ["monitoring/prometheus:9090"]],
    [
      "a Service of port 80 that leads to 9090",
      [],
      [service("prometheus-server", { ports: [{ port: 80, targetPort: 9090 }] })],
      ["monitoring/prometheus-server:80"],
    ],
    [
      "the Service of an operator's object",
      [operated("k8s")],
      [GOVERNING, service("prometheus-k8s", { ...LABELLED, selector: { "operator.prometheus.io/name": "k8s" } })],
      ["monitoring/prometheus-k8s:9090"],
    ],
    [
      "an object's governing Service without another",
      [operated("k8s")],
      [GOVERNING],
      ["monitoring/prometheus-operated:9090"],
    ],
    [
      "each of two objects",
      [operated("a"), operated("b", {}, "team")],
      [],
      ["monitoring/prometheus-operated:9090", "team/prometheus-operated:9090"],
    ],
    [
      "one of two Services before the same pods",
      [],
      [service("prometheus"), service("prometheus-web", { selector: { app: "prometheus" } })],
      ["monitoring/prometheus-web:9090"],
    ],
    [
      "no exporter, no Alertmanager, nobody else",
      [],
      [
        service("prometheus-node-exporter", { ports: [{ port: 9100 }] }),
        service("alertmanager", { ports: [{ port: 9093 }] }),
        service("shop"),
      ],
      [],
    ],
  ];
  it.each(cases)("has %s", (_what, objects, services, want) => {
    expect(candidates(objects, services).map(nameOfAddress)).toEqual(want);
  });

  it("knows an object's path and TLS", () => {
    const object = operated("k8s", { routePrefix: "/prom/", web: { tlsConfig: {} }, serviceName: "own" });
    expect(candidates([object], [])).toEqual([
      { namespace: "monitoring", service: "own", port: 9090, isHttps: true, prefix: "/prom" },
    ]);
  });
});

describe("findPrometheus", () => {
  const cluster = (services: KubeObject[]) => ({
    list: async (_version: string, kind: string) => (kind === "Service" ? services : []),
  });

  it("yields the only one", async () => {
    expect(await findPrometheus(cluster([service("prometheus")]))).toMatchObject({ service: "prometheus", port: 9090 });
  });

  it.each([
    ["none", [], /found no Prometheus object.*app\.kubernetes\.io\/name=prometheus/],
    [
      "several",
      [service("prometheus-a"), service("prometheus-b")],
      /found 2: monitoring\/prometheus-a:9090, monitoring\/prometheus-b:9090 \(expected one\)/,
    ],
  ])("says what it found where that is %s, and asks for --prometheus", async (_what, services, message) => {
    await expect(findPrometheus(cluster(services))).rejects.toMatchObject({
      ...{ code: "E_PROMETHEUS_NOT_FOUND", exitCode: 2, message: expect.stringMatching(message) },
      hint: expect.stringContaining("--prometheus"),
    });
  });

  it("asks for --prometheus where it may not look, and passes on other failures", async () => {
    const failing = (status: number) => ({
      list: () => Promise.reject(new KubeError("GET", "/api/v1/services", status, "no")),
    });
    await expect(findPrometheus(failing(403))).rejects.toMatchObject({ code: "E_PROMETHEUS_NOT_FOUND" });
    await expect(findPrometheus(failing(500))).rejects.toMatchObject({ code: "E_API" });
  });
});

describe("parseAddress", () => {
  it.each([
    ["monitoring/prometheus:80", { namespace: "monitoring", service: "prometheus", port: 80 }],
    ["monitoring/prometheus", { namespace: "monitoring", service: "prometheus", port: 9090 }],
    ["http://prometheus:9090", undefined],
    ["prometheus:9090", undefined],
  ])("reads %s", (text, want) => {
    expect(parseAddress(text)).toEqual(want);
  });
});
