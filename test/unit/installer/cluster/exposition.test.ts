// SPDX-License-Identifier: Apache-2.0
/**
 * Our families in what a sidecar exposes, in both encodings, as samples with the labels of the contract.
 */
import { describe, expect, it } from "vitest";
import { ourLines, parseOurSamples } from "../../../../installer/cluster/exposition.ts";
import { relabelled } from "../../../../installer/cluster/relabelling.ts";

const samplesOf = (text: string) => parseOurSamples(text);

describe("an exposition", () => {
  it("is left but for our families, whatever shape the rest has", () => {
    const text = [
      "# HELP envoy_server_live \\",
      "envoy_server_live{} 1",
      "this is no sample at all",
      "# TYPE proxymeter_info gauge",
      'proxymeter_info{release="0.1.0"} 1',
      "# EOF",
    ].join("\n");
    expect(ourLines(text)).toEqual(["# TYPE proxymeter_info gauge", 'proxymeter_info{release="0.1.0"} 1']);
    expect(samplesOf(text)).toEqual([{ metric: "proxymeter_info", labels: { release: "0.1.0" }, value: 1 }]);
  });

  it.each([
    ["proxymeter_series 12", {}, 12],
    ["proxymeter_series{} 1.5e+06", {}, 1_500_000],
    ["proxymeter_series{} -0.25", {}, -0.25],
    ["proxymeter_series{} +Inf", {}, Number.POSITIVE_INFINITY],
    ["proxymeter_series{} -Inf", {}, Number.NEGATIVE_INFINITY],
    ["proxymeter_series{} NaN", {}, Number.NaN],
    ["proxymeter_series{} 3 1700000000000", {}, 3],
    ['proxymeter_series{ a = "1" , b="2", } 3', { a: "1", b: "2" }, 3],
    ['proxymeter_series{a="x,}\\"y\\\\n\\n"} 3', { a: 'x,}"y\\n\n' }, 3],
    ['proxymeter_series{a=""}\t3\r', { a: "" }, 3],
  ])("reads %j", (line, labels, value) => {
    expect(samplesOf(line)).toEqual([{ metric: "proxymeter_series", labels, value }]);
  });

  it.each([
    ["proxymeter_series", "not a sample"],
    ["proxymeter_series{} 0x10", "not a sample"],
    ["proxymeter_series{} one", "not a sample"],
    ['proxymeter_series{a="1" 2', "not a sample"],
    ['proxymeter_series{a="1" b="2"} 2', "labels are broken"],
    ['proxymeter_series{a="\\x"} 2', "labels are broken"],
    ['proxymeter_series{a="1",a="2"} 2', 'label "a" is there twice'],
  ])("refuses %j, quoting it", (line, what) => {
    expect(() => samplesOf(line)).toThrow(what);
    expect(() => samplesOf(line)).toThrow(JSON.stringify(line));
  });
});

describe("relabelling", () => {
  const one = (line: string) => samplesOf(line).map(relabelled)[0];

  it("leaves samples of the full encoding as they are", () => {
    const line = 'proxymeter_vendor_sent_bytes_total{proxy_vendor="acme"} 7';
    expect(one(line)).toEqual(samplesOf(line)[0]);
  });

  it("names the labels of proxymeter_info in the no-restart encoding", () => {
    const line = 'proxymeter_info{cache="builtin",component="0-1-0",tag="sha256:0123/89abcdef"} 1';
    expect(one(line)).toEqual({
      metric: "proxymeter_info",
      labels: { release: "0-1-0", encoding: "builtin", digest: "sha256:0123", config_hash: "89abcdef" },
      value: 1,
    });
  });

  it("names metric and labels of requests in the no-restart encoding", () => {
    const line =
      'proxymeter_requests_rq{response_code="007",cache="connect",component="none",tag="shop.example",wasm_filter="acme"} 2';
    expect(one(line)).toEqual({
      metric: "proxymeter_requests_total",
      labels: {
        response_code: "7",
        proxy_vendor: "acme",
        proxy_pool: "none",
        protocol: "connect",
        destination_host: "shop.example",
      },
      value: 2,
    });
  });

  it("looks at whole values: a longer metric that holds the name of another is left alone", () => {
    const line = 'proxymeter_requests_rq_time{response_code="007"} 2';
    expect(one(line)).toEqual(samplesOf(line)[0]);
  });

  it("takes out labels that Istio's tags find inside a host", () => {
    const line =
      'proxymeter_sent_bytes_total{proxy_vendor="acme",destination_host="imgcache.shop.example",cache="shop"} 2';
    expect(one(line)?.labels).toEqual({ proxy_vendor: "acme", destination_host: "imgcache.shop.example" });
  });
});
