// SPDX-License-Identifier: Apache-2.0
/**
 * The installation's record survives the way through its ConfigMap; the mesh configuration comes back byte for byte.
 */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { editedMesh, type MeshWish, restoredMesh } from "../../../../installer/install/mesh-edit.ts";
import { previousOf } from "../../../../installer/install/prepare.ts";
import { parseRecord, type Record, recordObject, type Request } from "../../../../installer/install/record.ts";
import { ACCESS_LOG } from "../../../../installer/objects/access-log.ts";
import { accessLogIn } from "../../../../installer/objects/mesh-provider.ts";

const REQUEST: Request = {
  vendors: "apiVersion: proxymeter.io/v1\nvendors: [] # none yet\n",
  image: "oci://registry.example/proxymeter@sha256:1",
  statTags: "mesh",
  parts: { catchAll: true, telemetry: true, monitor: "none" },
};
const RECORD: Record = {
  release: "0.1.0",
  state: "applied",
  command: "install",
  current: REQUEST,
  previous: { ...REQUEST, vendors: "other\n", pullSecret: "registry" },
  kinds: [{ apiVersion: "v1", kind: "Namespace" }],
  mesh: { namespace: "istio-system", name: "istio", before: "a: 1\n", after: "a: 1\nb: 2\n" },
  labelled: ["crawl"],
  created: ["proxymeter"],
  drainSeconds: 45,
};

describe("the record", () => {
  it.each([
    ["whole", RECORD],
    ["without what is optional", (({ mesh: _m, previous: _p, ...rest }) => rest)(RECORD)],
  ])("is read as it was written: %s", (_name, record) => {
    expect(parseRecord(recordObject("proxymeter", record))).toEqual(record);
  });

  it("holds vendors.yaml as text that people can read", () => {
    expect(recordObject("proxymeter", RECORD).data).toMatchObject({ "vendors.yaml": REQUEST.vendors });
  });

  it("says where it is when it cannot be understood", () => {
    const { data, ...map } = recordObject("proxymeter", RECORD);
    const broken = { ...map, data: { ...(data as object), "installation.json": "{" } };
    expect(() => parseRecord(broken)).toThrow(/ConfigMap proxymeter\/proxymeter-installation/);
  });

  it("refuses a vendors.yaml that no ConfigMap can hold", () => {
    const huge = { ...RECORD, current: { ...REQUEST, vendors: "#".repeat(400_001) } };
    expect(() => recordObject("proxymeter", huge)).toThrow(/400001 bytes/);
  });
});

describe("what rollback goes back to", () => {
  const next = { ...REQUEST, vendors: "next\n" };

  it("is the request before, once that had been applied", () => {
    expect(previousOf(RECORD, next)).toEqual(REQUEST);
    expect(previousOf({ ...RECORD, state: "applying" }, next)).toEqual(RECORD.previous);
  });

  it("stays when the same is installed again", () => {
    expect(previousOf(RECORD, REQUEST)).toEqual(RECORD.previous);
  });

  it("is nothing at first, and never the request itself", () => {
    expect(previousOf(undefined, REQUEST)).toBeUndefined();
    expect(previousOf({ ...RECORD, state: "applying", current: next, previous: REQUEST }, REQUEST)).toBeUndefined();
  });
});

describe("the mesh configuration", () => {
  // Spacing that no YAML writer would make.
  const USERS = "accessLogFile:   /dev/stdout  # theirs\ndefaultConfig: {concurrency:  2}\n";
  const TAGS: MeshWish = { statTags: "mesh", hasAccessLog: false };
  const NOTHING: MeshWish = { statTags: "none", hasAccessLog: false };
  const BOTH: MeshWish = { statTags: "mesh", hasAccessLog: true };

  it("is restored byte for byte where nobody else has changed it", () => {
    const { before, after } = editedMesh(USERS, undefined, TAGS);
    expect(after).toContain("proxy_vendor");
    expect(before).toBe(USERS);
    expect(restoredMesh(after, { before, after })).toBe(USERS);
  });

  it("keeps what others have changed since, without our tags", () => {
    const edit = editedMesh(USERS, undefined, TAGS);
    const restored = restoredMesh(edit.after.replace("/dev/stdout", "/dev/stderr"), edit);
    expect(restored).toContain("/dev/stderr");
    expect(restored).not.toContain("proxy_vendor");
  });

  it("gets our tags again when an upgrade of Istio has lost them, and is then restored to what the upgrade left", () => {
    const first = editedMesh(USERS, undefined, TAGS);
    const upgraded = "trustDomain: cluster.local\n";
    const again = editedMesh(upgraded, first, TAGS);
    expect(again.after).toContain("proxy_vendor");
    expect(restoredMesh(again.after, again)).toBe(upgraded);
  });

  it("is not edited twice, and is given back when tags are no longer wanted", () => {
    const first = editedMesh(USERS, undefined, TAGS);
    expect(editedMesh(first.after, first, TAGS)).toEqual(first);
    expect(editedMesh(first.after, first, NOTHING).after).toBe(USERS);
    expect(editedMesh(USERS, undefined, NOTHING).after).toBe(USERS);
  });

  it("gets the provider of the access log beside our tags, and loses it alone", () => {
    const tagged = editedMesh(USERS, undefined, TAGS);
    const logged = editedMesh(tagged.after, tagged, BOTH);
    expect(accessLogIn(logged.after)).toEqual(ACCESS_LOG);
    expect(editedMesh(logged.after, logged, BOTH)).toEqual(logged);
    expect(editedMesh(logged.after, logged, TAGS)).toEqual(tagged);
    expect(editedMesh(logged.after, logged, NOTHING).after).toBe(USERS);
    expect(restoredMesh(logged.after, logged)).toBe(USERS);
  });

  it("keeps a change of others and a provider of theirs when ours goes", () => {
    const logged = editedMesh(USERS, undefined, BOTH);
    const changed = `${logged.after.replace("/dev/stdout", "/dev/stderr")}  - name: theirs\n    prometheus: {}\n`;
    const { after, before } = editedMesh(changed, logged, TAGS);
    expect(parse(after)).toMatchObject({ accessLogFile: "/dev/stderr", extensionProviders: [{ name: "theirs" }] });
    expect(accessLogIn(after)).toBeUndefined();
    expect(parse(before)).toEqual({
      accessLogFile: "/dev/stderr",
      defaultConfig: { concurrency: 2 },
      extensionProviders: [{ name: "theirs", prometheus: {} }],
    });
  });
});
