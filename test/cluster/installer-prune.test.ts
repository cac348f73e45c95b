// SPDX-License-Identifier: Apache-2.0
/**
 * What `proxymeter install` says it cuts is what it cuts: the first installation, pruning in two steps, rollback, uninstall.
 * The tests follow each other: each begins with what the one before left.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { differences, dump } from "./api-dump.ts";
import { logOnFailure } from "./balance.ts";
import { type Cli, cli, expectSuccess, ISTIO, type InstallDocument, vendorsFile } from "./cli.ts";
import { keepBusy, type Tunnel } from "./crawler.ts";
import { gateway } from "./manifests.ts";
import { type NamespaceController, startNamespaceController } from "./namespace-controller.ts";
import { until } from "./poll.ts";
import { type Rig, startRig } from "./rig.ts";

const plane = inject("plane");
const DRAIN_SECONDS = 4;
/** A tunnel that is open this long after a change stays open: the drain time, and Envoy's and istiod's own slack. */
const STAYS_MS = (DRAIN_SECONDS + 4) * 1000;

describe("the plan of an installation", () => {
  let rig: Rig;
  let proxymeter: Cli;
  let controller: NamespaceController;
  let start: Record<string, unknown>;
  let image: string;

  beforeAll(async () => {
    rig = await startRig(plane, { pod: "crawler-0", drainSeconds: DRAIN_SECONDS });
    proxymeter = cli(plane.credentials);
    controller = startNamespaceController(rig.kube);
    image = rig.registry.publish(rig.filter).url;
    start = await dump(rig.kube);
  });
  afterAll(async () => {
    await proxymeter("uninstall", "-y");
    await controller.close();
    await rig.close();
  });
  beforeEach((context) => logOnFailure(context, rig));

  const run = async (command: string, ...args: readonly string[]): Promise<InstallDocument> => {
    const result = await proxymeter(command, "-y", "-o", "json", ...args);
    expectSuccess(result);
    return JSON.parse(result.stdout) as InstallDocument;
  };
  const install = (...args: readonly string[]) =>
    run("install", "--image", image, ...ISTIO, "--without-telemetry", ...args);

  /** Which of the tunnels are still open after the change and the drain time, while all of them carry bytes. */
  const survivors = async (tunnels: Record<string, Tunnel>, change: () => Promise<void>): Promise<string[]> => {
    const stop = new AbortController();
    const busy = Object.values(tunnels).map((tunnel) => keepBusy(tunnel, stop.signal));
    await change();
    const end = Date.now() + STAYS_MS;
    await until(() => Date.now() > end, { what: "the end of the drain time", timeoutMs: STAYS_MS + 5000 });
    stop.abort();
    await Promise.all(busy);
    return Object.keys(tunnels).filter((name) => tunnels[name]?.isOpen());
  };

  it("names what the first one cuts: with the catch-all, tunnels to undeclared gateways", async () => {
    const [acme, globex] = [await rig.open("acme", "shop-01.example"), await rig.open("globex", "shop-01.example")];
    let effects: InstallDocument["effects"] = [];
    const open = await survivors({ acme, globex }, async () => {
      ({ effects } = await install("-f", vendorsFile("acme"), "--namespaces", "crawl"));
    });
    expect(effects).toMatchObject([{ namespace: "crawl", pods: 1, scope: "undeclared" }]);
    expect(open).toEqual([]);
  });

  it("cuts nothing when a vendor is added, not even tunnels to it that were undeclared", async () => {
    const [acme, globex] = [await rig.open("acme", "shop-01.example"), await rig.open("globex", "shop-01.example")];
    const open = await survivors({ acme, globex }, async () => {
      const { effects } = await install("-f", vendorsFile("acme", "globex"));
      expect(effects).toEqual([]);
    });
    expect(open).toEqual(["acme", "globex"]);
  });

  it("holds the listeners of a vendor that was taken out, and cuts nothing", async () => {
    const [acme, globex] = [await rig.open("acme", "shop-01.example"), await rig.open("globex", "shop-01.example")];
    const open = await survivors({ acme, globex }, async () => {
      const { effects, steps } = await install("-f", vendorsFile("acme"));
      expect(effects).toEqual([]);
      expect(steps.filter(({ action }) => action === "hold").map(({ kind }) => kind)).toEqual(["ServiceEntry"]);
    });
    expect(open).toEqual(["acme", "globex"]);
  });

  it("changes nothing more when it is run again without --drain", async () => {
    expect((await install("-f", vendorsFile("acme"))).isChanged).toBe(false);
  });

  it("removes the held listeners with --drain, and cuts exactly what it names", async () => {
    const [acme, globex] = [await rig.open("acme", "shop-01.example"), await rig.open("globex", "shop-01.example")];
    const open = await survivors({ acme, globex }, async () => {
      const { effects } = await install("-f", vendorsFile("acme"), "--drain");
      expect(effects).toMatchObject([{ namespace: "crawl", scope: "ports", ports: [gateway("globex").port] }]);
    });
    expect(open).toEqual(["acme"]);
  });

  it("returns to the installation before by rollback, and back again by another", async () => {
    const vendors = async () => {
      const { spec } = (await rig.kube.get({
        apiVersion: "extensions.istio.io/v1alpha1",
        kind: "WasmPlugin",
        metadata: { name: "proxymeter-network", namespace: "crawl" },
      })) as { spec: { pluginConfig: { vendors: { name: string }[] } } };
      return spec.pluginConfig.vendors.map(({ name }) => name);
    };
    await run("rollback", ...ISTIO);
    expect(await vendors()).toEqual(["acme", "globex"]);
    await run("rollback", ...ISTIO);
    expect(await vendors()).toEqual(["acme"]);
  });

  it("leaves nothing behind after uninstall, which cuts what it names", async () => {
    const [acme, initech] = [await rig.open("acme", "shop-01.example"), await rig.open("initech", "shop-01.example")];
    const open = await survivors({ acme, initech }, async () => {
      const { effects } = await run("uninstall");
      const scopes = effects.map(({ scope, ports }) => ({ scope, ports }));
      expect(scopes).toContainEqual({ scope: "undeclared", ports: [] });
      expect(scopes).toContainEqual({
        scope: "ports",
        ports: [gateway("acme").port, gateway("globex").port].sort((a, b) => a - b),
      });
    });
    expect(open).toEqual([]);
    expect(differences(start, await dump(rig.kube))).toEqual([]);
  });

  it("has nothing more to remove", async () => {
    const result = await proxymeter("uninstall", "-y");
    expectSuccess(result);
    expect(result.stderr).toContain("nothing to remove");
  });
});
