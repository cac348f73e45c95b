// SPDX-License-Identifier: Apache-2.0
/**
 * Doing a plan: its order, and what an error says of the part that was done.
 */
import { describe, expect, it } from "vitest";
import type { Cluster } from "../../../../installer/cluster/cluster.ts";
import { KubeError } from "../../../../installer/cluster/kube-error.ts";
import { applySteps, batches, type Progress, resumable, setOptIn } from "../../../../installer/install/apply.ts";
import { planOf, type Step } from "../../../../installer/install/plan.ts";
import { inParallel } from "../../../../installer/cluster/in-parallel.ts";
import { type KubeObject, nameOf, type Reference } from "../../../../installer/objects/object.ts";
import { configMap, entry, plugin } from "./objects.ts";

const progressOf = (): Progress => ({ done: [], onDone: () => undefined });

function creating(...objects: KubeObject[]): readonly Step[] {
  const pruning = { objects, removable: [configMap("old")], held: [configMap("kept")], widened: new Set<string>() };
  return planOf({ pruning, live: new Map(), answers: new Map(), declared: [], pods: new Map() }).steps;
}

/** A server that goes away with the call of this number. */
function cluster(failsAt = Number.POSITIVE_INFINITY) {
  const calls: string[] = [];
  const call = async (reference: Reference): Promise<never> => {
    if (calls.length + 1 === failsAt) throw new KubeError("", "", 0, "cannot reach the API server");
    calls.push(nameOf(reference));
    return undefined as never;
  };
  return { calls, cluster: { apply: call, remove: call } as unknown as Cluster };
}

describe("applySteps", () => {
  it("applies in the order of the plan, then removes, and leaves what is held", async () => {
    const { calls, cluster: server } = cluster();
    await applySteps(server, creating(entry("gw.acme.example"), plugin([8080])), progressOf());
    expect(calls).toEqual([
      "WasmPlugin crawl/proxymeter-network",
      "ServiceEntry crawl/proxymeter-gw.acme.example",
      "ConfigMap proxymeter/old",
    ]);
  });

  it("takes only neighbours of one kind and namespace together", () => {
    const steps = creating(plugin([8080]), entry("a.example"), entry("b.example"), entry("c.example", {}, "shop"));
    expect(batches(steps.filter(({ action }) => action === "create")).map((batch) => batch.length)).toEqual([1, 2, 1]);
  });
});

describe("taking back the opt-in label", () => {
  const LABEL = "proxymeter.io/enabled";
  const labels = { [LABEL]: "true", team: "data" };
  const fields = (manager: string, keys: string[], operation = "Apply") => {
    const named = Object.fromEntries(keys.map((key) => [`f:${key}`, {}]));
    return { manager, operation, fieldsV1: { "f:metadata": { "f:labels": named } } };
  };
  /** A namespace whose label stays after the apply of today's manager; what is applied under the other one. */
  const applied = async (...managedFields: object[]) => {
    const found = { apiVersion: "v1", kind: "Namespace", metadata: { name: "crawl", uid: "1", labels, managedFields } };
    const calls: [string | undefined, unknown][] = [];
    const apply = async ({ metadata }: KubeObject, { fieldManager }: { fieldManager?: string } = {}) => {
      calls.push([fieldManager, metadata.labels]);
    };
    await setOptIn({ read: async () => found, apply } as unknown as Cluster, "crawl", false);
    return calls;
  };
  const TODAY = ["proxymeter-opt-in", undefined];

  it("takes it from the manager of builds that had but one, and nothing else from that", async () => {
    expect(await applied(fields("proxymeter", [LABEL]))).toEqual([TODAY, [undefined, {}]]);
    expect(await applied(fields("proxymeter", [LABEL, "team"]))).toEqual([TODAY, [undefined, { team: "data" }]]);
  });

  it("leaves it where only others have set it", async () => {
    expect(await applied(fields("kubectl-label", [LABEL], "Update"))).toEqual([TODAY]);
    expect(await applied(fields("proxymeter", ["team"]), fields("kubectl", [LABEL]))).toEqual([TODAY]);
  });
});

describe("a server that dies in the middle", () => {
  it("leaves an error that names what was applied and how to go on", async () => {
    const { cluster: server } = cluster(2);
    const progress = progressOf();
    const steps = creating(entry("gw.acme.example"), plugin([8080]));
    const failed = resumable("the installation", progress, () => applySteps(server, steps, progress));
    await expect(failed).rejects.toMatchObject({
      code: "E_API_UNREACHABLE",
      message:
        "cannot finish the installation: cannot reach the API server\nuntil then it created WasmPlugin crawl/proxymeter-network",
      hint: expect.stringContaining("run the same command again"),
    });
  });

  it("leaves an error that says so where nothing was changed", async () => {
    const failed = resumable("the removal", progressOf(), () => Promise.reject(new Error("no")));
    await expect(failed).rejects.toThrow("cannot finish the removal: no\nnothing was changed");
  });
});

describe("inParallel", () => {
  it("keeps the order of the items whatever ends first, with no more at once than asked for", async () => {
    let running = 0;
    let most = 0;
    const work = async (item: number) => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < 5 - item; turn++) await Promise.resolve();
      running--;
      return item * 10;
    };
    expect(await inParallel([1, 2, 3, 4, 5], 2, work)).toEqual([10, 20, 30, 40, 50]);
    expect(most).toBe(2);
  });

  it("begins nothing more once one has failed", async () => {
    const begun: number[] = [];
    const work = async (item: number) => {
      begun.push(item);
      if (item === 2) throw new Error("two");
    };
    await expect(inParallel([1, 2, 3, 4, 5, 6], 1, work)).rejects.toThrow("two");
    expect(begun).toEqual([1, 2]);
  });
});
