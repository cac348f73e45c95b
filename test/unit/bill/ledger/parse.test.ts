// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about reading one line: what it says, however a log collector wrapped it, and that hostile text is left out.
 */
import { describe, expect, it } from "vitest";
import { parseLedgerLine } from "../../../../bill/ledger/parse.ts";
import { ledgerLine, sidecarLine } from "./lines.ts";

describe("a sidecar's line", () => {
  it("becomes its normal form", () => {
    expect(parseLedgerLine(sidecarLine())).toEqual([
      {
        ...{ connection: "crawl/crawler-0/1790000000200/17", part: 0, isInterim: false, sequence: 1000 },
        ...{ start: "2026-09-21T14:13:20.250Z", end: "2026-09-21T14:13:21.200Z" },
        ...{ vendor: "acme", pool: "residential", country: "de", extra: "" },
        ...{ pod: "crawler-0", namespace: "crawl", workload: "crawler", node: "node-a" },
        ...{ protocol: "connect", protocolVersion: "1.1", method: "CONNECT" },
        ...{ destinationHost: "shop-01.example", destinationPort: 443, gateway: "203.0.113.10:8080" },
        ...{ status: 200, outcome: "ok", requestOutcome: "ok", requests: 1 },
        ...{ handshakeMs: 12, firstByteMs: 80, totalMs: 900, sentBytes: 1000, receivedBytes: 20_000 },
        ...{ proxyHandshakeSentBytes: 120, proxyHandshakeReceivedBytes: 0 },
        ...{ tlsHandshakeSentBytes: 0, tlsHandshakeReceivedBytes: 0 },
      },
    ]);
  });

  const DESTINATIONS: [label: string, protocol: string, host: string, port: number][] = [
    ["shop.example", "http", "shop.example", 80],
    ["shop.example:8443", "connect", "shop.example", 8443],
    ["2001:db8::1", "socks5", "2001:db8::1", 443],
    ["[2001:db8::1]:8080", "socks5", "2001:db8::1", 8080],
    ["203.0.113.9:81", "socks4", "203.0.113.9", 81],
    ["unknown", "tls", "unknown", 0],
    ["other", "http", "other", 0],
  ];

  it.each(DESTINATIONS)("to %s over %s has host %s and port %i", (label, protocol, host, port) => {
    const [line] = parseLedgerLine(sidecarLine({}, { destination_host: label, protocol })) ?? [];
    expect(line).toMatchObject({ destinationHost: host, destinationPort: port });
  });

  it("has a line for each part, in order", () => {
    const text = sidecarLine({}, { sent_bytes: 1 }, { sent_bytes: 2 });
    expect(parseLedgerLine(text)?.map(({ part, sentBytes }) => [part, sentBytes])).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  it.each(["TcpPeriodic", "DownstreamPeriodic"])("of type %s is an interim one", (type) => {
    expect(parseLedgerLine(sidecarLine({ type }))?.[0]?.isInterim).toBe(true);
  });

  it("has an identity with its HTTP stream where Envoy itself speaks HTTP", () => {
    const text = sidecarLine({ type: "DownstreamEnd" }, { stream: 4 });
    expect(parseLedgerLine(text)?.[0]?.connection).toBe("crawl/crawler-0/1790000000200/17/4");
  });

  it.each([
    ["the vendor's reset, by Envoy's flags", "DownstreamEnd", "UC", "reset"],
    ["the crawler's end, by Envoy's flags", "DownstreamEnd", "DC", "client_abort"],
    ["not known, while it goes on", "DownstreamPeriodic", "-", "unknown"],
  ])("of an HTTP request that was not whole is %s", (_what, type, flags, outcome) => {
    const text = sidecarLine({ type, flags }, { stream: 4, outcome: "client_abort" });
    expect(parseLedgerLine(text)?.[0]).toMatchObject({ outcome, requestOutcome: outcome });
  });

  it("names the outcome that the request counters have where it is another one", () => {
    const text = sidecarLine({}, { outcome: "reset", request_outcome: "ok" });
    expect(parseLedgerLine(text)?.[0]).toMatchObject({ outcome: "reset", requestOutcome: "ok" });
  });
});

/** As Cloud Logging exports it. */
function gke(jsonPayload: object, container: string): string {
  return JSON.stringify({ insertId: "x", jsonPayload, resource: { labels: { container_name: container } } });
}

describe("a line in the wrapping of a log collector is the same line", () => {
  const line = sidecarLine();
  const WRAPPED: [string, string][] = [
    ["kubectl logs --prefix", `[pod/crawler-0/istio-proxy] ${line}`],
    ["kubectl logs --timestamps", `2026-09-21T14:13:21.3Z ${line}`],
    ["containerd's log files", `2026-09-21T14:13:21.300000001Z stdout F ${line}`],
    ["docker's json-file", JSON.stringify({ log: `${line}\n`, stream: "stdout", time: "2026-09-21T14:13:21Z" })],
    ["kubectl logs --prefix --timestamps", `[pod/crawler-0/istio-proxy] 2026-09-21T14:13:21.3+02:00 ${line}`],
    [
      "a collector that takes containerd's lines as they are",
      JSON.stringify({ message: `2026-09-21T14:13:21Z stdout F ${line}` }),
    ],
    [
      "GKE",
      JSON.stringify({
        textPayload: line,
        resource: { labels: { container_name: "istio-proxy", pod_name: "crawler-0" } },
      }),
    ],
    ["fluent-bit", JSON.stringify({ log: line, kubernetes: { pod_name: "crawler-0", container_name: "istio-proxy" } })],
    ["GKE, which parses lines that are JSON", gke(JSON.parse(line), "istio-proxy")],
    ["filebeat", JSON.stringify({ message: line, kubernetes: { container: { name: "istio-proxy" } } })],
    ["stern -o json", JSON.stringify({ message: line, podName: "crawler-0", containerName: "istio-proxy" })],
    ["vector", JSON.stringify({ message: line, source_type: "kubernetes_logs" })],
    ["a collector that parsed it", JSON.stringify({ cluster: "eu", ...JSON.parse(line) })],
  ];

  it.each(WRAPPED)("%s", (_name, text) => {
    expect(parseLedgerLine(text)).toEqual([ledgerLine()]);
  });

  it("our own normal form", () => {
    expect(parseLedgerLine(JSON.stringify(ledgerLine({ isInterim: true })))).toEqual([ledgerLine({ isInterim: true })]);
  });
});

describe("a line that another program may have written is left out as a broken one", () => {
  const line = sidecarLine();
  const kubernetes = { container_name: "crawler" };
  const FORGED: [string, string][] = [
    ["within a text", `GET /?q=${line}`],
    ["after a text that looks like a time", `2026-09-21T14:13:21Z crawled ${line}`],
    ["from another container, by kubectl's prefix", `[pod/crawler-0/crawler] ${line}`],
    ["within a text of another container", `[pod/crawler-0/crawler] x [pod/crawler-0/istio-proxy] ${line}`],
    ["from another container, after its time", `[pod/crawler-0/crawler] 2026-09-21T14:13:21Z ${line}`],
    ["on standard error", `2026-09-21T14:13:21.300000001Z stderr F ${line}`],
    ["as a part of a line that the runtime cut", `2026-09-21T14:13:21.300000001Z stdout P ${line}`],
    ["within a text, in docker's json-file", JSON.stringify({ log: `said ${line}\n`, stream: "stdout" })],
    ["on standard error, in docker's json-file", JSON.stringify({ log: line, stream: "stderr" })],
    ["from another container, by fluent-bit", JSON.stringify({ log: line, kubernetes })],
    ["from another container, by vector", JSON.stringify({ message: line, kubernetes })],
    ["from another container, by GKE", JSON.stringify({ textPayload: line, resource: { labels: kubernetes } })],
    ["from another container, parsed by GKE", gke(JSON.parse(line), "crawler")],
    [
      "from another container, by filebeat",
      JSON.stringify({ message: line, kubernetes: { container: { name: "x" } } }),
    ],
    ["from another container, by stern -o json", JSON.stringify({ message: line, containerName: "crawler" })],
    ["from another container, in our normal form, parsed", JSON.stringify({ ...ledgerLine(), kubernetes })],
    ["from another container, parsed", JSON.stringify({ ...JSON.parse(line), kubernetes })],
  ];

  it.each(FORGED)("%s", (_name, text) => {
    expect(parseLedgerLine(text)).toEqual([]);
  });
});

describe("text that is no ledger line", () => {
  it.each([
    "",
    "{}",
    "null",
    "[1]",
    "{",
    '{"proxymeter":2}',
    '[2026-09-21T14:13:20.200Z] "- - -" 0 - - - "-" 1000 20000 900 - "-"',
    '{"log":{"proxymeter":1}}',
    '{"jsonPayload":{"proxymeter":2}}',
  ])("is none: %s", (text) => {
    expect(parseLedgerLine(text)).toBeUndefined();
  });

  const BROKEN: [string, string][] = [
    ["cut off", sidecarLine().slice(0, 200)],
    ["without parts", sidecarLine({ parts: "-" })],
    ["without a time", sidecarLine({ start: "yesterday" })],
    ["with bytes below zero", sidecarLine({}, { sent_bytes: -1 })],
    ["with bytes that are no number", sidecarLine({}, { received_bytes: "many" })],
    ["with half a byte", sidecarLine({}, { received_bytes: 0.5 })],
    ["with more bytes than can be counted", sidecarLine({}, { received_bytes: 2 ** 60 })],
    ["with one good part and one bad one", sidecarLine({}, {}, { proxy_vendor: 7 })],
    ["in normal form without bytes", JSON.stringify({ ...ledgerLine(), sentBytes: undefined })],
  ];

  it.each(BROKEN)("is a broken one %s, and nothing of it is taken", (_what, text) => {
    expect(parseLedgerLine(text)).toEqual([]);
  });

  it("keeps control characters away from terminals and cuts what is endless", () => {
    const [line] = parseLedgerLine(sidecarLine({ pod: `\u001b[2J${"x".repeat(10_000)}` })) ?? [];
    expect(line?.pod).toMatch(/^\[2Jx{508}$/);
  });

  it("of any other kind throws nothing", () => {
    for (const value of ["constructor", "__proto__", "toString"]) {
      expect(() => parseLedgerLine(`{"proxymeter":1,"${value}":1,"parts":[{"${value}":{}}]}`)).not.toThrow();
      expect(parseLedgerLine(sidecarLine({ type: value }))?.[0]?.isInterim).toBe(false);
    }
  });
});
