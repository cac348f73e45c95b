// SPDX-License-Identifier: Apache-2.0
/**
 * The checks of gateways against the mesh, each with facts that pass and facts that do not.
 */
import { describe, expect, it } from "vitest";
import { isVisible, serviceSpeech } from "../../../../installer/checks/protocol.ts";
import { parseVendors } from "../../../../installer/vendors/read.ts";
import { type Changes, entry, OUR_ENTRY, object, pod, TAGGED, VENDORS } from "./facts.ts";
import { describeCheck } from "./rows.ts";

const service = (port: object, annotations: Record<string, string> = {}) =>
  object("Service", "web", { spec: { clusterIP: "10.96.0.9", ports: [port] } }, { namespace: "shop", annotations });
const HTTP = { name: "http-web", port: 8080 };
const gateways = (text: string) => ({
  value: parseVendors(`apiVersion: proxymeter.io/v1\nvendors: [{name: acme, gateways: [${text}]}]\n`, "vendors.yaml"),
});
const BARE = gateways("{host: gw.acme.example, ports: [8080]}");
const SOCKS = gateways("{host: gw.acme.example, addresses: [203.0.113.10], ports: [8080], protocol: socks5}");
const CAPTURE = { value: { defaultConfig: { ...TAGGED, proxyMetadata: { ISTIO_META_DNS_CAPTURE: "true" } } } };
const before = { stage: "before" } as const;

describeCheck("shared-ports", [
  ["passes where the gateway has a listener of its own", { objects: { services: [service(HTTP)] } }, "pass"],
  [
    "warns before the installation that crawlers get 404 until it",
    { ...before, objects: { services: [service(HTTP)], serviceEntries: [] } },
    "warn",
    /acme \(gw\.acme\.example\) port 8080 is HTTP of Service shop\/web \(port "http-web"\).*CONNECT 404/,
  ],
  [
    "fails after it where no entry gives the gateway a listener",
    { objects: { services: [service(HTTP)], serviceEntries: [] } },
    "fail",
    "no TCP ServiceEntry",
  ],
  [
    "passes for another port",
    { ...before, objects: { services: [service({ name: "http", port: 80 })], serviceEntries: [] } },
    "pass",
  ],
  [
    "passes for a port that says TCP",
    { ...before, objects: { services: [service({ name: "tcp-x", port: 8080 })], serviceEntries: [] } },
    "pass",
  ],
  [
    "finds HTTP by appProtocol",
    {
      ...before,
      objects: { services: [service({ appProtocol: "kubernetes.io/h2c", port: 8080 })], serviceEntries: [] },
    },
    "warn",
  ],
  [
    "passes for a Service that crawlers do not see",
    { ...before, objects: { services: [service(HTTP, { "networking.istio.io/exportTo": "." })], serviceEntries: [] } },
    "pass",
  ],
  [
    "finds an HTTP ServiceEntry of something else",
    {
      ...before,
      objects: {
        serviceEntries: [
          entry("api", { hosts: ["api.example"], ports: [{ number: 8080, name: "http", protocol: "HTTP" }] }),
        ],
      },
    },
    "warn",
    "ServiceEntry crawl/api (protocol HTTP)",
  ],
  [
    "fails without address and DNS capture",
    { vendors: BARE, objects: { services: [service(HTTP)] } },
    "fail",
    "CONNECT 404s",
  ],
  [
    "warns without address but with DNS capture",
    { vendors: BARE, mesh: CAPTURE, objects: { services: [service(HTTP)] } },
    "warn",
  ],
  [
    "warns of a network, which gets no listener of its own",
    {
      vendors: gateways("{host: gw.acme.example, addresses: [203.0.113.0/24], ports: [8080]}"),
      objects: { services: [service(HTTP)] },
    },
    "warn",
    "a network has no listener",
  ],
  [
    "warns of a network beside an address",
    {
      vendors: gateways("{host: gw.acme.example, addresses: [203.0.113.10, 198.51.100.0/24], ports: [8080]}"),
      objects: { services: [service(HTTP)] },
    },
    "warn",
    "a network has no listener",
  ],
  [
    "leaves an entry about the gateway itself to another check, and passes over TCP of others",
    {
      ...before,
      objects: {
        serviceEntries: [
          entry("own", { hosts: ["gw.acme.example"], ports: [{ number: 8080, name: "http", protocol: "HTTP" }] }),
          entry("db", { hosts: ["db.example"], ports: [{ number: 8080, name: "tcp", protocol: "TCP" }] }),
        ],
      },
    },
    "pass",
  ],
  [
    "passes for a gateway that is HTTP on purpose",
    {
      vendors: gateways("{host: gw.acme.example, addresses: [203.0.113.10], ports: [8080], mode: http}"),
      objects: { services: [service(HTTP)], serviceEntries: [] },
    },
    "pass",
  ],
  [
    "is skipped without vendors.yaml",
    { vendors: { unknown: "no vendors.yaml was given (-f)" } },
    "skip",
    "vendors.yaml",
  ],
]);

