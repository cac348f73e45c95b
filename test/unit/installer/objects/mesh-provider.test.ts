// SPDX-License-Identifier: Apache-2.0
/**
 * The provider of our access log in and out of the mesh configuration, which belongs to somebody else.
 */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ACCESS_LOG, ACCESS_LOG_PROVIDER } from "../../../../installer/objects/access-log.ts";
import { accessLogIn, withAccessLog, withoutAccessLog } from "../../../../installer/objects/mesh-provider.ts";

const CHART = `# of the platform team
accessLogFile: /dev/stdout # wanted by audit
defaultProviders:
  metrics:
  - prometheus
trustDomain: cluster.local`;
const TEAM = `${CHART}
extensionProviders:
# theirs
- name: otel # of the tracing team
  opentelemetry: {service: otel.tracing.svc, port: 4317}
- name: ext
  envoyExtAuthzHttp: {service: auth.example, port: 80}
`;

const TEXTS: readonly [string, string][] = [
  ["of Istio's chart", CHART],
  ["with providers of the user", TEAM],
  ["with an empty list", "extensionProviders: []\ntrustDomain: cluster.local\n"],
  ["with an empty member", "extensionProviders:\ntrustDomain: cluster.local\n"],
  ["with an empty member with a comment", "extensionProviders: # ours come by GitOps\ntrustDomain: cluster.local\n"],
  ["with an empty member as JSON", '{"extensionProviders":null,"trustDomain":"cluster.local"}'],
  ["with lists indented", "extensionProviders:\n    - name: x\n      prometheus: {}\nx:\n    - y\n"],
  ["as JSON", '{"trustDomain":"cluster.local","defaultProviders":{}}'],
  ["as an empty text", ""],
  ["of comments only", "# nothing yet\n"],
];

const added = (text: string) => withAccessLog(text, text);

describe("a mesh configuration", () => {
  it.each(TEXTS)("%s gets our provider after its own", (_name, text) => {
    const own = (parse(text)?.extensionProviders ?? []) as object[];
    expect(parse(added(text))).toEqual({ ...parse(text), extensionProviders: [...own, ACCESS_LOG] });
  });

  it.each(TEXTS)("%s is not changed by a second run", (_name, text) => {
    expect(withAccessLog(added(text), text)).toBe(added(text));
  });

  it.each(TEXTS)("%s comes back to the letter", (_name, text) => {
    expect(withoutAccessLog(added(text), text)).toBe(text);
  });

  it.each(TEXTS)("%s loses ours and nothing else after somebody changed it meanwhile", (_name, text) => {
    const own = (parse(text)?.extensionProviders ?? []) as object[];
    const changed = JSON.stringify({ ...parse(added(text)), trustDomain: "mesh.example" });
    const { extensionProviders, ...rest } = parse(withoutAccessLog(changed, text));
    const { extensionProviders: _own, ...before } = parse(text) ?? {};
    expect({ rest, own: extensionProviders ?? [] }).toEqual({ rest: { ...before, trustDomain: "mesh.example" }, own });
  });

  it("keeps every line of the text, in order, with its comments", () => {
    const lines = added(TEAM).split("\n");
    expect(lines.filter((line) => TEAM.split("\n").includes(line))).toEqual(TEAM.split("\n"));
  });

  it.each([
    ["null", "extensionProviders: # ours come by GitOps\ntrustDomain: cluster.local\n"],
    ["list", "extensionProviders: [] # ours come by GitOps\ntrustDomain: cluster.local\n"],
  ])("keeps an empty %s with its comment, also where somebody edits the rest meanwhile", (_what, text) => {
    const edit = (from: string) => from.replace("cluster.local", "mesh.example");
    expect(added(text)).toContain("# ours come by GitOps");
    expect(withoutAccessLog(edit(added(text)), text)).toBe(edit(text));
  });

  it("stays JSON where it was JSON", () => {
    expect(JSON.parse(added('{"a":1}'))).toEqual({ a: 1, extensionProviders: [ACCESS_LOG] });
  });

  it("keeps a provider of that name that somebody else put there, whatever it says", () => {
    const theirs = `extensionProviders:\n- name: ${ACCESS_LOG_PROVIDER}\n  envoyFileAccessLog: {path: /dev/stderr}\n`;
    expect(withAccessLog(theirs, theirs)).toBe(theirs);
    expect(withoutAccessLog(`${theirs}a: 1\n`, theirs)).toBe(`${theirs}a: 1\n`);
  });

  it("gets ours renewed in place of what an earlier release put there", () => {
    const old = `extensionProviders:\n- name: ${ACCESS_LOG_PROVIDER}\n  envoyFileAccessLog: {path: /dev/stdout}\n`;
    expect(parse(withAccessLog(old, "a: 1\n"))).toEqual({ extensionProviders: [ACCESS_LOG] });
  });

  it("that somebody took ours out of is left as it is", () => {
    expect(withoutAccessLog("a: 1\n", CHART)).toBe("a: 1\n");
    expect(accessLogIn(CHART)).toBeUndefined();
  });

  it.each([
    ["is not YAML", "a: [b", /it is not YAML/],
    ["has providers that are no list", "extensionProviders: {a: 1}\n", /extensionProviders is not a list/],
  ])("that %s is refused rather than rewritten", (_name, text, reason) => {
    expect(() => added(text)).toThrow(reason);
  });
});
