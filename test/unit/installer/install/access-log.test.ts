// SPDX-License-Identifier: Apache-2.0
/**
 * The access log by Telemetry through installations: what it needs, what it replaces, and in which order it comes and goes.
 */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { accessLogLines, olderTelemetry } from "../../../../installer/install/access-log.ts";
import { planText } from "../../../../installer/install/plan-text.ts";
import { prepare, type Wish } from "../../../../installer/install/prepare.ts";
import { prepareRemoval, remove } from "../../../../installer/install/uninstall.ts";
import {
  ACCESS_LOG,
  ACCESS_LOG_PROVIDER,
  accessLogging,
  usesAccessLog,
} from "../../../../installer/objects/access-log.ts";
import type { KubeObject } from "../../../../installer/objects/object.ts";
import { PARTS } from "../objects/fixtures.ts";
import { installed, MESH, type Server, server, wish } from "./server.ts";

const LOGGED = wish({ request: { ...wish().request, parts: { ...PARTS, accessLog: true } } });
const DRAINED: Partial<Wish> = { shouldDrain: true };
const mesh = ({ read }: Server) =>
  (read("ConfigMap", "istio", "istio-system") as KubeObject & { data: { mesh: string } }).data.mesh;
const telemetry = ({ read }: Server) => read("Telemetry", "proxymeter", "crawl");
const optedIn = ({ cluster }: Server) =>
  cluster.apply({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "crawl", labels: { "proxymeter.io/enabled": "true" } },
  });

/** What is written of Telemetry and mesh configuration, in order: whether each has the log after it. */
function watched(one: Server): string[] {
  const seen: string[] = [];
  const { apply, replace, remove: removed } = one.cluster;
  const note = (object: KubeObject) => {
    if (object.kind === "Telemetry") seen.push(`Telemetry ${usesAccessLog(object)}`);
    const text = object.kind === "ConfigMap" ? (object.data as { mesh?: string }).mesh : undefined;
    if (text !== undefined) seen.push(`mesh ${text.includes(ACCESS_LOG_PROVIDER)}`);
  };
  one.cluster.apply = async (object, options) => {
    if (!options?.dryRun) note(object);
    return apply.call(one.cluster, object, options);
  };
  one.cluster.replace = async (object) => {
    note(object);
    return replace.call(one.cluster, object);
  };
  one.cluster.remove = async (reference) => {
    if (reference.kind === "Telemetry") seen.push("Telemetry gone");
    return removed.call(one.cluster, reference);
  };
  return seen;
}

describe("an access log that is wanted", () => {
  it("has its provider in the mesh configuration before a Telemetry names it", async () => {
    const one = server();
    const seen = watched(one);
    const prepared = await installed(one, LOGGED);
    expect(seen).toEqual(["mesh true", "Telemetry true"]);
    expect(parse(mesh(one))).toMatchObject({ accessLogFile: "/dev/stdout", extensionProviders: [ACCESS_LOG] });
    const text = planText(prepared);
    expect(text).toContain(`gets the log provider ${ACCESS_LOG_PROVIDER}`);
    expect(text).toContain("namespace crawl are logged by it instead of the mesh's accessLogFile /dev/stdout");
    await optedIn(one);
    expect((await prepare(one.cluster, LOGGED)).hasWork).toBe(false);
  });

  it("stays with its provider when it is no longer wanted, until it is drained: then the Telemetry goes first", async () => {
    const one = server();
    await installed(one, LOGGED);
    await optedIn(one);
    const seen = watched(one);
    const kept = await installed(one, wish());
    expect(kept.plan.steps.filter(({ isWidened }) => isWidened).map(({ reference }) => reference.kind)).toEqual([
      "Telemetry",
    ]);
    expect(usesAccessLog(telemetry(one) as KubeObject)).toBe(true);
    expect(seen).toEqual([]);
    expect((await prepare(one.cluster, wish())).hasWork).toBe(false);
    const gone = await prepare(one.cluster, wish(DRAINED));
    expect(planText(gone)).toContain(`loses the log provider ${ACCESS_LOG_PROVIDER}, after the Telemetries`);
    await installed(one, wish(DRAINED));
    expect(seen).toEqual(["Telemetry false", "mesh false"]);
    expect(parse(mesh(one))).not.toHaveProperty("extensionProviders");
  });

  it("stays with its provider where the Telemetry itself is held", async () => {
    const one = server();
    await installed(one, LOGGED);
    await optedIn(one);
    const request = { ...wish().request, parts: { ...PARTS, telemetry: false } };
    await installed(one, wish({ request }));
    expect(usesAccessLog(telemetry(one) as KubeObject)).toBe(true);
    expect(mesh(one)).toContain(ACCESS_LOG_PROVIDER);
    await installed(one, wish({ request, ...DRAINED }));
    expect([telemetry(one), mesh(one).includes(ACCESS_LOG_PROVIDER)]).toEqual([undefined, false]);
  });

  it("goes with an uninstall, the Telemetry first, and gives the mesh configuration back byte for byte", async () => {
    const one = server();
    await installed(one, LOGGED);
    const seen = watched(one);
    const removal = await prepareRemoval(one.cluster, { systemNamespace: "proxymeter", keepMetrics: false });
    await remove(one.cluster, removal, { done: [], onDone: () => undefined });
    expect(seen).toEqual(["Telemetry gone", "mesh false"]);
    expect(mesh(one)).toBe(MESH);
  });

  it("is put right where somebody changed its provider", async () => {
    const one = server();
    await installed(one, LOGGED);
    await optedIn(one);
    const map = one.read("ConfigMap", "istio", "istio-system") as KubeObject;
    await one.cluster.replace({ ...map, data: { mesh: mesh(one).replace("path: /dev/stdout", "path: /dev/stderr") } });
    expect(planText(await installed(one, LOGGED))).toContain(
      `gets the log provider ${ACCESS_LOG_PROVIDER} as it is now`,
    );
    expect(parse(mesh(one))).toMatchObject({ extensionProviders: [ACCESS_LOG] });
  });

  it("is put back where an upgrade of Istio has lost it, and the plan says that this cuts", async () => {
    const one = server();
    await installed(one, LOGGED);
    await optedIn(one);
    const map = one.read("ConfigMap", "istio", "istio-system") as KubeObject;
    await one.cluster.replace({ ...map, data: { mesh: "trustDomain: cluster.local\n" } });
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "crawler-0", namespace: "crawl" },
      spec: { containers: [{ name: "istio-proxy" }] },
      status: { phase: "Running", podIP: "10.244.0.5" },
    };
    await one.cluster.apply(pod);
    const { plan } = await installed(one, LOGGED);
    expect(plan.effects).toMatchObject([
      { scope: "all", causes: ["Telemetry crawl/proxymeter names an access log that changes on every listener"] },
    ]);
    expect(parse(mesh(one))).toMatchObject({ extensionProviders: [ACCESS_LOG] });
  });
});

