// SPDX-License-Identifier: Apache-2.0
/**
 * The plugin's configuration from any text, and the look-up of gateways in it; natively and as compiled Wasm.
 */
import { describe, expect, it } from "vitest";
import { CORES, type Core } from "./core.ts";

const FULL = {
  release: "0.1.0",
  digest: "sha256:00",
  config_hash: "abc",
  vendors: [
    { name: "acme", gateways: [{ host: "gw.acme.example", port: 8080 }, { sni: "tls.acme.example" }] },
    {
      name: "Globex",
      gateways: [{ address: "203.0.113.10", port: 3128 }, { cidr: "198.51.100.0/24" }, { cidr: "2001:db8::/32" }],
      username: { separator: "_", pool: "zone", country: "cc" },
    },
    { name: "initech", gateways: [{ cidr: "198.51.100.128/25", port: 1080 }, { host: "any.initech.example" }] },
  ],
  label_keys: ["proxymeter.io/vendor", "proxy-vendor"],
  headers: { vendor: "x-proxy-vendor", pool: "x-proxy-pool", remove: false },
  extra: { header: "x-job", pod_label: "job" },
  limits: { series: 100, destinations: 5, pools: 3, reserve: 1 },
  fold: "domain",
  exclude: ["10.0.0.0/8", "198.51.100.7/32", "fd00::/8"],
  tick_milliseconds: 500,
  detail: "counters",
  filter_state: true,
  ledger: true,
};

function configure(core: Core, text: string): string {
  core.call.configure(core.input(text));
  return core.output();
}

const deep = (n: number) => `{"vendors":${"[".repeat(n)}${"]".repeat(n)}}`;

const TEXTS: readonly (readonly [string, string, string])[] = [
  ["a full configuration", JSON.stringify(FULL), "usable errors=0 acme globex initech limits=100,5"],
  ["an empty object", "{}", "usable errors=0 limits=600,25"],
  ["white space around", ' \n{ "vendors" : [ ] }\t', "usable errors=0 limits=600,25"],
  [
    "an unknown member",
    '{"colour":{"a":[1,"x",null,true]},"vendors":[{"name":"acme"}]}',
    "usable errors=1 acme limits=600,25",
  ],
  [
    "wrong types",
    '{"vendors":{},"limits":[],"exclude":"x","tick_milliseconds":"1","filter_state":3,"ledger":"on"}',
    "usable errors=6 limits=600,25",
  ],
  ["a limit out of bounds", '{"limits":{"series":0,"destinations":1e9}}', "usable errors=2 limits=600,25"],
  ["a detail that does not exist", '{"detail":"everything"}', "usable errors=1 limits=600,25"],
  ["a detail of the wrong type", '{"detail":true}', "usable errors=1 limits=600,25"],
  ["a vendor without a name", '{"vendors":[{"gateways":[]}]}', "usable errors=1  limits=600,25"],
  [
    "a gateway that is no address",
    '{"vendors":[{"name":"acme","gateways":[{"address":"x"},{"port":1},{}]}]}',
    "usable errors=3 acme limits=600,25",
  ],
  ["escapes in a name", '{"vendors":[{"name":"a\\u0063me\\n\\u00e9"}]}', "usable errors=0 acme__ limits=600,25"],
  ["a name with the separators of a stat", '{"vendors":[{"name":"a;.;b"}]}', "usable errors=0 a_._b limits=600,25"],
  ["nothing", "", "inert errors=0 limits=600,25"],
  ["a number", "7", "inert errors=0 limits=600,25"],
  ["an array", "[]", "inert errors=0 limits=600,25"],
  ["text that ends early", '{"vendors":[{"name":"acme"', "inert errors=0 acme limits=600,25"],
  ["a string without an end", '{"release":"0.1', "inert errors=0 limits=600,25"],
  ["a missing comma", '{"fold":"none" "release":"1"}', "inert errors=0 limits=600,25"],
  ["more after the object", "{} {}", "inert errors=0 limits=600,25"],
  ["a bad escape", '{"release":"\\u00zz"}', "inert errors=0 limits=600,25"],
  ["arrays nested too deeply", deep(200), "inert errors=1 limits=600,25"],
];

const HOST = 1;
const SERVER_NAME = 2;

describe.each(CORES)("configuration on %s", (_target, core) => {
  it.each(TEXTS)("%s", (_name, text, want) => {
    expect(configure(core, text)).toBe(want);
  });

  it.each([
    ["a host at its port", HOST, "gw.acme.example", 8080, 1],
    ["a host in another case", HOST, "GW.Acme.Example", 8080, 1],
    ["a host at another port", HOST, "gw.acme.example", 8081, 0],
    ["a host of any port", HOST, "any.initech.example", 9, 3],
    ["a server name", SERVER_NAME, "tls.acme.example", 0, 1],
    ["a host asked as a server name", SERVER_NAME, "gw.acme.example", 0, 0],
    ["an unknown host", HOST, "x.example", 8080, 0],
  ] as const)("finds %s", (_name, kind, host, port, want) => {
    configure(core, JSON.stringify(FULL));
    expect(core.call.vendorOf(kind, core.input(host), port)).toBe(want);
  });

  it.each([
    ["an address at its port", "203.0.113.10:3128", 2],
    ["an address at another port", "203.0.113.10:3129", 0],
    ["an address of a prefix", "198.51.100.1:5", 2],
    ["the longer prefix where its port fits", "198.51.100.200:1080", 3],
    ["the shorter prefix where the longer one's port does not fit", "198.51.100.200:1081", 2],
    ["an IPv6 address of a prefix", "[2001:db8:1::2]:443", 2],
    ["a network that is not metered", "10.9.8.7:80", -1],
    ["a private network that the configuration's own list leaves out", "192.168.1.1:80", 0],
    ["a gateway although its network is not metered", "198.51.100.7:80", 2],
    ["an address of nobody", "192.0.2.1:80", 0],
    ["text that is no address", "gw.acme.example:80", -2],
  ] as const)("finds %s", (_name, endpoint, want) => {
    configure(core, JSON.stringify(FULL));
    expect(core.call.vendorOfEndpoint(core.input(endpoint))).toBe(want);
  });

  it.each([
    ["a private IPv4 network", "192.168.1.1:80", -1],
    ["a loopback address", "127.0.0.1:80", -1],
    ["a private IPv6 network", "[fd12::1]:80", -1],
    ["a public address", "192.0.2.1:80", 0],
  ] as const)("without a list of its own leaves %s", (_name, endpoint, want) => {
    configure(core, "{}");
    expect(core.call.vendorOfEndpoint(core.input(endpoint))).toBe(want);
  });

  it("accepts every text that a cut or a changed byte makes of a full configuration", () => {
    const text = JSON.stringify(FULL);
    for (let at = 0; at < text.length; at++) {
      expect(configure(core, text.slice(0, at))).toMatch(/^inert/);
      for (const byte of ['"', "{", "]", "\\", "\u0000", "9"]) {
        expect(configure(core, text.slice(0, at) + byte + text.slice(at + 1))).toMatch(/^(inert|usable) errors=\d+/);
      }
    }
  });
});
