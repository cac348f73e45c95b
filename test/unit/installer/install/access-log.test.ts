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

/** An installation that fails at our Telemetry, or at the ConfigMap of Istio. */
async function brokenOff(one: Server, kind: string, wanted: Wish): Promise<void> {
  const { replace } = one.cluster;
  one.refuse = (object) => (object.kind === kind && kind === "Telemetry" ? new Error("broken off") : undefined);
  one.cluster.replace = async (object) => {
    if (kind === "ConfigMap") throw new Error("broken off");
    return replace.call(one.cluster, object);
  };
  await expect(installed(one, wanted)).rejects.toThrow("broken off");
  delete one.refuse;
  one.cluster.replace = replace;
}

async function uninstalled({ cluster }: Server): Promise<void> {
  const removal = await prepareRemoval(cluster, { systemNamespace: "proxymeter", keepMetrics: false });
  await remove(cluster, removal, { done: [], onDone: () => undefined });
}

describe("stat tags that are no longer wanted", () => {
  it("are taken out again by an uninstall where taking them out was broken off", async () => {
    const one = server();
    await installed(one, wish());
    await brokenOff(one, "ConfigMap", wish({ request: { ...wish().request, statTags: "none" } }));
    await uninstalled(one);
    expect(mesh(one)).toBe(MESH);
  });
});

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

  it.each(["none", "mesh"] as const)(
    "goes from the mesh configuration to the letter, also where going is broken off, with --stat-tags %s",
    async (statTags) => {
      const going = wish({ request: { ...wish().request, statTags }, ...DRAINED });
      const goings = [
        async (one: Server) =>
          void (await installed(one, { ...going, request: { ...going.request, statTags: "none" } })),
        uninstalled,
      ];
      for (const goOn of goings) {
        for (const kind of ["Telemetry", "ConfigMap"]) {
          const one = server();
          await installed(one, LOGGED);
          await optedIn(one);
          await brokenOff(one, kind, going);
          await goOn(one);
          expect(mesh(one)).toBe(MESH);
        }
      }
    },
  );

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
    await uninstalled(one);
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

describe("a change of Istio's revision", () => {
  it.each([
    ["loses our access log", LOGGED, true],
    ["loses stat tags alone", wish(), false],
  ])("says what pods of the one before lose: %s", async (_what, wanted, isSaid) => {
    const both = server(["default", "canary"]);
    await installed(both, wanted);
    const text = planText(await prepare(both.cluster, { ...wanted, istio: { revision: "canary" } }));
    expect(text).toContain("istio-system/istio: the mesh configuration of the revision before loses what we put in");
    expect(text.includes("pods of that revision have no access log of ours")).toBe(isSaid);
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
  const YOUNG = { creationTimestamp: "2026-03-01T00:00:00Z" };
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
    [
      "a younger one of the namespace",
      "{}",
      [ours, object("crawl/theirs", logs, YOUNG)],
      /^Telemetry crawl\/theirs .*takes ours/,
    ],
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