const wild = (name: string, more: object = {}) =>
  entry(name, { hosts: [`${name}.example`], ports: [{ number: 8080, name: "tcp", protocol: "TCP" }], ...more });

describeCheck("wildcard-listeners", [
  ["passes for entries with addresses", {}, "pass"],
  [
    "fails for two on a gateway's port",
    { objects: { serviceEntries: [wild("one"), wild("two")] } },
    "fail",
    "crawl/one, crawl/two",
  ],
  [
    "warns of one, which takes the whole port",
    { objects: { serviceEntries: [wild("one")] } },
    "warn",
    "every connection",
  ],
  [
    "warns of two on a port of no gateway",
    {
      objects: {
        serviceEntries: ["one", "two"].map((name) =>
          wild(name, { ports: [{ number: 9999, name: "tcp", protocol: "TCP" }] }),
        ),
      },
    },
    "warn",
    "0.0.0.0:9999",
  ],
  [
    "passes for two that Istio gives addresses by DNS capture",
    {
      mesh: CAPTURE,
      objects: { serviceEntries: [wild("one", { resolution: "DNS" }), wild("two", { resolution: "DNS" })] },
    },
    "pass",
  ],
  [
    "fails for those whose resolution NONE gets none",
    {
      mesh: CAPTURE,
      objects: { serviceEntries: [wild("one", { resolution: "NONE" }), wild("two", { resolution: "NONE" })] },
    },
    "fail",
  ],
  [
    "passes for TLS, which is told apart by server name",
    {
      objects: {
        serviceEntries: ["one", "two"].map((name) =>
          wild(name, { ports: [{ number: 8080, name: "tls", protocol: "TLS" }] }),
        ),
      },
    },
    "pass",
  ],
]);

const asHttp = (spec: object, labels = {}) =>
  entry("theirs", { hosts: ["x.example"], ports: [{ number: 8080, name: "http", protocol: "HTTP" }], ...spec }, labels);

describeCheck("declared-http", [
  ["passes where only we declare it", {}, "pass"],
  [
    "fails by host",
    { objects: { serviceEntries: [asHttp({ hosts: ["gw.acme.example"] })] } },
    "fail",
    "crawl/theirs declares acme",
  ],
  ["fails by wildcard host", { objects: { serviceEntries: [asHttp({ hosts: ["*.acme.example"] })] } }, "fail"],
  [
    "fails by a network that holds the address",
    { objects: { serviceEntries: [asHttp({ addresses: ["203.0.113.0/24"] })] } },
    "fail",
  ],
  [
    "fails by one of several addresses",
    { objects: { serviceEntries: [asHttp({ addresses: ["198.51.100.1", "203.0.113.10"] })] } },
    "fail",
  ],
  ["passes for other addresses", { objects: { serviceEntries: [asHttp({ addresses: ["198.51.100.1"] })] } }, "pass"],
  [
    "fails for a port without protocol, which is sniffed",
    { objects: { serviceEntries: [asHttp({ hosts: ["gw.acme.example"], ports: [{ number: 8080, name: "proxy" }] })] } },
    "fail",
    "as no protocol",
  ],
  [
    "warns for SOCKS, which passes a listener that speaks HTTP",
    { vendors: SOCKS, objects: { serviceEntries: [asHttp({ hosts: ["gw.acme.example"] })] } },
    "warn",
    "not metered",
  ],
  [
    "warns of TLS on a gateway that speaks none",
    {
      objects: {
        serviceEntries: [
          asHttp({ hosts: ["gw.acme.example"], ports: [{ number: 8080, name: "tls", protocol: "TLS" }] }),
        ],
      },
    },
    "warn",
  ],
  [
    "passes for somebody else's TCP",
    {
      objects: {
        serviceEntries: [asHttp({ hosts: ["gw.acme.example"], ports: [{ number: 8080, name: "t", protocol: "TCP" }] })],
      },
    },
    "pass",
  ],
  [
    "passes for another port of the gateway",
    {
      objects: { serviceEntries: [asHttp({ hosts: ["gw.acme.example"], ports: [{ number: 80, protocol: "HTTP" }] })] },
    },
    "pass",
  ],
  [
    "passes for an entry that crawlers do not see",
    { objects: { serviceEntries: [asHttp({ hosts: ["gw.acme.example"], exportTo: ["shop"] })] } },
    "pass",
  ],
]);

