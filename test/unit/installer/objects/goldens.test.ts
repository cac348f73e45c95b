// SPDX-License-Identifier: Apache-2.0
/**
 * What is rendered for three vendors files, whole; `vitest run -u` writes the goldens anew.
 */
import { describe, expect, it } from "vitest";
import { RULES } from "../../../../installer/objects/names.ts";
import { objectsOf } from "../../../../installer/objects/objects.ts";
import { renderStream } from "../../../../installer/objects/rendering.ts";
import type { Target } from "../../../../installer/objects/target.ts";
import { TRAFFIC_EXTENSION_KIND } from "../../../../installer/objects/wasm-plugin.ts";
import { GOLDENS, goldenVendors, PARTS, target } from "./fixtures.ts";

const CASES: readonly [string, Target][] = [
  ["small", target()],
  [
    "full",
    target({
      namespaces: ["crawl", "crawl-eu"],
      istio: { namespace: "istio-system", minor: 30, meshConfigMap: "istio-canary" },
      module: { ...target().module, pullSecret: "registry" },
      parts: { ...PARTS, monitor: "pod-monitor", scrapeFrom: "monitoring", ledgerSeconds: 60, accessLog: true },
    }),
  ],
  ["address-only", target({ optionalKinds: new Set([TRAFFIC_EXTENSION_KIND]) })],
];

describe("rendered objects", () => {
  it.each(CASES)("of %s.vendors.yaml are as they were", async (name, to) => {
    // Rules are checked in by themselves: rules.test.ts compares.
    const objects = objectsOf(goldenVendors(name), to).filter(({ metadata }) => metadata.name !== RULES);
    const text = renderStream(objects, to);
    await expect(text).toMatchFileSnapshot(`${GOLDENS}/${name}.yaml`);
  });

  it.each(CASES)("of %s.vendors.yaml are the same text every time", (name, to) => {
    const render = () => renderStream(objectsOf(goldenVendors(name), to), to);
    expect(render()).toBe(render());
  });
});
