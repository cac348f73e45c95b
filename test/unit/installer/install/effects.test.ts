// SPDX-License-Identifier: Apache-2.0
/**
 * The rules by which a plan foretells what it cuts; test/cluster measures that they are true.
 */
import { describe, expect, it } from "vitest";
import { effectsOf, type Transition } from "../../../../installer/install/effects.ts";
import type { KubeObject } from "../../../../installer/objects/object.ts";
import { catchAll, entry, ledger, plugin, service, telemetry } from "./objects.ts";

const ACME = entry("gw.acme.example");
const GLOBEX = entry("gw.globex.example", { addresses: ["203.0.113.20"], ports: [{ number: 3128, protocol: "TCP" }] });

interface Row {
  what: string;
  transitions: Transition[];
  declared?: KubeObject[];
  cuts: [scope: string, ports: number[]][];
}

const PORTS = (...ports: number[]): [string, number[]] => ["ports", ports];
const otherUrl = {
  ...plugin([8080]),
  spec: { ...(plugin([8080]).spec as object), url: "oci://registry.example/other" },
};
const otherPhase = { ...plugin([8080]), spec: { ...(plugin([8080]).spec as object), phase: "AUTHN" } };

const ROWS: Row[] = [
  { what: "plugin and gateway together", transitions: [{ after: plugin([8080]) }, { after: ACME }], cuts: [] },
  {
    what: "plugin on a gateway declared before",
    transitions: [{ after: plugin([8080]) }],
    declared: [ACME],
    cuts: [PORTS(8080)],
  },
  {
    what: "plugin on a port of a Service",
    transitions: [{ after: plugin([80]) }],
    declared: [service(80)],
    cuts: [PORTS(80)],
  },
  {
    what: "plugin on a port that only another namespace declares for itself",
    transitions: [{ after: plugin([8080]) }],
    declared: [entry("gw.acme.example", {}, "shop")],
    cuts: [],
  },
  { what: "another module", transitions: [{ before: plugin([8080]), after: otherUrl }], declared: [ACME], cuts: [] },
  {
    what: "another configuration",
    transitions: [{ before: plugin([8080]), after: plugin([8080], { vendors: [] }) }],
    declared: [ACME],
    cuts: [],
  },
  {
    what: "vendor added with its port and gateway",
    transitions: [
      { before: plugin([8080]), after: plugin([8080, 3128]) },
      { before: ACME, after: ACME },
      { after: GLOBEX },
    ],
    declared: [ACME],
    cuts: [],
  },
  {
    what: "port taken from the plugin",
    transitions: [{ before: plugin([3128, 8080]), after: plugin([8080]) }],
    declared: [ACME, GLOBEX],
    cuts: [PORTS(3128)],
  },
  {
    what: "plugin at another place of the chain",
    transitions: [{ before: plugin([8080]), after: otherPhase }],
    declared: [ACME],
    cuts: [PORTS(8080)],
  },
  { what: "plugin removed", transitions: [{ before: plugin([8080]) }], declared: [ACME], cuts: [PORTS(8080)] },
  { what: "gateway removed", transitions: [{ before: GLOBEX }], declared: [GLOBEX], cuts: [PORTS(3128)] },
  {
    what: "gateway with another address",
    transitions: [{ before: ACME, after: entry("gw.acme.example", { addresses: ["203.0.113.11"] }) }],
    cuts: [PORTS(8080)],
  },
  {
    what: "gateway with one more address, and the same in another spelling",
    transitions: [
      { before: ACME, after: entry("gw.acme.example", { addresses: ["203.0.113.10/32", "203.0.113.11"] }) },
    ],
    cuts: [],
  },
  {
    what: "gateway with another protocol",
    transitions: [{ before: ACME, after: entry("gw.acme.example", { ports: [{ number: 8080, protocol: "HTTP" }] }) }],
    cuts: [PORTS(8080)],
  },
  { what: "catch-all added", transitions: [{ after: catchAll("a") }], cuts: [["undeclared", []]] },
  {
    what: "catch-all with another configuration",
    transitions: [{ before: catchAll("a"), after: catchAll("b") }],
    cuts: [],
  },
  {
    what: "catch-all with another filter",
    transitions: [{ before: catchAll("a"), after: catchAll("a", "x") }],
    cuts: [["undeclared", []]],
  },
  { what: "catch-all removed", transitions: [{ before: catchAll("a") }], cuts: [["undeclared", []]] },
  { what: "ledger added", transitions: [{ after: ledger() }], cuts: [["all", []]] },
  { what: "ledger unchanged", transitions: [{ before: ledger(), after: ledger() }], cuts: [] },
  {
    what: "ledger with another interval",
    transitions: [{ before: ledger(), after: ledger("5s") }],
    cuts: [["all", []]],
  },
  { what: "ledger removed", transitions: [{ before: ledger() }], cuts: [["all", []]] },
  { what: "telemetry added", transitions: [{ after: telemetry() }], cuts: [["all", []]] },
  { what: "telemetry unchanged", transitions: [{ before: telemetry(), after: telemetry() }], cuts: [] },
  {
    what: "telemetry changed",
    transitions: [{ before: telemetry(), after: telemetry("proxy_pool") }],
    cuts: [["all", []]],
  },
];

describe("what a change cuts", () => {
  it.each(ROWS)("$what: $cuts", ({ transitions, declared = [], cuts }) => {
    const effects = effectsOf(transitions, { declared, pods: new Map([["crawl", 2]]) });
    expect(effects.map(({ scope, ports }) => [scope, ports])).toEqual(cuts);
    for (const effect of effects) expect(effect).toMatchObject({ namespace: "crawl", pods: 2 });
  });

  it("is nothing where no pod runs", () => {
    expect(effectsOf([{ before: ACME }, { after: telemetry() }], { declared: [ACME], pods: new Map() })).toEqual([]);
  });

  it("is said once for a port, with every cause", () => {
    const effects = effectsOf([{ before: plugin([8080]) }, { before: ACME }], {
      declared: [ACME],
      pods: new Map([["crawl", 1]]),
    });
    expect(effects).toEqual([
      {
        namespace: "crawl",
        pods: 1,
        scope: "ports",
        ports: [8080],
        causes: [
          "WasmPlugin crawl/proxymeter-network leaves listeners",
          "ServiceEntry crawl/proxymeter-gw.acme.example is removed",
        ],
      },
    ]);
  });
});
