// SPDX-License-Identifier: Apache-2.0
/**
 * Plans: what is created, changed, left, removed and held, in which order, and what pruning holds back.
 */
import { describe, expect, it } from "vitest";
import { pruningOf } from "../../../../installer/install/hold.ts";
import { keyOf, pluginPorts } from "../../../../installer/install/listeners.ts";
import { hasChanges, planOf, removalOf } from "../../../../installer/install/plan.ts";
import { effectLines, stepLines, summary } from "../../../../installer/install/show.ts";
import type { KubeObject } from "../../../../installer/objects/object.ts";
import { byKey, configMap, entry, plugin } from "./objects.ts";

const ACME = entry("gw.acme.example");
const GLOBEX = entry("gw.globex.example", { addresses: ["203.0.113.20"], ports: [{ number: 3128, name: "tcp-3128" }] });

interface Given {
  desired: KubeObject[];
  live?: KubeObject[];
  shouldDrain?: boolean;
}

/** A plan whose server stores exactly what it is given. */
function plan({ desired, live = [], shouldDrain = false }: Given) {
  const server = byKey(...live);
  const pruning = pruningOf(desired, server, shouldDrain);
  const answers = byKey(...pruning.objects.filter((object) => server.has(keyOf(object))));
  return planOf({ pruning, live: server, answers, declared: live, pods: new Map([["crawl", 1]]) });
}

const actions = (given: Given) => plan(given).steps.map(({ action, reference }) => `${action} ${reference.kind}`);

describe("a plan", () => {
  it("creates everything on an empty server, the plugin before the listeners", () => {
    const desired = [ACME, plugin([8080])];
    expect(actions({ desired })).toEqual(["create WasmPlugin", "create ServiceEntry"]);
  });

  it("changes nothing when everything is there already", () => {
    const given = { desired: [plugin([8080]), ACME], live: [plugin([8080]), ACME] };
    expect(hasChanges(plan(given))).toBe(false);
    expect(summary(plan(given))).toBe("nothing to change");
    expect(effectLines(plan(given).effects, 45)).toEqual(["No open connection is cut."]);
  });

  it("does not take what the server writes for a change", () => {
    const stored = { ...ACME, metadata: { ...ACME.metadata, resourceVersion: "7", uid: "u" }, status: { x: 1 } };
    expect(hasChanges(plan({ desired: [ACME], live: [stored] }))).toBe(false);
  });

  it("shows each field that changes, before and after", () => {
    const { steps } = plan({ desired: [plugin([8080, 3128])], live: [plugin([8080])] });
    expect(stepLines(steps)).toEqual([
      "  ~ WasmPlugin crawl/proxymeter-network",
      '      spec.match[0].ports[1]: (none) -> {"number":3128}',
    ]);
  });

  it("removes at once what no listener depends on", () => {
    expect(actions({ desired: [], live: [configMap("proxymeter-scrape-config")] })).toEqual(["remove ConfigMap"]);
  });

  it("of removing everything takes the listeners before the plugin, and holds nothing", () => {
    const { steps } = removalOf(byKey(plugin([8080]), ACME, configMap("a")), { declared: [], pods: new Map() });
    expect(steps.map(({ action, reference }) => `${action} ${reference.kind}`)).toEqual([
      "remove ServiceEntry",
      "remove WasmPlugin",
      "remove ConfigMap",
    ]);
  });
});

describe("pruning a vendor", () => {
  const live = [plugin([8080, 3128]), ACME, GLOBEX];
  const desired = [plugin([8080], { vendors: ["acme"] }), ACME];

  it("first takes it out of the configuration only, and cuts nothing", () => {
    const { steps, effects } = plan({ desired, live });
    expect(actions({ desired, live })).toEqual(["change WasmPlugin", "unchanged ServiceEntry", "hold ServiceEntry"]);
    expect(steps.map(({ isWidened }) => isWidened)).toEqual([true, false, false]);
    expect(pluginPorts(steps[0]?.object as KubeObject)).toEqual([3128, 8080]);
    expect(effects).toEqual([]);
  });

  it("then changes nothing more until it is drained", () => {
    const after = pruningOf(desired, byKey(...live), false).objects;
    expect(hasChanges(plan({ desired, live: [...after, GLOBEX] }))).toBe(false);
  });

  it("with draining removes its listener and says what that cuts", () => {
    const given = { desired, live, shouldDrain: true };
    expect(actions(given)).toEqual(["change WasmPlugin", "unchanged ServiceEntry", "remove ServiceEntry"]);
    expect(plan(given).effects).toMatchObject([{ scope: "ports", ports: [3128] }]);
  });

  it("keeps an address that a gateway no longer has", () => {
    const moved = entry("gw.acme.example", { addresses: ["203.0.113.11"] });
    const { objects, widened } = pruningOf([moved], byKey(ACME), false);
    expect(objects[0]?.spec).toMatchObject({ addresses: ["203.0.113.11", "203.0.113.10"] });
    expect(widened.size).toBe(1);
    expect(pruningOf([moved], byKey(ACME), true).objects).toEqual([moved]);
  });
});
