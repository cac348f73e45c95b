// SPDX-License-Identifier: Apache-2.0
/**
 * Installations one after the other: what of the one before is restored, held, renewed or in the way.
 */
import { describe, expect, it } from "vitest";
import { install } from "../../../../installer/install/install.ts";
import { prepare } from "../../../../installer/install/prepare.ts";
import { readRecord, readStoredRecord, writeRecord } from "../../../../installer/install/record.ts";
import { prepareRemoval, remove } from "../../../../installer/install/uninstall.ts";
import { nameOf } from "../../../../installer/objects/object.ts";
import { ACME, installed, MESH, type Server, server, vendor, vendorsText, wish } from "./server.ts";

const SYSTEM = "proxymeter";
const nothing = () => ({ done: [], onDone: () => undefined });
const meshOf = ({ read }: Server, name: string) =>
  (read("ConfigMap", name, "istio-system")?.data as { mesh: string } | undefined)?.mesh;
const optedIn = (on: Server) =>
  on.cluster.apply({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "crawl", labels: { "proxymeter.io/enabled": "true" } },
  });

async function uninstalled({ cluster }: Server) {
  const removal = await prepareRemoval(cluster, { systemNamespace: SYSTEM, keepMetrics: false });
  await remove(cluster, removal, nothing());
  return removal;
}

describe("a change of Istio's revision", () => {
  const canary = { istio: { revision: "canary" } };

  it("gives the mesh configuration of the one before back byte for byte, and edits the other", async () => {
    const both = server(["default", "canary"]);
    await installed(both, wish());
    const { leftMeshes } = await installed(both, wish(canary));
    expect(leftMeshes).toMatchObject([{ namespace: "istio-system", name: "istio" }]);
    expect(meshOf(both, "istio")).toBe(MESH);
    expect(meshOf(both, "istio-canary")).toContain("proxy_vendor");
    expect((await readRecord(both.cluster, SYSTEM))?.mesh).toMatchObject({ name: "istio-canary", before: MESH });
    expect((await prepare(both.cluster, wish(canary))).hasWork).toBe(false);
  });

  it("that is broken off leaves a record by which uninstall restores both", async () => {
    const both = server(["default", "canary"]);
    await installed(both, wish());
    const { replace } = both.cluster;
    both.cluster.replace = async (object) => {
      if (object.metadata.name === "istio") throw new Error("broken off");
      return replace.call(both.cluster, object);
    };
    await expect(installed(both, wish(canary))).rejects.toThrow("broken off");
    both.cluster.replace = replace;
    await uninstalled(both);
    expect([meshOf(both, "istio"), meshOf(both, "istio-canary")]).toEqual([MESH, MESH]);
  });

  it("goes on where the revision before went with its mesh configuration", async () => {
    const both = server(["default", "canary"]);
    await installed(both, wish());
    for (const kind of ["Deployment", "ConfigMap"]) {
      const old = both.read(kind, kind === "Deployment" ? "istiod" : "istio", "istio-system");
      if (old) await both.cluster.remove(old);
    }
    await installed(both, wish(canary));
    expect(meshOf(both, "istio-canary")).toContain("proxy_vendor");
  });
});

describe("a namespace that was made before the record could be written", () => {
  it("is known as made by the installation that goes on, and by an uninstall at once", async () => {
    for (const isResumed of [true, false]) {
      const one = server();
      one.refuse = ({ metadata }) => (metadata.name === "proxymeter-installation" ? new Error("crash") : undefined);
      await expect(installed(one, wish())).rejects.toThrow("crash");
      expect(one.read("Namespace", SYSTEM)).toBeDefined();
      delete one.refuse;
      if (isResumed) await installed(one, wish());
      expect((await uninstalled(one)).namespaces).toEqual([SYSTEM]);
    }
  });

  it("stays where it was there before us, also with our label", async () => {
    const one = server();
    const labels = { "app.kubernetes.io/managed-by": "proxymeter" };
    await one.cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: SYSTEM, labels } });
    await installed(one, wish());
    expect(await uninstalled(one)).toMatchObject({ namespaces: [], staying: [expect.stringContaining("was there")] });
  });
});

