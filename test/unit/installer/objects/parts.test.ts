// SPDX-License-Identifier: Apache-2.0
/**
 * The objects beside gateways and plugins: catch-all, Telemetry, rights, network policies.
 */
import { describe, expect, it } from "vitest";
import type { CatchAll } from "../../../../installer/objects/catch-all.ts";
import { FOLLOWER } from "../../../../installer/objects/names.ts";
import type { LedgerFilter } from "../../../../installer/objects/ledger.ts";
import { objectsOf } from "../../../../installer/objects/objects.ts";
import { pluginConfigOf } from "../../../../installer/objects/plugin-config.ts";
import type { Target } from "../../../../installer/objects/target.ts";
import type { Telemetry } from "../../../../installer/objects/telemetry.ts";
import { TRAFFIC_EXTENSION_KIND } from "../../../../installer/objects/wasm-plugin.ts";
import { DIGEST, goldenVendors, ofKind, only, PARTS, target, vendors } from "./fixtures.ts";

const FULL = goldenVendors("full");

describe("the catch-all", () => {
  const catchAll = (to: Target, file = FULL) => only<CatchAll>(objectsOf(file, to), "EnvoyFilter").spec.configPatches;
  const withSecret = (minor: number, kinds: string[] = []) =>
    target({
      module: { ...target().module, pullSecret: "registry" },
      istio: { namespace: "istio-system", minor },
      optionalKinds: new Set(kinds),
    });

  it("brings the plugin's configuration and the pinned module", () => {
    const [filter, extension] = catchAll(target());
    const { name, typed_config } = extension?.patch.value ?? {};
    expect(filter.patch.value.name).toBe(name);
    expect(typed_config?.config).toMatchObject({ root_id: "proxymeter_network", failure_policy: "FAIL_OPEN" });
    expect(JSON.parse(typed_config?.config.configuration.value ?? "")).toEqual(pluginConfigOf(FULL, target()));
    expect(typed_config?.config.vm_config.code.remote).toMatchObject({
      http_uri: { uri: target().module.url },
      sha256: DIGEST.slice("sha256:".length),
    });
  });

  it("applies to the supported versions of the proxy only", () => {
    for (const { match } of catchAll(target())) {
      const { proxyVersion } = (match as { proxy: { proxyVersion: string } }).proxy;
      const matching = [
        "1.27.9",
        "1.28.0",
        "1.29.3",
        "1.30.1",
        "1.31-dev",
        "1.31.0-rc.1",
        "1.32.0",
        "11.31.0",
        "1.310.0",
      ];
      expect(matching.filter((version) => new RegExp(proxyVersion).test(version))).toEqual([
        "1.28.0",
        "1.29.3",
        "1.30.1",
        "1.31-dev",
        "1.31.0-rc.1",
      ]);
    }
  });

  it("lets everything pass while it has no module", () => {
    const discovery = catchAll(target())[0].patch.value.config_discovery as { default_config: Record<string, string> };
    expect(discovery.default_config).not.toHaveProperty("rules");
    expect(discovery.default_config["@type"]).toMatch(/network\.rbac\.v3\.RBAC$/);
  });

  it.each([
    ["Istio 1.29", withSecret(29), "extensions.istio.io/wasmplugin/crawl.proxymeter-network"],
    [
      "Istio 1.30",
      withSecret(30),
      "extensions.istio.io/trafficextension/crawl.proxymeter-network~istio-translated-wasmplugin",
    ],
    [
      "TrafficExtension",
      withSecret(31, [TRAFFIC_EXTENSION_KIND]),
      "extensions.istio.io/trafficextension/crawl.proxymeter-network",
    ],
  ])("shares the plugin's configuration where a pull secret is needed: %s", (_what, to, name) => {
    const [filter, ...others] = catchAll(to);
    expect([filter.patch.value.name, others]).toEqual([name, []]);
  });

  it.each([
    ["networks only", "- {name: acme, cidrs: [198.51.100.0/24]}"],
    ["HTTP gateways only", "- {name: acme, gateways: [{host: gw.acme.example, ports: [80], mode: http}]}"],
    ["no vendors", "  []"],
  ])("is refused with a pull secret where no plugin fetches the module: %s", (_what, text) => {
    const file = vendors(text);
    expect(() => objectsOf(file, withSecret(31))).toThrow(/pull secret "registry".*no gateway of mode tcp/);
    expect(catchAll(target(), file)).toHaveLength(2);
    const without = { ...withSecret(31), parts: { ...PARTS, catchAll: false } };
    expect(ofKind(objectsOf(file, without), "EnvoyFilter")).toEqual([]);
  });
});

