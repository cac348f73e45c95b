// SPDX-License-Identifier: Apache-2.0
/**
 * The lock of the mesh configuration: a text is written only over the one that was read.
 */
import { describe, expect, it } from "vitest";
import { KubeError } from "../../../../installer/cluster/kube-error.ts";
import { editMeshConfig } from "../../../../installer/cluster/mesh-config-map.ts";
import type { KubeObject } from "../../../../installer/objects/object.ts";

const PLACE = { namespace: "istio-system", name: "istio" };

/** A server on which others write the texts in between: before each of our first writes one. */
function server(mesh: string, others: string[] = []) {
  let version = 1;
  let data: Record<string, string> = { mesh, meshNetworks: "networks: {}" };
  const writes: string[] = [];
  const map = (): KubeObject => {
    return { apiVersion: "v1", kind: "ConfigMap", metadata: { ...PLACE, resourceVersion: String(version) }, data };
  };
  return {
    writes,
    data: () => data,
    read: async () => map(),
    replace: async (object: KubeObject) => {
      const other = others.shift();
      if (other !== undefined) {
        data = { ...data, mesh: other };
        version++;
      }
      if (object.metadata.resourceVersion !== String(version)) throw new KubeError("PUT", "/", 409, "conflict");
      data = object.data as Record<string, string>;
      version++;
      writes.push(data.mesh ?? "");
      return map();
    },
  };
}

const edit = (text: string) => (text.endsWith("# ours\n") ? text : `${text}# ours\n`);

describe("editMeshConfig", () => {
  it("writes the edited text and leaves other keys alone", async () => {
    const cluster = server("a: 1\n");
    expect(await editMeshConfig(cluster, PLACE, edit)).toEqual({ before: "a: 1\n", after: "a: 1\n# ours\n" });
    expect(cluster.data()).toEqual({ mesh: "a: 1\n# ours\n", meshNetworks: "networks: {}" });
  });

  it("writes nothing when the edit changes nothing", async () => {
    const cluster = server("a: 1\n# ours\n");
    await editMeshConfig(cluster, PLACE, edit);
    expect(cluster.writes).toEqual([]);
  });

  it("edits anew what somebody else wrote meanwhile, and loses none of it", async () => {
    const cluster = server("a: 1\n", ["a: 2\n", "a: 3\n"]);
    expect(await editMeshConfig(cluster, PLACE, edit)).toEqual({ before: "a: 3\n", after: "a: 3\n# ours\n" });
    expect(cluster.writes).toEqual(["a: 3\n# ours\n"]);
  });

  it("gives up where others never stop writing", async () => {
    const cluster = server(
      "a: 0\n",
      Array.from({ length: 20 }, (_, index) => `a: ${index + 1}\n`),
    );
    await expect(editMeshConfig(cluster, PLACE, edit)).rejects.toMatchObject({ status: 409 });
    expect(cluster.writes).toEqual([]);
  });

  it("says where it looked when there is no such ConfigMap", async () => {
    const cluster = { ...server(""), read: async () => undefined };
    await expect(editMeshConfig(cluster, PLACE, edit)).rejects.toThrow(
      /no ConfigMap istio-system\/istio with key "mesh"/,
    );
  });
});
