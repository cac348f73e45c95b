// SPDX-License-Identifier: Apache-2.0
/**
 * The installer's objects on a running sidecar: undeclared egress is metered, Istio's own metrics get our tags,
 * and a scrape may ask Envoy for our families alone.
 */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { INFO, LABEL_CONFIG_HASH, VALUE_UNKNOWN } from "../../filter/core/contract.ts";
import { type KubeObject, nameOf } from "../../installer/objects/object.ts";
import { configHashOf } from "../../installer/objects/names.ts";
import { objectsOf } from "../../installer/objects/objects.ts";
import type { Target } from "../../installer/objects/target.ts";
import { parseVendors } from "../../installer/vendors/read.ts";
import { actual, expectBalance, logOnFailure } from "./balance.ts";
import { matching, readSamples, seriesName } from "./counters.ts";
import { gateway } from "./manifests.ts";
import { CRAWL } from "./objects.ts";
import { keepBusy, type Tunnel } from "./crawler.ts";
import { until } from "./poll.ts";
import { type Rig, startRig } from "./rig.ts";
import { istioMinor } from "./tools.ts";

/** Nothing declares globex and initech; globex is known by its network. */
const VENDORS = parseVendors(
  `apiVersion: proxymeter.io/v1
vendors:
  - name: acme
    gateways: [{host: gw.acme.example, addresses: [${gateway("acme").address}], ports: [${gateway("acme").port}]}]
  - name: globex
    cidrs: [${gateway("globex").address}/32]
`,
  "catch-all",
);
const DRAIN_SECONDS = 4;
/** From applying until Envoy starts to drain, and Envoy's own slack. */
const SLACK_SECONDS = 3;
const CRAWLER_KINDS = ["WasmPlugin", "EnvoyFilter", "Telemetry", "ServiceEntry"];

/** What the sidecar was last refused, by listener or extension; Envoy keeps it until it takes a better one. */
async function refusals(rig: Rig): Promise<string[]> {
  const dump = await rig.sidecar.admin("/config_dump?include_eds");
  return [...dump.matchAll(/"details": "([^"]*)"/g)].map(([, details = ""]) => details);
}

function targetFor(rig: Rig, more: Partial<Target["module"]> = {}): Target {
  const { url } = rig.registry.publish(rig.filter);
  return {
    release: "0.1.0",
    systemNamespace: "proxymeter",
    namespaces: [CRAWL],
    istio: { namespace: "istio-system", minor: istioMinor() },
    module: { url, digest: url.replace(/^.*@/, ""), ...more },
    optionalKinds: new Set(),
    parts: { catchAll: true, telemetry: true, monitor: "none" },
  };
}

async function installed(rig: Rig, target: Target, vendors = VENDORS): Promise<KubeObject[]> {
  const objects = objectsOf(vendors, target).filter(({ kind }) => CRAWLER_KINDS.includes(kind));
  await rig.kube.apply(...objects);
  const labels = { [LABEL_CONFIG_HASH]: configHashOf(vendors, target) };
  await until(async () => matching(await rig.samples(), INFO, labels).length > 0, {
    what: `${INFO} with the configuration's hash`,
    detail: rig.sidecar.daemon.log,
  });
  return objects;
}

