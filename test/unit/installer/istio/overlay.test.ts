// SPDX-License-Identifier: Apache-2.0
/**
 * The overlay that istioctl is told: small by itself, and the user's own with nothing lost.
 */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { EXTRA_STAT_TAGS } from "../../../../filter/core/stat-tags.ts";
import { overlayOf, overlayPlace } from "../../../../installer/istio/overlay.ts";

const SMALL = { statTags: "add", capturesDns: false } as const;
const own = (body: string) => ({
  name: "operator.yaml",
  text: `# Of the platform team\napiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\n${body}`,
});
const defaultConfig = (text: string) => parse(text).spec.meshConfig?.defaultConfig;

describe("an overlay without one of the user's", () => {
  it("is profile minimal with our stat tags, in istio-system, of the default revision", () => {
    const overlay = overlayOf(SMALL);
    expect(parse(overlay)).toEqual({
      apiVersion: "install.istio.io/v1alpha1",
      kind: "IstioOperator",
      metadata: { name: "proxymeter" },
      spec: { profile: "minimal", meshConfig: { defaultConfig: { extraStatTags: EXTRA_STAT_TAGS } } },
    });
    expect(overlayPlace(overlay)).toEqual({ namespace: "istio-system", revision: "default", profile: "minimal" });
  });

  it("puts Istio where the options say", () => {
    const overlay = overlayOf({ ...SMALL, namespace: "mesh", revision: "canary" });
    expect(overlayPlace(overlay)).toMatchObject({ namespace: "mesh", revision: "canary" });
    expect(parse(overlay).spec).toMatchObject({ revision: "canary", values: { global: { istioNamespace: "mesh" } } });
  });

  it("says nothing of the default namespace and revision", () => {
    expect(overlayOf({ ...SMALL, namespace: "istio-system", revision: "default" })).toBe(overlayOf(SMALL));
  });

  it("has sidecars answer DNS where a gateway needs it", () => {
    const { proxyMetadata } = defaultConfig(overlayOf({ ...SMALL, capturesDns: true }));
    expect(proxyMetadata).toEqual({ ISTIO_META_DNS_CAPTURE: "true" });
  });

  it("is the same when it is made of itself, and loses our tags when told to", () => {
    const base = { name: "the recorded overlay", text: overlayOf(SMALL) };
    expect(overlayOf({ ...SMALL, base })).toBe(base.text);
    expect(defaultConfig(overlayOf({ ...SMALL, base, statTags: "remove" })).extraStatTags).toEqual([]);
  });
});

describe("an overlay of the user's", () => {
  it("keeps comments, profile, tags and every other setting", () => {
    const base = own(
      "spec:\n  profile: demo # with gateways\n  meshConfig: {defaultConfig: {extraStatTags: [team]}}\n",
    );
    const overlay = overlayOf({ ...SMALL, base });
    expect(overlay).toContain("# Of the platform team");
    expect(overlay).toContain("profile: demo # with gateways");
    expect(defaultConfig(overlay).extraStatTags).toEqual(["team", ...EXTRA_STAT_TAGS]);
  });

  it("gets no tag twice, and none with statTags keep", () => {
    const base = own(`spec: {meshConfig: {defaultConfig: {extraStatTags: [${EXTRA_STAT_TAGS[2]}]}}}\n`);
    const tags = defaultConfig(overlayOf({ ...SMALL, base })).extraStatTags as string[];
    expect(tags.toSorted()).toEqual([...EXTRA_STAT_TAGS].sort());
    expect(defaultConfig(overlayOf({ ...SMALL, base, statTags: "keep" })).extraStatTags).toEqual([EXTRA_STAT_TAGS[2]]);
  });

  it("may say where Istio goes, in each place that istioctl knows", () => {
    expect(overlayPlace(own("metadata: {namespace: a}\nspec: {values: {revision: b}}\n").text)).toMatchObject({
      namespace: "a",
      revision: "b",
      profile: "default",
    });
  });

  it.each([
    [
      "an option that says otherwise",
      own("spec: {revision: stable}\n"),
      'it says "stable", and the option says "canary"',
    ],
    ["tags that are no list", own("spec: {meshConfig: {defaultConfig: {extraStatTags: team}}}\n"), "is not a list"],
    ["a mesh configuration that is no map", own("spec: {meshConfig: text}\n"), "spec.meshConfig is not a map"],
    ["another kind", { name: "x.yaml", text: "apiVersion: v1\nkind: ConfigMap\n" }, "found v1 ConfigMap"],
    ["two documents", { name: "x.yaml", text: `${own("").text}---\n${own("").text}` }, "found no document, or several"],
    ["nothing", { name: "x.yaml", text: "# nothing\n" }, "found no document, or several"],
    ["no YAML", { name: "x.yaml", text: "a: [" }, "cannot use x.yaml"],
  ])("is refused with %s", (_, base, message) => {
    const wish = { ...SMALL, base, revision: "canary" };
    expect(() => overlayOf(wish)).toThrowError(expect.objectContaining({ code: "E_ISTIO_CONFIG", exitCode: 2 }));
    expect(() => overlayOf(wish)).toThrow(message);
  });
});
