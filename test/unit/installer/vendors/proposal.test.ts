// SPDX-License-Identifier: Apache-2.0
/**
 * Which vendors are proposed from findings, and that the text of any proposal is a vendors.yaml without mistakes.
 */
import { describe, expect, it } from "vitest";
import type { Candidate, Finding } from "../../../../installer/vendors/evidence/candidate.ts";
import { propose } from "../../../../installer/vendors/proposal.ts";
import { vendorsText } from "../../../../installer/vendors/proposal-text.ts";
import { parseVendors } from "../../../../installer/vendors/read.ts";
import { sampleText } from "../../../../installer/vendors/sample.ts";

const ENTRY = "ServiceEntry crawl/gw";
const VARIABLE = "HTTP_PROXY of Deployment crawl/crawler";

function candidate(place: Partial<Candidate>): Candidate {
  return { addresses: [], port: 8080, protocol: "http", source: VARIABLE, isSure: true, ...place };
}

const from = (...candidates: Candidate[]) => propose({ candidates, notes: [] });
const textOf = (finding: Finding) => sampleText(vendorsText(propose(finding)));
const fileOf = (...candidates: Candidate[]) => parseVendors(textOf({ candidates, notes: [] }), "proposed");

describe("propose", () => {
  it("names a vendor by the registered domain, and gathers its gateways", () => {
    const hosts = ["gw.acme.example", "eu.gw.acme.example", "gw.globex.co.zz", "gw.none.example"];
    const { vendors } = from(...hosts.map((host) => candidate({ host })), candidate({ addresses: ["203.0.113.9"] }));
    expect(vendors.map(({ name, gateways }) => [name, gateways.length])).toEqual([
      ["acme", 2],
      ["globex", 1],
      ["none-vendor", 1],
      ["vendor-203-0-113-9", 1],
    ]);
  });

  it("takes protocol and username from variables, addresses from ServiceEntries, whatever comes first", () => {
    const entry = candidate({ host: "gw.acme.example", addresses: ["203.0.113.10/32"], source: ENTRY, isSure: false });
    const variable = candidate({
      host: "gw.acme.example",
      protocol: "socks5",
      username: { separator: "-", pool: "zone" },
    });
    const want = {
      name: "acme",
      gateways: [{ host: "gw.acme.example", addresses: ["203.0.113.10/32"], ports: [8080], protocol: "socks5" }],
      username: { separator: "-", pool: "zone" },
      sources: [VARIABLE, ENTRY],
      isSure: true,
    };
    expect(from(entry, variable)).toEqual({ vendors: [want], notes: [] });
    expect(from(variable, entry)).toEqual({ vendors: [want], notes: [] });
  });

  it("joins the ports of a gateway, apart by protocol", () => {
    const ports = [1081, 1080].map((port) => candidate({ host: "gw.acme.example", port, protocol: "socks5" }));
    const { vendors } = from(candidate({ host: "gw.acme.example" }), ...ports);
    expect(vendors[0]?.gateways.map((gateway) => [gateway.protocol, ...gateway.ports])).toEqual([
      ["socks5", 1080, 1081],
      ["http", 8080],
    ]);
  });

  it("knows a gateway by address that a ServiceEntry knows by name", () => {
    const entry = candidate({ host: "gw.acme.example", addresses: ["203.0.113.0/24"], source: ENTRY });
    const { vendors } = from(
      entry,
      candidate({ addresses: ["203.0.113.7"] }),
      candidate({ addresses: ["203.0.113.7"], port: 9 }),
    );
    expect(vendors.map(({ name, sources }) => [name, ...sources])).toEqual([
      ["acme", VARIABLE, ENTRY],
      ["vendor-203-0-113-7", VARIABLE],
    ]);
  });

  it("takes the protocol of whoever uses the address", () => {
    const entry = candidate({ host: "gw.acme.example", addresses: ["203.0.113.7"], source: ENTRY });
    const { vendors } = from(entry, candidate({ addresses: ["203.0.113.7"], protocol: "socks5" }));
    expect(vendors.map(({ gateways }) => gateways[0]?.protocol)).toEqual(["socks5"]);
  });

  it("leaves an address that two vendors claim to the first, and says so", () => {
    const claims = ["gw.acme.example", "gw.globex.example"].map((host) =>
      candidate({ host, addresses: ["203.0.113.10"], source: ENTRY }),
    );
    const { vendors, notes } = from(...claims);
    expect(vendors.map(({ gateways }) => gateways[0]?.addresses)).toEqual([["203.0.113.10"], []]);
    expect(notes).toEqual([
      "gw.globex.example:8080 has address 203.0.113.10, which gw.acme.example:8080 has too: it is left to the latter",
    ]);
  });
});