describe("the ledger", () => {
  const withLedger = (ledgerSeconds: number) => target({ parts: { ...PARTS, catchAll: false, ledgerSeconds } });
  const patches = (to: Target, file = FULL) =>
    only<LedgerFilter>(objectsOf(file, to), "EnvoyFilter").spec.configPatches;
  const logged = (seconds: number) => patches(withLedger(seconds)).map(({ patch }) => patch.value.typed_config);

  it("is kept only where it is wanted, and then published by the plugins", () => {
    expect(ofKind(objectsOf(FULL, target({ parts: { ...PARTS, catchAll: false } })), "EnvoyFilter")).toEqual([]);
    expect(pluginConfigOf(FULL, target())).not.toHaveProperty("ledger");
    expect(pluginConfigOf(FULL, withLedger(60))).toMatchObject({ ledger: true });
  });

  it("adds one access log to what proxies TCP and to what speaks HTTP, and only for metered connections", () => {
    expect(patches(withLedger(60)).map(({ patch }) => [patch.operation, patch.value.name])).toEqual([
      ["MERGE", "envoy.filters.network.tcp_proxy"],
      ["MERGE", "envoy.filters.network.http_connection_manager"],
    ]);
    for (const { access_log: logs } of logged(60)) {
      expect(logs).toHaveLength(1);
      expect(logs[0]?.filter.extension_filter.typed_config.expression).toContain(
        "filter_state['wasm.proxymeter_ledger']",
      );
    }
  });

  it("writes a line that the ledger's reader takes once Envoy has filled it in", () => {
    for (const { access_log: logs } of logged(60)) {
      const format = logs[0]?.typed_config.log_format.text_format_source.inline_string ?? "";
      expect(format).toMatch(/^[^\n]+\n$/);
      const filled = format
        .replace(/%START_TIME\(.*Z\)%/, "2026-09-21T14:13:20.200Z")
        .replace(/%FILTER_STATE.*?%/, "[{}]");
      expect(JSON.parse(filled.replace(/%[^%]*%/g, "-"))).toMatchObject({ proxymeter: 1, pod: "-", parts: [{}] });
    }
  });

  it.each([
    [5, "5s"],
    [0, undefined],
  ])("has interim lines every %i seconds: %s", (seconds, interval) => {
    const found = logged(seconds).map(({ access_log_options: options }) => options?.access_log_flush_interval);
    expect(found).toEqual([interval, interval]);
  });

  it("is the same whatever vendors.yaml names, so that no later change cuts anything", () => {
    const other = vendors("- {name: acme, gateways: [{host: gw.acme.example, ports: [81], mode: http}]}");
    expect(patches(withLedger(60), other)).toEqual(patches(withLedger(60)));
  });
});

describe("Telemetry", () => {
  it("tags counts, times and sizes of the client's side, names no provider and no destination", () => {
    const { spec } = only<Telemetry>(objectsOf(FULL, target()), "Telemetry");
    const [metrics, ...others] = spec.metrics;
    expect(others).toEqual([]);
    expect(Object.keys(metrics ?? {})).toEqual(["overrides"]);
    expect(metrics?.overrides.map(({ match }) => `${match.mode} ${match.metric}`)).toEqual(
      [
        "REQUEST_COUNT",
        "REQUEST_DURATION",
        "REQUEST_SIZE",
        "RESPONSE_SIZE",
        "TCP_SENT_BYTES",
        "TCP_RECEIVED_BYTES",
      ].map((metric) => `CLIENT ${metric}`),
    );
    for (const { tagOverrides } of metrics?.overrides ?? []) {
      expect(tagOverrides).toEqual({
        proxy_vendor: { value: "filter_state['wasm.proxymeter_vendor']" },
        proxy_pool: { value: "filter_state['wasm.proxymeter_pool']" },
      });
    }
  });
});