describe.each([
  ["with a configuration of its own", {}],
  ["that shares the plugin's, for a pull secret", { pullSecret: "registry" }],
])("the catch-all %s", (_name, module) => {
  let rig: Rig;
  let objects: KubeObject[] = [];
  let early: Tunnel;
  let begin = 0;
  let unmetered: ReturnType<typeof actual>;
  const secret: KubeObject = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "registry", namespace: CRAWL },
    type: "kubernetes.io/dockerconfigjson",
    data: { ".dockerconfigjson": Buffer.from('{"auths":{}}').toString("base64") },
  };

  beforeAll(async () => {
    rig = await startRig(inject("plane"), { pod: "crawler-0", drainSeconds: DRAIN_SECONDS });
    await rig.kube.apply(secret);
    early = await rig.open("globex", "shop-04.example");
    await early.download(1000);
    begin = performance.now();
    objects = await installed(rig, targetFor(rig, module));
  });
  afterAll(async () => {
    for (const object of [...objects, secret]) await rig?.kube.remove(object);
    await rig?.close();
  });
  beforeEach((context) => logOnFailure(context, rig));

  it("makes the installer's objects known to the sidecar, which refuses none", async () => {
    expect(objects.map(nameOf)).toEqual([
      "WasmPlugin crawl/proxymeter-network",
      "EnvoyFilter crawl/proxymeter-catch-all",
      "Telemetry crawl/proxymeter",
      "ServiceEntry crawl/proxymeter-gw.acme.example",
    ]);
    expect(await refusals(rig)).toEqual([]);
  });

  it("cuts tunnels to undeclared addresses that were open before it, after the drain time and not sooner", async () => {
    await early.closed;
    const seconds = (performance.now() - begin) / 1000;
    console.log(`catch-all applied, drainDuration ${DRAIN_SECONDS} s: cut after ${seconds.toFixed(1)} s`);
    expect(seconds).toBeGreaterThan(DRAIN_SECONDS - 1);
    expect(seconds).toBeLessThan(DRAIN_SECONDS + SLACK_SECONDS);
  });

  it("leaves a declared gateway metered once, equal to the relay", async () => {
    const tunnel = await rig.open("acme", "shop-01.example");
    await tunnel.download(100_000);
    await tunnel.close();
    await expectBalance(rig, "acme");
  });

  it("meters an undeclared gateway of a known network for its vendor, equal to the relay", async () => {
    unmetered = actual(rig, "globex");
    const tunnel = await rig.open("globex", "shop-02.example");
    await tunnel.download(100_000);
    await tunnel.upload(20_000);
    await tunnel.close();
    await expectBalance(rig, "globex", unmetered);
  });

  it("meters a gateway of nobody as unknown", async () => {
    const tunnel = await rig.open("initech", "shop-03.example");
    await tunnel.download(50_000);
    await tunnel.close();
    const { requests, sentBytes, receivedBytes } = actual(rig, "initech");
    await until(async () => total(await rig.samples(), "received_bytes") === receivedBytes, {
      what: `${receivedBytes} bytes of vendor "${VALUE_UNKNOWN}"`,
    });
    const samples = await rig.samples();
    expect([total(samples, "requests"), total(samples, "sent_bytes")]).toEqual([requests, sentBytes]);
  });

  it("takes other settings without cutting an undeclared tunnel, which is counted on to the byte", async () => {
    const tunnel = await rig.open("globex", "shop-01.example");
    const stop = new AbortController();
    const busy = keepBusy(tunnel, stop.signal);
    await installed(rig, targetFor(rig, module), {
      ...VENDORS,
      destinations: { ...VENDORS.destinations, perVendor: 30 },
    });
    await pause((DRAIN_SECONDS + SLACK_SECONDS) * 1000);
    stop.abort();
    expect(await busy).toBeGreaterThan(0);
    expect(tunnel.isOpen()).toBe(true);
    await tunnel.close();
    await expectBalance(rig, "globex", unmetered);
  });

  it("shows a scrape with the rendered parameter all of our families, and nothing else", async () => {
    const read = async (query: string) => (await fetch(`http://127.0.0.1:15090/stats/prometheus${query}`)).text();
    const [all, ours] = [await read(""), await read("?filter=proxymeter_")];
    const names = (text: string) => new Set(readSamples(text, "").map(seriesName));
    const wanted = [...names(all)].filter((name) => name.startsWith("proxymeter_"));
    expect(wanted.length).toBeGreaterThan(50);
    expect([...names(ours)].sort()).toEqual(wanted.sort());
    expect(ours.length).toBeLessThan(all.length / 2);
  });
});

function total(samples: Awaited<ReturnType<Rig["samples"]>>, what: string): number {
  const [sample] = matching(samples, `proxymeter_vendor_${what}_total`, { proxy_vendor: VALUE_UNKNOWN });
  return sample?.value ?? 0;
}

describe("Telemetry", () => {
  let rig: Rig;
  let mesh: { data: Record<string, string> };
  const place: KubeObject = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "istio", namespace: "istio-system" },
  };
  const telemetry = () => objectsOf(VENDORS, targetFor(rig)).filter(({ kind }) => kind === "Telemetry");

  beforeAll(async () => {
    rig = await startRig(inject("plane"), { pod: "crawler-0" });
    mesh = await rig.kube.get(place);
  });
  afterAll(async () => {
    await rig?.kube.apply({ ...place, data: mesh.data });
    for (const object of telemetry()) await rig?.kube.remove(object);
    await rig?.close();
  });

  it("puts vendor and pool on the client's metrics of the mesh's own provider, by CEL that istiod passes on", async () => {
    const defaults = {
      ...(JSON.parse(mesh.data.mesh ?? "{}") as object),
      defaultProviders: { metrics: ["prometheus"] },
    };
    await rig.kube.apply({ ...place, data: { ...mesh.data, mesh: JSON.stringify(defaults) } }, ...telemetry());
    const generated = async () => {
      const answer = await fetch("http://127.0.0.1:28081/debug/config_dump?proxyID=crawler-0.crawl");
      const text = await answer.text();
      return text.includes("wasm.proxymeter_vendor") && text;
    };
    const text = await until(generated, { what: "our tags in the configuration that istiod generates" });
    const tagged = filtersNamed("istio.stats", JSON.parse(text)).map((filter) => JSON.stringify(filter));
    const ours = tagged.filter((filter) => filter.includes("proxy_vendor"));
    expect(ours.length).toBeGreaterThan(0);
    const metrics = ["requests_total", "request_duration_milliseconds", "request_bytes", "response_bytes"];
    for (const name of [...metrics, "tcp_sent_bytes_total", "tcp_received_bytes_total"]) {
      expect(ours[0]).toContain(`"name":"${name}"`);
    }
    expect(ours[0]).toContain(`"proxy_vendor":"filter_state['wasm.proxymeter_vendor']"`);
    expect(ours[0]).toContain(`"proxy_pool":"filter_state['wasm.proxymeter_pool']"`);
  });
});

/** Filters of a name, wherever they stand in a dump. */
function filtersNamed(name: string, value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  const inside = Object.values(value).flatMap((member) => filtersNamed(name, member));
  return "name" in value && value.name === name ? [value, ...inside] : inside;
}