describe("the text of a proposal", () => {
  it("switches on what is sure, and keeps the rest and the notes as comments", () => {
    const maybe = candidate({ host: "api.globex.example", port: 80, isSure: false, source: ENTRY });
    const text = vendorsText(
      propose({ candidates: [candidate({ host: "gw.acme.example" }), maybe], notes: ["a\nb: 1"] }),
    );
    expect(text).toBe(`vendors:
  # From HTTP_PROXY of Deployment crawl/crawler.
  - name: acme
    gateways:
      - host: gw.acme.example
        ports: [8080]

# These may be proxy vendors, or any other service outside the mesh. Take out the "#" of those that are.
  # From ServiceEntry crawl/gw.
#  - name: globex
#    gateways:
#      - host: api.globex.example
#        ports: [80]

# Seen in the cluster, and not proposed:
# - a b: 1
`);
  });

  it("becomes whole when all of it is switched on", () => {
    const text = vendorsText(
      propose({ candidates: [candidate({ host: "gw.acme.example", isSure: false })], notes: [] }),
    );
    const vendorsOf = (vendors: string) => parseVendors(sampleText(vendors), "v").vendors;
    expect(vendorsOf(text)).toEqual([]);
    expect(vendorsOf(text.replace(/^#(?! \S)/gm, "")).map(({ name }) => name)).toEqual(["acme"]);
  });

  it("says where each vendor was found, and how often else", () => {
    const sources = Array.from({ length: 30 }, (_, index) =>
      candidate({ host: "gw.acme.example", source: `HTTP_PROXY of Pod crawl/p${index}` }),
    );
    expect(textOf({ candidates: sources, notes: [] })).toMatch(
      /# From HTTP_PROXY of Pod crawl\/p0, .* and 26 more\.\n/,
    );
  });

  it.each([
    ["nothing", []],
    [
      "networks by another address, and within each other",
      [candidate({ host: "gw.acme.example", addresses: ["203.0.113.7/24", "203.0.113.9"] })],
    ],
    [
      "two names for one address",
      ["a.acme.example", "b.acme.example"].map((host) => candidate({ host, addresses: ["203.0.113.9"] })),
    ],
    [
      "two cases of a name",
      ["gw.acme.example", "GW.acme.example"].map((host) => candidate({ host: host.toLowerCase() })),
    ],
    ["an IPv6 address", [candidate({ addresses: ["2001:db8::"] })]],
    [
      "one address as two networks on other ports",
      [candidate({ addresses: ["203.0.113.0/24"], port: 1 }), candidate({ addresses: ["203.0.113.0/25"], port: 2 })],
    ],
    [
      "networks of two vendors within each other",
      [
        candidate({ host: "a.acme.example", addresses: ["198.51.0.0/16"] }),
        candidate({ host: "a.globex.example", addresses: ["198.51.100.0/24"] }),
      ],
    ],
    [
      "more ports than a gateway may have",
      Array.from({ length: 150 }, (_, index) => candidate({ host: "gw.acme.example", port: index + 1 })),
    ],
    [
      "more vendors than a file may have",
      Array.from({ length: 300 }, (_, index) => candidate({ host: `gw.v${index}.example` })),
    ],
  ])("has no mistakes from %s", (_name, candidates) => {
    expect(fileOf(...candidates).apiVersion).toBe("proxymeter.io/v1");
  });
});