describe("rights", () => {
  interface Role {
    rules: { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] }[];
  }
  const rulesOf = (to: Target) =>
    ["ClusterRole", "Role"].flatMap((kind) =>
      (ofKind(objectsOf(FULL, to), kind) as unknown as Role[]).flatMap(({ rules }) => rules),
    );

  it("hold no wildcard, no secret, and no change of workloads of others but the annotation that restarts them", () => {
    for (const { apiGroups, resources, resourceNames, verbs } of rulesOf(target())) {
      expect([...apiGroups, ...resources, ...verbs]).not.toContain("*");
      expect(resources).not.toContain("secrets");
      const isOfWorkloads =
        apiGroups.some((group) => group === "apps" || group === "batch") || resources.includes("pods");
      const isOurs = resourceNames?.join() === FOLLOWER;
      if (isOfWorkloads && !isOurs) expect(["get", "list", "watch", "patch"]).toEqual(expect.arrayContaining(verbs));
      expect(verbs.filter((verb) => ["escalate", "bind", "impersonate", "deletecollection"].includes(verb))).toEqual(
        [],
      );
    }
  });

  it("reach cluster-wide objects, our namespace and the mesh configuration by name", () => {
    const to = target({
      systemNamespace: "metering",
      istio: { namespace: "mesh", minor: 31, meshConfigMap: "istio-canary" },
    });
    const named = rulesOf(to).filter(({ resourceNames }) => resourceNames !== undefined);
    expect(named.map(({ resources, resourceNames }) => [resources[0], resourceNames])).toEqual([
      ["namespaces", ["metering"]],
      ["clusterroles", ["proxymeter", "proxymeter-prometheus", "proxymeter-mesh"]],
      ["configmaps", ["istio-canary"]],
      ["cronjobs", ["proxymeter-follow"]],
    ]);
    const roles = ofKind(objectsOf(FULL, to), "Role").map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    expect(roles).toEqual(["mesh/proxymeter-mesh", "metering/proxymeter"]);
    for (const kind of ["RoleBinding", "ClusterRoleBinding"]) {
      for (const { subjects } of ofKind(objectsOf(FULL, to), kind)) {
        expect(subjects).toEqual([expect.objectContaining({ kind: "ServiceAccount", namespace: "metering" })]);
      }
    }
  });

  it("for a Prometheus are to find pods in the opted-in namespaces", () => {
    const objects = objectsOf(FULL, target({ namespaces: ["crawl", "crawl-eu"] }));
    expect(only(objects, "ClusterRole", "proxymeter-prometheus").rules).toEqual([
      { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
    ]);
    const bindings = ofKind(objects, "RoleBinding").filter(({ metadata }) => metadata.name === "proxymeter-prometheus");
    expect(bindings.map(({ metadata }) => metadata.namespace)).toEqual(["crawl", "crawl-eu"]);
    const without = objectsOf(FULL, target({ parts: { ...PARTS, monitor: "none" } }));
    expect(without.filter(({ metadata }) => metadata.name === "proxymeter-prometheus")).toEqual([]);
  });
});

describe("a NetworkPolicy", () => {
  const policies = (scrapeFrom?: string) =>
    ofKind(objectsOf(FULL, target({ parts: { ...PARTS, ...(scrapeFrom && { scrapeFrom }) } })), "NetworkPolicy");

  it("is made only where the namespace of Prometheus is named", () => {
    expect(policies()).toEqual([]);
    expect(policies("monitoring")).toHaveLength(1);
  });

  it("lets that namespace reach the two ports of metrics", () => {
    expect(policies("monitoring")[0]?.spec).toEqual({
      podSelector: {},
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }],
          ports: [
            { port: 15_090, protocol: "TCP" },
            { port: 15_020, protocol: "TCP" },
          ],
        },
      ],
    });
  });
});
