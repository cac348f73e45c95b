// SPDX-License-Identifier: Apache-2.0
/**
 * What a vendors.yaml without mistakes becomes, and how files are read.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseVendors, readVendorsFile } from "../../../../installer/vendors/read.ts";
import { errorOf, HEAD, mistakesOf } from "./reading.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const folder = mkdtempSync(join(tmpdir(), "vendors-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(content: string | Uint8Array): string {
  const path = join(folder, "vendors.yaml");
  writeFileSync(path, content);
  return path;
}

describe("a file that says nothing", () => {
  it("has the defaults", () => {
    expect(parseVendors(HEAD, "vendors.yaml")).toEqual({
      apiVersion: "proxymeter.io/v1",
      vendors: [],
      neverMetered: expect.arrayContaining(["10.0.0.0/8", "fe80::/10"]),
      destinations: { perVendor: 25, reserve: 4, fold: "none" },
      headers: { vendor: "x-proxy-vendor", pool: "x-proxy-pool", remove: true },
      podLabels: ["proxymeter.io/vendor", "proxy-vendor"],
      limits: { series: 600, pools: 10 },
      detail: "full",
      alerts: { runbookUrl: "https://proxymeter.example/docs/alerts.md" },
    });
  });

  it("has the filter's own defaults where the filter has some", () => {
    const source = readFileSync(join(ROOT, "filter/core/config-read.ts"), "utf8");
    const filter = JSON.parse(/DEFAULTS: string =\s+'(.*)'/.exec(source)?.[1] ?? "") as Record<string, unknown>;
    const { neverMetered, headers, podLabels } = parseVendors(HEAD, "vendors.yaml");
    expect({
      headers: { ...(filter.headers as object), remove: true },
      label_keys: podLabels,
      exclude: neverMetered,
    }).toEqual({
      ...filter,
      headers,
    });
  });
});

describe("a vendor", () => {
  const vendorOf = (members: string) => parseVendors(`${HEAD}vendors:\n- {name: acme, ${members}}\n`, "v").vendors[0];

  it("has defaults for what it does not say", () => {
    expect(vendorOf("")).toEqual({
      name: "acme",
      gateways: [],
      cidrs: [],
      billing: {
        directions: "both",
        handshake: true,
        tlsHandshake: true,
        outerTls: true,
        zone: "UTC",
        unbilledOutcomes: ["vendor_auth", "vendor_error", "vendor_unreachable"],
      },
      alerts: { successRatio: 0.95, handshakeMilliseconds: 2000 },
    });
  });

  it.each([
    ["gw.acme.example:8080", { host: "gw.acme.example", ports: [8080] }],
    ["https://GW.acme.example:443", { host: "gw.acme.example", ports: [443], protocol: "https" }],
    ["socks5://203.0.113.9:1080", { addresses: ["203.0.113.9"], ports: [1080], protocol: "socks5" }],
    ["[2001:db8::1]:3128", { addresses: ["2001:db8::1"], ports: [3128] }],
  ])("takes %s as gateway", (text, want) => {
    expect(vendorOf(`gateways: [${JSON.stringify(text)}]`)?.gateways).toEqual([
      { addresses: [], protocol: "http", mode: "tcp", ...want },
    ]);
  });

  it("may have one host for several protocols, on ports of their own", () => {
    const gateways = vendorOf("gateways: [gw.acme.example:8080, socks5://gw.acme.example:1080]")?.gateways;
    expect(gateways?.map(({ protocol, ports }) => [protocol, ...ports])).toEqual([
      ["http", 8080],
      ["socks5", 1080],
    ]);
  });

  it("may have two hosts with one address, which two vendors may not", () => {
    const gateway = (host: string) => `{host: ${host}.acme.example, addresses: [203.0.113.9], ports: [80]}`;
    expect(vendorOf(`gateways: [${gateway("a")}, ${gateway("b")}]`)?.gateways).toHaveLength(2);
  });

  it("has price tiers that are open and from the first GB on unless they say otherwise", () => {
    const tiers = "tiers: [{perGB: 7, aboveGB: 1000}, {perGB: 6, from: 2026-11-01, until: 2026-11-30}]";
    expect(vendorOf(`price: {currency: EUR, perGB: 8, ${tiers}}`)?.price).toEqual({
      currency: "EUR",
      gigabyte: "decimal",
      perGB: 8,
      tiers: [
        { from: "1970-01-01", aboveGB: 1000, perGB: 7 },
        { from: "2026-11-01", until: "2026-11-30", aboveGB: 0, perGB: 6 },
      ],
    });
  });

  it("may share lists by anchor and alias", () => {
    const text = `${HEAD}vendors:\n- name: a\n  gateways: [{host: a.example, ports: &ports [1, 2]}]\n- name: b\n  gateways: [{host: b.example, ports: *ports}]\n`;
    expect(parseVendors(text, "v").vendors[1]?.gateways[0]?.ports).toEqual([1, 2]);
  });

  it("does not share its lists with the defaults", () => {
    vendorOf("")?.billing.unbilledOutcomes.pop();
    parseVendors(HEAD, "v").neverMetered.pop();
    expect(vendorOf("")?.billing.unbilledOutcomes).toHaveLength(3);
    expect(parseVendors(HEAD, "v").neverMetered).toHaveLength(9);
  });
});

describe("settings for all vendors", () => {
  it("have header names in lower case, as Envoy has them", () => {
    const text = `${HEAD}headers: {vendor: X-Vendor}\nextra: {header: X-Job}\n`;
    expect(parseVendors(text, "v")).toMatchObject({ headers: { vendor: "x-vendor" }, extra: { header: "x-job" } });
  });

  it("may leave every network unmetered, but no vendor may have every network", () => {
    expect(parseVendors(`${HEAD}neverMetered: [0.0.0.0/0, "::/0"]\n`, "v").neverMetered).toHaveLength(2);
  });
});

describe("a text that costs more than it should", () => {
  it("is refused over 1 MiB, before it is parsed", () => {
    const begin = performance.now();
    expect(errorOf(`${HEAD}#${"x".repeat(10_000_000)}`).message).toBe(
      "cannot use vendors.yaml: found more than 1048576 bytes (expected at most that)",
    );
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  it("is refused when its aliases multiply", () => {
    const levels = Array.from({ length: 12 }, (_, level) => `a${level}: &a${level} [${`*a${level - 1}, `.repeat(10)}]`);
    const text = `a-1: &a-1 [x]\n${levels.join("\n")}\n`;
    expect(mistakesOf(text).join()).toContain("found more than 200000 values with aliases written out, expected fewer");
  });

  it.each([
    ["lists", "[".repeat(30_000)],
    ["members", "{a: ".repeat(30_000)],
    ["lines", Array.from({ length: 1000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
  ])("is refused when it nests %s without end", (_name, text) => {
    expect(errorOf(text)).toMatchObject({ code: "E_VENDORS", exitCode: 2 });
  });

  it("is refused when it has more pairs of address and port than the filter takes", () => {
    const ports = Array.from({ length: 100 }, (_, index) => index + 1).join();
    const gateway = (index: number) => {
      const addresses = Array.from({ length: 250 }, (_, last) => `198.51.${index}.${last}`).join();
      return `{addresses: [${addresses}], ports: [${ports}]}`;
    };
    expect(mistakesOf(`${HEAD}vendors: [{name: acme, gateways: [${gateway(0)}]}]`)).toEqual([
      "2:35: vendors[0].gateways[0]: found more than 20000 pairs of address and port up to here, expected fewer",
    ]);
  });

  it("is read in bounded time at the size of 1,024 gateways of 256 vendors", { timeout: 20_000 }, () => {
    const vendors = Array.from({ length: 256 }, (_, index) => {
      const gateways = Array.from(
        { length: 4 },
        (_, item) => `{host: g${item}.v${index}.example, addresses: [203.${index}.${item}.1], ports: [8080, 1080]}`,
      );
      return `{name: v${index}, cidrs: [198.${index}.0.0/16], gateways: [${gateways.join()}]}`;
    });
    const begin = performance.now();
    expect(parseVendors(`${HEAD}vendors: [${vendors.join()}]`, "v").vendors).toHaveLength(256);
    expect(performance.now() - begin).toBeLessThan(10_000);
  });
});

describe("readVendorsFile", () => {
  const errorText = (path: string) => {
    try {
      readVendorsFile(path);
    } catch (error) {
      return error as Error & { hint: string; exitCode: number };
    }
    throw new Error("got a file, want an error");
  };

  it("reads a file", () => {
    expect(readVendorsFile(fileWith(`\ufeff${HEAD}vendors: [{name: acme}]\r\n`)).vendors[0]?.name).toBe("acme");
  });

  it("names the mistakes by the file's name", () => {
    expect(errorText(fileWith("x: 1\n")).message).toContain("\nvendors.yaml:1:1: x: found an unknown member");
  });

  it.each([
    ["a file that is not there", () => join(folder, "none.yaml"), "found no such file"],
    ["a folder", () => folder, "found a folder"],
  ])("says what it found instead: %s", (_name, path, want) => {
    const error = errorText(path());
    expect(error.message).toBe(`cannot read ${path()}: ${want} (expected a file)`);
    expect(error.hint).toContain("proxymeter init");
    expect(error.exitCode).toBe(2);
  });

  it("refuses bytes that are no UTF-8", () => {
    const path = fileWith(Uint8Array.of(0xff, 0xfe, 0x00));
    expect(errorText(path).message).toBe(`cannot use ${path}: found bytes that are no UTF-8 (expected text in UTF-8)`);
  });

  it("ends on a file without end", () => {
    expect(errorText("/dev/zero").message).toContain("found more than 1048576 bytes");
  });

  it("reads standard input for -", () => {
    const program = `import { readVendorsFile } from "${ROOT}/installer/vendors/read.ts"; console.log(readVendorsFile("-").vendors[0].name)`;
    const options = { input: `${HEAD}vendors: [{name: acme}]\n`, encoding: "utf8" } as const;
    expect(execFileSync(process.execPath, ["--input-type=module", "-e", program], options)).toBe("acme\n");
  });
});
