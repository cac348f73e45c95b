// SPDX-License-Identifier: Apache-2.0
/**
 * Our stat tags in and out of the mesh configuration, which belongs to somebody else.
 */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { EXTRA_STAT_TAGS } from "../../../../filter/core/stat-tags.ts";
import { statTagsOf, withoutStatTags, withStatTags } from "../../../../installer/objects/mesh-config.ts";

const CHART = `# of the platform team
accessLogFile: /dev/stdout # wanted by audit
defaultConfig:
  # istiod of the same cluster
  discoveryAddress: istiod.istio-system.svc:15012
  proxyMetadata: {A: "b"}
  drainDuration: 100s

defaultProviders:
  metrics:
  - prometheus
enablePrometheusMerge: true
trustDomain: cluster.local`;

const TEXTS: readonly [string, string][] = [
  ["of Istio's chart", CHART],
  [
    "with tags of the user",
    CHART.replace("  drainDuration", "  extraStatTags:\n  - mine # ours\n  - team\n  drainDuration"),
  ],
  ["with some of our tags", CHART.replace("  drainDuration", "  extraStatTags: [outcome, mine]\n  drainDuration")],
  ["without a defaultConfig", "trustDomain: cluster.local\n"],
  ["with an empty defaultConfig", "defaultConfig:\ntrustDomain: cluster.local\n"],
  ["with an empty list and a comment", "defaultConfig:\n  extraStatTags: # ours come by GitOps\ntrustDomain: a\n"],
  ["with an empty list", "defaultConfig:\n  extraStatTags: []\n"],
  ["with lists indented", "defaultConfig:\n  extraStatTags:\n    - mine\nx:\n  - y\n"],
  ["as JSON", '{"trustDomain":"cluster.local","defaultProviders":{}}'],
  ["as an empty text", ""],
  ["of comments only", "# nothing yet\n"],
];

describe("a mesh configuration", () => {
  it.each(TEXTS)("%s gets all of our tags after its own", (_name, text) => {
    const own = statTagsOf(text);
    const after = parse(withStatTags(text)) as { defaultConfig: { extraStatTags: string[] } };
    const added = EXTRA_STAT_TAGS.filter((tag) => !own.includes(tag));
    expect(after.defaultConfig.extraStatTags).toEqual([...own, ...added]);
  });

  it.each(TEXTS)("%s keeps everything else", (_name, text) => {
    type Mesh = { defaultConfig?: Record<string, unknown> };
    const rest = (yaml: string) => {
      const { defaultConfig, ...mesh } = (parse(yaml) ?? {}) as Mesh;
      const { extraStatTags: _tags, ...defaults } = defaultConfig ?? {};
      return { mesh, defaults };
    };
    expect(rest(withStatTags(text))).toEqual(rest(text));
  });

  it.each([
    "defaultConfig:\n  extraStatTags: # ours come by GitOps\ntrustDomain: cluster.local\n",
    "defaultConfig: # ours come by GitOps\ntrustDomain: cluster.local\n",
  ])("keeps the comment of an empty member, also where somebody edits the rest meanwhile: %j", (text) => {
    const edit = (from: string) => from.replace("cluster.local", "mesh.example");
    expect(withStatTags(text)).toContain("# ours come by GitOps");
    expect(withoutStatTags(edit(withStatTags(text)), text)).toBe(edit(text));
  });

  it.each(TEXTS)("%s is not changed by a second run", (_name, text) => {
    const once = withStatTags(text);
    expect(withStatTags(once)).toBe(once);
  });

  it.each(TEXTS)("%s comes back to the letter", (_name, text) => {
    expect(withoutStatTags(withStatTags(text), text)).toBe(text);
  });

  it("that has all of our tags stays as it was written, whatever its style", () => {
    const text = `{ defaultConfig:   {extraStatTags: ['${EXTRA_STAT_TAGS.join("',  '")}'] } } # mine`;
    expect(withStatTags(text)).toBe(text);
  });

  it("keeps every line of the text, in order, with its comments", () => {
    const lines = withStatTags(CHART).split("\n");
    expect(lines.filter((line) => CHART.split("\n").includes(line))).toEqual(CHART.split("\n"));
    expect(lines).toHaveLength(CHART.split("\n").length + EXTRA_STAT_TAGS.length + 1);
  });

  it("stays JSON where it was JSON", () => {
    expect(JSON.parse(withStatTags('{"defaultConfig":{"a":1}}'))).toMatchObject({ defaultConfig: { a: 1 } });
  });

  it("loses our tags and nothing else after somebody changed it meanwhile", () => {
    const changed = withStatTags(CHART)
      .replace("enablePrometheusMerge: true", "enablePrometheusMerge: false")
      .replace("  - proxy_vendor", "  - proxy_vendor\n  - theirs");
    const after = withoutStatTags(changed, CHART);
    expect(statTagsOf(after)).toEqual(["theirs"]);
    expect(after).toContain("enablePrometheusMerge: false");
    expect(after).toContain("# wanted by audit");
  });

  it("keeps a tag of ours that was there before us", () => {
    const before = "defaultConfig:\n  extraStatTags:\n  - outcome\n";
    expect(statTagsOf(withoutStatTags(`${withStatTags(before)}x: 1\n`, before))).toEqual(["outcome"]);
  });

  it("that somebody took our tags out of is left as it is", () => {
    expect(withoutStatTags("trustDomain: other\n", CHART)).toBe("trustDomain: other\n");
  });

  it.each([
    ["is not YAML", "a: [b", /it is not YAML/],
    ["is a list", "- a\n", /it is not a map/],
    ["has a defaultConfig that is no map", "defaultConfig: 7\n", /defaultConfig is not a map/],
    ["has tags that are no list", "defaultConfig:\n  extraStatTags: outcome\n", /extraStatTags is not a list/],
    ["shares its defaultConfig", "x: &x {a: 1}\ndefaultConfig: *x\n", /defaultConfig is not a map/],
  ])("that %s is refused rather than rewritten", (_name, text, reason) => {
    expect(() => withStatTags(text)).toThrow(reason);
  });
});
