// SPDX-License-Identifier: Apache-2.0
/**
 * The questions outside the Kubernetes API, to a registry and a resolver that answer.
 */
import { createHash } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askRegistry, resolveAll } from "../../../../installer/checks/probes.ts";
import { VENDORS } from "./facts.ts";

const MANIFEST = Buffer.from("{}");
const digest = `sha256:${createHash("sha256").update(MANIFEST).digest("hex")}`;

describe("askRegistry", () => {
  let server: http.Server;
  let host: string;
  beforeAll(async () => {
    server = http.createServer((request, response) => {
      const isFound = request.url === `/v2/proxymeter/manifests/${digest}`;
      if (request.url?.startsWith("/v2/private/"))
        response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
      else if (request.url === "/v2/" || isFound) response.writeHead(200, { "docker-content-digest": digest }).end();
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it("finds a manifest by its digest", async () => {
    expect(await askRegistry(`oci://${host}/proxymeter@${digest}`)).toMatchObject({ state: "found" });
  });

  it("tells one that is missing from a registry that wants credentials and one that does not answer", async () => {
    expect(await askRegistry(`oci://${host}/other@${digest}`)).toMatchObject({ state: "missing" });
    expect(await askRegistry(`oci://${host}/private@${digest}`)).toMatchObject({ state: "refused" });
    expect(await askRegistry(`oci://127.0.0.1:1/proxymeter@${digest}`)).toMatchObject({ state: "unreachable" });
  });
});

describe("resolveAll", () => {
  it("asks for each host once, and keeps the reason of a failure", async () => {
    const asked: string[] = [];
    const resolve = async (host: string) => {
      asked.push(host);
      throw Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" });
    };
    const twice = { ...VENDORS, vendors: [...VENDORS.vendors, ...VENDORS.vendors] };
    expect(await resolveAll(twice, { resolve })).toEqual({
      "gw.acme.example": { unknown: '"gw.acme.example" does not resolve from here (ENOTFOUND)' },
    });
    expect(asked).toEqual(["gw.acme.example"]);
  });
});