describe("an access log where the mesh configuration is left alone", () => {
  const alone = wish({ request: { ...LOGGED.request, statTags: "none" } });

  it("is refused without a provider, with the way out", async () => {
    const refusal = prepare(server().cluster, alone);
    await expect(refusal).rejects.toMatchObject({ code: "E_ACCESS_LOG", exitCode: 2 });
    await expect(refusal).rejects.toThrow(/--stat-tags none leaves the mesh configuration alone/);
  });

  it("is installed beside a provider of that name that somebody put there, which nobody touches", async () => {
    const one = server();
    const theirs = `${MESH}extensionProviders:\n- name: ${ACCESS_LOG_PROVIDER}\n  envoyFileAccessLog: {path: /dev/stderr}\n`;
    const map = one.read("ConfigMap", "istio", "istio-system") as KubeObject;
    await one.cluster.replace({ ...map, data: { mesh: theirs } });
    await installed(one, alone);
    expect([mesh(one), usesAccessLog(telemetry(one) as KubeObject)]).toEqual([theirs, true]);
  });
});

describe("what an access log of ours meets", () => {
  const object = (place: string, spec: object, more: object = {}): KubeObject => {
    const [namespace = "", name = ""] = place.split("/");
    return {
      apiVersion: "telemetry.istio.io/v1",
      kind: "Telemetry",
      metadata: { name, namespace, creationTimestamp: "2026-01-01T00:00:00Z", ...more },
      spec,
    };
  };
  const ours = object(
    "crawl/proxymeter",
    { accessLogging: accessLogging() },
    {
      creationTimestamp: "2026-02-01T00:00:00Z",
      labels: { "app.kubernetes.io/managed-by": "proxymeter" },
    },
  );
  const logs = { accessLogging: [{ providers: [{ name: "otel" }] }] };
  const selecting = { selector: { matchLabels: { app: "crawler" } } };
  const lines = (meshYaml: string, ...telemetries: KubeObject[]) =>
    accessLogLines({ namespaces: ["crawl"], istioNamespace: "istio-system", meshYaml, telemetries });

  it.each<[string, string, KubeObject[], RegExp | undefined]>([
    ["nothing", "{}", [ours], undefined],
    ["the mesh's file", "accessLogFile: /dev/stdout", [ours], /instead of the mesh's accessLogFile \/dev\/stdout$/],
    ["the mesh's service", "enableEnvoyAccessLogService: true", [], /instead of its enableEnvoyAccessLogService$/],
    [
      "default providers, incoming connections included",
      "defaultProviders: {accessLogging: [envoy]}",
      [],
      /defaultProviders \(envoy\), and incoming ones by none of these$/,
    ],
    [
      "the Telemetry of the mesh, which goes before its settings",
      "accessLogFile: /dev/stdout",
      [object("istio-system/mesh", logs)],
      /instead of what Telemetry istio-system\/mesh says$/,
    ],
    [
      "a root namespace of another name",
      "rootNamespace: mesh-root",
      [object("mesh-root/all", logs)],
      /instead of what Telemetry mesh-root\/all says$/,
    ],
    ["a Telemetry of the mesh without logs", "{}", [object("istio-system/mesh", {})], undefined],
    ["an older one of the namespace", "{}", [object("crawl/theirs", {}), ours], /^Telemetry crawl\/theirs .*older/],
    ["one with a selector that logs", "{}", [object("crawl/some", { ...selecting, ...logs })], /crawl\/some selects/],
    ["one with a selector that does not", "{}", [object("crawl/some", selecting)], undefined],
  ])("is %s", (_what, meshYaml, telemetries, expected) => {
    const [line, ...others] = lines(meshYaml, ...telemetries);
    expect(others).toEqual([]);
    if (expected === undefined) expect(line).toBeUndefined();
    else expect(line).toMatch(expected);
  });

  it("is the older by time, then by name, as Istio sorts them", () => {
    const twin = (name: string) => object(`crawl/${name}`, {}, { creationTimestamp: "2026-02-01T00:00:00Z" });
    expect(olderTelemetry("crawl", [ours, twin("aaa")])?.metadata.name).toBe("aaa");
    expect(olderTelemetry("crawl", [twin("zzz"), ours])).toBeUndefined();
    expect(olderTelemetry("crawl", [])).toBeUndefined();
  });
});