const captured = { ...TAGGED, proxyMetadata: { ISTIO_META_DNS_CAPTURE: "true" } };

describeCheck("gateway-addresses", [
  [
    "passes for HTTP on purpose, which is told apart by host",
    { vendors: gateways("{host: gw.acme.example, ports: [8080], mode: http}") },
    "pass",
  ],
  ["passes for gateways with addresses", {}, "pass"],
  ["fails without addresses and DNS capture", { vendors: BARE }, "fail", "acme (gw.acme.example)"],
  [
    "passes with DNS capture in mesh and pods",
    { vendors: BARE, mesh: CAPTURE, pods: { value: [pod("new", { proxyConfig: captured })] } },
    "pass",
  ],
  [
    "fails for pods that started before it",
    { vendors: BARE, mesh: CAPTURE },
    "fail",
    "without DNS capture: crawl/crawler-0",
  ],
]);

const resolved = (answer: object): Changes => ({ resolved: { "gw.acme.example": answer as { value: string[] } } });

describeCheck("gateway-dns", [
  ["passes where the host has the declared address", {}, "pass"],
  [
    "warns of another address",
    resolved({ value: ["203.0.113.10", "203.0.113.11"] }),
    "warn",
    /resolves to 203\.0\.113\.11 .*declared: 203\.0\.113\.10/,
  ],
  [
    "warns where it does not resolve",
    resolved({ unknown: '"gw.acme.example" does not resolve from here (ENOTFOUND)' }),
    "warn",
    "ENOTFOUND",
  ],
  [
    "passes for any address where none is declared",
    { vendors: BARE, ...resolved({ value: ["198.51.100.1"] }) },
    "pass",
  ],
  [
    "passes for an address in a declared network",
    {
      vendors: gateways("{host: gw.acme.example, addresses: [203.0.113.0/24], ports: [8080]}"),
      ...resolved({ value: ["203.0.113.77"] }),
    },
    "pass",
  ],
]);

describe("serviceSpeech", () => {
  it.each([
    [{ name: "http" }, "http"],
    [{ name: "grpc-web-x" }, "http"],
    [{ name: "https-x" }, "tls"],
    [{ name: "web" }, "sniffed"],
    [{ name: "db", port: 3306 }, "tcp"],
    [{ name: "http", protocol: "UDP" }, "udp"],
    [{ name: "http", appProtocol: "tcp" }, "tcp"],
  ])("takes %j for %s", (port, speech) => {
    expect(serviceSpeech(port)).toBe(speech);
  });
});

describe("isVisible", () => {
  it("takes `.` for the own namespace and `~` for nobody", () => {
    expect(isVisible(["."], "crawl", ["crawl"])).toBe(true);
    expect(isVisible(["."], "shop", ["crawl"])).toBe(false);
    expect(isVisible(["~"], "crawl", ["crawl"])).toBe(false);
    expect(isVisible([], "shop", ["crawl"])).toBe(true);
  });
});

it("the vendors of the facts are what our entry declares", () => {
  expect(OUR_ENTRY.spec?.hosts).toEqual([VENDORS.vendors[0]?.gateways[0]?.host]);
});