describe("a filter whose last gateway went", () => {
  const header = vendor("acme", "{host: gw.acme.example, addresses: [203.0.113.10], ports: [9000], mode: http}");
  const vendorsIn = (object: unknown) =>
    /"vendors":(\[.*?\]),"label_keys"/.exec(JSON.stringify(object).replaceAll("\\", ""))?.[1];

  it("stays on its listeners, and loses the vendors that went at once", async () => {
    const one = server();
    const globex = vendor("globex", "{host: gw.globex.example, addresses: [203.0.113.20], ports: [3128]}");
    await installed(one, wish({}, vendorsText(globex)));
    await optedIn(one);
    const { plan } = await installed(one, wish({}, vendorsText(header)));
    const plugin = one.read("WasmPlugin", "proxymeter-network", "crawl");
    expect(plugin?.spec).toMatchObject({ match: [{ ports: [{ number: 3128 }] }] });
    expect(vendorsIn(plugin)).toContain("acme");
    expect(vendorsIn(plugin)).not.toContain("globex");
    expect(plan.steps.filter(({ isWidened }) => isWidened).map(({ reference }) => nameOf(reference))).toEqual([
      "WasmPlugin crawl/proxymeter-network",
    ]);
    expect(plan.effects).toEqual([]);
    expect((await prepare(one.cluster, wish({}, vendorsText(header)))).hasWork).toBe(false);
    await installed(one, wish({ shouldDrain: true }, vendorsText(header)));
    expect(one.read("WasmPlugin", "proxymeter-network", "crawl")).toBeUndefined();
  });

  it("does so as the catch-all, too", async () => {
    const one = server();
    await installed(one, wish());
    await optedIn(one);
    const without = wish({}, vendorsText(header.replaceAll("acme", "initech")));
    const request = { ...without.request, parts: { ...without.request.parts, catchAll: false } };
    await installed(one, { ...without, request });
    const filter = one.read("EnvoyFilter", "proxymeter-catch-all", "crawl");
    expect(vendorsIn(filter)).toContain("initech");
    expect(vendorsIn(filter)).not.toContain("acme");
  });
});

describe("a gateway that is found in another way", () => {
  const bare = vendor("acme", "{host: gw.acme.example, ports: [8080]}");
  const capturing = `${MESH}defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: "true"}}\n`;
  const entry = (on: Server) =>
    on.read("ServiceEntry", "proxymeter-gw.acme.example", "crawl")?.spec as {
      resolution: string;
      addresses?: string[];
    };
  const onCapturing = async () => {
    const one = server();
    const map = one.read("ConfigMap", "istio", "istio-system");
    if (map) await one.cluster.replace({ ...map, data: { mesh: capturing } });
    await optedIn(one);
    return one;
  };

  it.each([
    ["loses its addresses", [ACME, bare], "NONE", "DNS"],
    ["gets addresses", [bare, ACME], "DNS", "NONE"],
  ] as const)("keeps its listener until it is drained where it %s", async (_what, [first, then], before, after) => {
    const one = await onCapturing();
    await installed(one, wish({}, vendorsText(first)));
    const old = entry(one);
    expect(old.resolution).toBe(before);
    const { plan } = await installed(one, wish({}, vendorsText(then)));
    expect(entry(one)).toEqual(old);
    expect(plan.effects).toEqual([]);
    expect(plan.steps.some(({ isWidened }) => isWidened)).toBe(true);
    await installed(one, wish({ shouldDrain: true }, vendorsText(then)));
    expect(entry(one)).toMatchObject({ resolution: after });
    expect("addresses" in entry(one)).toBe(after === "NONE");
  });
});

describe("a vendors.yaml that no record can hold", () => {
  it("is refused before anything is made", async () => {
    const one = server();
    const large = wish({}, `${vendorsText(ACME)}${"#".repeat(400_001)}\n`);
    await expect(installed(one, large)).rejects.toMatchObject({ code: "E_VENDORS_SIZE", exitCode: 2 });
    expect(one.read("Namespace", SYSTEM)).toBeUndefined();
  });
});

describe("two installations at a time", () => {
  const newer = wish(
    {},
    vendorsText(ACME, vendor("globex", "{host: gw.globex.example, addresses: [203.0.113.20], ports: [3128]}")),
  );

  it("do not undo each other: the one that planned before the other's record is refused, and changes nothing", async () => {
    const one = server();
    await installed(one, wish());
    await optedIn(one);
    const follower = await prepare(
      one.cluster,
      wish({ optIn: [], request: { ...wish().request, image: wish().request.image.replace("2", "3") } }),
    );
    await installed(one, newer);
    await expect(install(one.cluster, follower, nothing())).rejects.toMatchObject({ status: 409 });
    expect((await readRecord(one.cluster, SYSTEM))?.current).toEqual(newer.request);
    expect(JSON.stringify(one.read("WasmPlugin", "proxymeter-network", "crawl"))).toContain("globex");
  });

  it("are noticed between reading what is recorded and planning", async () => {
    const one = server();
    await installed(one, wish());
    const stored = await readStoredRecord(one.cluster, SYSTEM);
    await installed(one, newer);
    await expect(prepare(one.cluster, wish({ recordVersion: stored?.version }))).rejects.toMatchObject({
      code: "E_RECORD_CHANGED",
    });
  });

  it("are noticed by the one that began first when it ends", async () => {
    const one = server();
    const prepared = await prepare(one.cluster, wish());
    const { apply } = one.cluster;
    let isWritten = false;
    one.cluster.apply = async (object, options) => {
      if (object.kind === "WasmPlugin" && !options?.dryRun && !isWritten) {
        isWritten = true;
        const record = await readRecord(one.cluster, SYSTEM);
        if (record)
          await writeRecord({ apply: apply.bind(one.cluster) }, SYSTEM, { ...record, current: newer.request });
      }
      return apply.call(one.cluster, object, options);
    };
    await expect(install(one.cluster, prepared, nothing())).rejects.toMatchObject({ status: 409 });
    expect((await readRecord(one.cluster, SYSTEM))?.current).toEqual(newer.request);
  });
});
