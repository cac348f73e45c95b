// SPDX-License-Identifier: Apache-2.0
/**
 * The plugin's configuration from vendors.yaml, read back by the filter's own reader.
 */
import { describe, expect, it } from "vitest";
import { configHashOf } from "../../../../installer/objects/names.ts";
import { pluginConfigOf } from "../../../../installer/objects/plugin-config.ts";
import { CORES } from "../../../core/core.ts";
import { DIGEST, goldenVendors, PARTS, target, vendors } from "./fixtures.ts";

const FULL = goldenVendors("full");

describe("the plugin's configuration", () => {
  it("says all of vendors.yaml that the filter can use", () => {
    expect(pluginConfigOf(FULL, target())).toEqual({
      release: "0.1.0",
      digest: DIGEST,
      config_hash: configHashOf(FULL, target()),
      vendors: [
        {
          name: "acme",
          gateways: [
            { host: "gw.acme.example", port: 8080 },
            { address: "203.0.113.10", port: 8080 },
            { address: "203.0.113.11", port: 8080 },
            { host: "gw.acme.example", port: 8443 },
            { address: "203.0.113.10", port: 8443 },
            { address: "203.0.113.11", port: 8443 },
            { host: "gw.acme.example", port: 1080 },
            { address: "203.0.113.10", port: 1080 },
          ],
          username: { separator: "-", pool: "pool", country: "country" },
        },
        {
          name: "globex",
          gateways: [
            { host: "secure.globex.example", port: 443 },
            { sni: "secure.globex.example" },
            { cidr: "198.51.100.0/24" },
            { cidr: "2001:db8:20::/48" },
          ],
          username: { separator: "_", pool: "yes" },
        },
        {
          name: "initech",
          gateways: [
            { host: "api.initech.example", port: 8000 },
            { address: "203.0.113.30", port: 8000 },
          ],
        },
      ],
      label_keys: ["example.com/vendor"],
      headers: { vendor: "x-vendor", pool: "x-pool", remove: false },
      extra: { header: "x-job", pod_label: "job" },
      limits: { series: 2000, destinations: 50, pools: 20, reserve: 8 },
      fold: "domain",
      exclude: ["10.0.0.0/8", "fd00::/8"],
      detail: "counters",
      filter_state: true,
    });
  });

  it("publishes filter state only for Telemetry", () => {
    const parts = { ...PARTS, telemetry: false };
    expect(pluginConfigOf(FULL, target({ parts })).filter_state).toBe(false);
  });

  it.each(["small", "full", "address-only"])("of %s.vendors.yaml is read by the filter without an error", (name) => {
    for (const [, core] of CORES) {
      core.call.configure(core.input(JSON.stringify(pluginConfigOf(goldenVendors(name), target()))));
      expect(core.output()).toMatch(/^usable errors=0 /);
    }
  });

  it.each([
    ["host", "gw-203-0-113-10.acme.proxymeter.internal", 8080, 1],
    ["host", "gw-203-0-113-20.globex.proxymeter.internal", 1080, 2],
  ])("has the filter find the vendor by the %s %s of a ServiceEntry", (_kind, host, port, want) => {
    for (const [, core] of CORES) {
      core.call.configure(core.input(JSON.stringify(pluginConfigOf(goldenVendors("address-only"), target()))));
      core.output();
      expect(core.call.vendorOf(1, core.input(host), port)).toBe(want);
    }
  });
});

describe("the configuration's hash", () => {
  const hash = (more = {}) => configHashOf({ ...FULL, ...more }, target());

  it("changes with whatever the plugins are told", () => {
    expect(hash({ detail: "full" })).not.toBe(hash());
    expect(configHashOf(FULL, target({ parts: { ...PARTS, telemetry: false } }))).not.toBe(hash());
  });

  it("stays with prices, namespaces, release and module", () => {
    const [first, ...others] = FULL.vendors;
    const { price: _price, ...free } = first ?? vendors("- {name: acme}").vendors[0] ?? { price: undefined };
    expect(hash({ vendors: [free, ...others] })).toBe(hash());
    const module = { url: "oci://other.example/x", digest: `sha256:${"3".repeat(64)}` };
    expect(configHashOf(FULL, target({ release: "9.9.9", namespaces: ["other"], module }))).toBe(hash());
  });

  it("is short enough for every label and made of hexadecimal digits", () => {
    expect(hash()).toMatch(/^[0-9a-f]{12}$/);
  });
});
