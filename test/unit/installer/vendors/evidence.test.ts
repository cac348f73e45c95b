// SPDX-License-Identifier: Apache-2.0
/**
 * What single variables, usernames and ServiceEntries tell of gateways, and that secrets in them stay where they are.
 */
import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../../installer/objects/object.ts";
import { isOutside } from "../../../../installer/vendors/evidence/candidate.ts";
import { gather } from "../../../../installer/vendors/evidence/gather.ts";
import { readProxyUrl } from "../../../../installer/vendors/evidence/proxy-url.ts";
import { serviceEntryFinding } from "../../../../installer/vendors/evidence/service-entries.ts";
import { usernameShape } from "../../../../installer/vendors/evidence/username-shape.ts";
import { deployment, listing, serviceEntry, tcp } from "./objects.ts";

describe("readProxyUrl", () => {
  it.each([
    ["gw.acme.example:8080", "gw.acme.example", 8080, "http"],
    ["http://GW.acme.example", "gw.acme.example", 80, "http"],
    ["https://gw.acme.example/", "gw.acme.example", 443, "https"],
    ["socks5h://u:p@203.0.113.9", "203.0.113.9", 1080, "socks5"],
    ["socks4://gw.acme.example:4145", "gw.acme.example", 4145, "socks5"],
    ["http://[2001:db8::1]:3128", "2001:db8::1", 3128, "http"],
    ["http://u:p@ss/w@rd@gw.acme.example:1", "gw.acme.example", 1, "http"],
  ])("reads %s", (value, host, port, protocol) => {
    expect(readProxyUrl(value)).toEqual({ host, port, protocol });
  });

  it.each(
    [
      [
        "",
        "user:hunter2:gw.acme.example:80",
        "ftp://gw.acme.example",
        "http://gw.acme.example:0",
        "http://gw.acme.example:65536",
        "http://$(HOST):80",
        "direct://",
      ],
    ].flat(),
  )("does not take %s for a proxy", (value) => {
    expect(readProxyUrl(value)).toBeUndefined();
  });
});

describe("usernameShape", () => {
  it.each([
    ["customer-crawl-zone-residential-country-de", { separator: "-", pool: "zone", country: "country" }],
    ["customer_crawl_cc_us_sessid_a1b2", { separator: "_", country: "cc" }],
    ["user;pool;mobile", { separator: ";", pool: "pool" }],
    ["crawl-session-81-country-fr", { separator: "-", country: "country" }],
  ])("knows the words of %s", (username, want) => {
    expect(usernameShape(username)).toEqual(want);
  });

  it.each(["hunter2", "jane.doe", "customer-crawl", "crawl-zone", ""])("says nothing of %s", (username) => {
    expect(usernameShape(username)).toBeUndefined();
  });
});

describe("isOutside", () => {
  it.each(["gw.acme.example", "203.0.113.9", "2001:db8::1"])("is true of %s", (host) => {
    expect(isOutside(host)).toBe(true);
  });

  it.each([
    "localhost",
    "squid",
    "squid.proxies.svc",
    "squid.proxies.svc.cluster.local",
    "127.0.0.1",
    "10.1.2.3",
    "::1",
    "fd00::1",
  ])("is false of %s", (host) => expect(isOutside(host)).toBe(false));
});

describe("proxy variables", () => {
  const finding = (...objects: KubeObject[]) => gather(listing(...objects));

  it("are found in any case, and other variables are not", async () => {
    const variables = {
      HTTPS_PROXY: "http://a.example:1",
      all_proxy: "http://b.example:2",
      NO_PROXY: "c.example:3",
      PROXY: "d.example:4",
    };
    const { candidates } = await finding(deployment("crawler", variables));
    expect(candidates.map(({ host, source }) => [host, source])).toEqual([
      ["a.example", "HTTPS_PROXY of Deployment crawl/crawler"],
      ["b.example", "all_proxy of Deployment crawl/crawler"],
    ]);
  });

  it("take in other variables of the container, without showing them", async () => {
    const variables = {
      PASSWORD: "hunter2",
      GATEWAY: "gw.acme.example",
      HTTP_PROXY: "http://customer-x-zone-a:$(PASSWORD)@$(GATEWAY):8080",
    };
    const found = await finding(deployment("crawler", variables));
    expect(found.candidates).toEqual([
      {
        host: "gw.acme.example",
        addresses: [],
        port: 8080,
        protocol: "http",
        username: { separator: "-", pool: "zone" },
        source: "HTTP_PROXY of Deployment crawl/crawler",
        isSure: true,
      },
    ]);
  });

  it("are read from ConfigMaps", async () => {
    const configMap = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "proxy", namespace: "crawl" },
      data: { HTTP_PROXY: "http://a.example:1", url: "http://b.example:2" },
    };
    const env = [{ name: "https_proxy", valueFrom: { configMapKeyRef: { name: "proxy", key: "url" } } }];
    const { candidates } = await finding(
      configMap,
      deployment("crawler", {}, { env, envFrom: [{ configMapRef: { name: "proxy" } }] }),
    );
    expect(candidates.map(({ host }) => host)).toEqual(["a.example", "b.example"]);
  });

  it("that stand in Secrets are named, not read", async () => {
    const env = [{ name: "HTTP_PROXY", valueFrom: { secretKeyRef: { name: "proxy", key: "url" } } }];
    expect(await finding(deployment("crawler", {}, { env }))).toEqual({
      candidates: [],
      notes: [
        "HTTP_PROXY of Deployment crawl/crawler has its value in Secret proxy, which is not read: add its gateway by hand",
      ],
    });
  });

  it("count as the last of that name says, as in the container", async () => {
    const secret = { name: "HTTP_PROXY", valueFrom: { secretKeyRef: { name: "proxy", key: "url" } } };
    const env = [secret, { name: "HTTP_PROXY", value: "http://a.example:1" }];
    const { candidates, notes } = await finding(deployment("crawler", {}, { env }));
    expect([candidates.length, notes]).toEqual([1, []]);
  });

  it("that name no proxy outside are noted without their value", async () => {
    const { candidates, notes } = await finding(
      deployment("crawler", { HTTP_PROXY: "u:hunter2:x", HTTPS_PROXY: "http://hunter2:3128", ALL_PROXY: "" }),
    );
    expect(candidates).toEqual([]);
    expect(notes).toEqual([
      "HTTP_PROXY of Deployment crawl/crawler is no proxy URL that is known (its value is not shown)",
      "HTTPS_PROXY of Deployment crawl/crawler names a proxy in the cluster or in a private network: add it if it is a vendor's",
    ]);
  });

  it("of pods count where no template is read that has them", async () => {
    const spec = { containers: [{ name: "c", env: [{ name: "HTTP_PROXY", value: "http://a.example:1" }] }] };
    const pod = (name: string, owner?: string) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name,
        namespace: "crawl",
        ...(owner && {
          ownerReferences: [
            { kind: "Pod", controller: false },
            { kind: owner, controller: true },
          ],
        }),
      },
      spec,
    });
    const cronJob = {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: "nightly", namespace: "crawl" },
      spec: { jobTemplate: { spec: { template: { spec } } } },
    };
    const { candidates } = await finding(
      pod("bare"),
      pod("of-set", "ReplicaSet"),
      pod("of-rollout", "CrawlerPool"),
      cronJob,
    );
    expect(candidates.map(({ source }) => source)).toEqual([
      "HTTP_PROXY of CronJob crawl/nightly",
      "HTTP_PROXY of Pod crawl/bare",
      "HTTP_PROXY of Pod crawl/of-rollout",
    ]);
  });
});

describe("gather", () => {
  it("leaves out what other namespaces than the named ones have", async () => {
    const entry = serviceEntry("gw", { hosts: ["gw.acme.example"], ports: tcp(8080) });
    const found = async (...namespaces: string[]) => (await gather(listing(entry), { namespaces })).candidates.length;
    expect([await found(), await found("crawl"), await found("office")]).toEqual([1, 1, 0]);
  });
});

describe("ServiceEntries", () => {
  const candidates = (spec: Record<string, unknown>) => serviceEntryFinding(serviceEntry("gw", spec)).candidates;
  const ports = (...entries: [number, string][]) => entries.map(([number, protocol]) => ({ number, protocol }));

  it("are sure as TCP on a port that proxies use, and maybe otherwise", () => {
    const hosts = ["gw.acme.example"];
    const found = candidates({ hosts, ports: ports([3128, "TCP"], [8081, "TCP"], [80, "HTTP"], [1080, "TCP"]) });
    expect(found.map(({ port, isSure, protocol }) => [port, isSure, protocol])).toEqual([
      [3128, true, "http"],
      [8081, false, "http"],
      [80, false, "http"],
      [1080, true, "socks5"],
    ]);
  });

  it("are not those of databases, of HTTPS, of the mesh itself", () => {
    expect(
      candidates({ hosts: ["db.acme.example"], ports: ports([5432, "TCP"], [443, "TLS"], [9443, "HTTPS"]) }),
    ).toEqual([]);
    expect(candidates({ hosts: ["gw.acme.example"], location: "MESH_INTERNAL", ports: tcp(3128) })).toEqual([]);
  });

  it("keep their addresses, and stand by them alone where the host is a pattern", () => {
    const addresses = ["203.0.113.10/32", "0.0.0.0/0"];
    expect(candidates({ hosts: ["*.acme.example"], addresses, ports: tcp(3128) })).toMatchObject([
      { addresses: ["203.0.113.10/32"], port: 3128 },
    ]);
  });

  it("as HTTP on such a port are noted, and so is one without any place", () => {
    const http = serviceEntryFinding(serviceEntry("gw", { hosts: ["gw.acme.example"], ports: ports([3128, "HTTP"]) }));
    expect(http.notes).toEqual([
      "ServiceEntry crawl/gw declares port 3128 as HTTP, which breaks CONNECT: a proxy must be TCP",
    ]);
    const wildcard = serviceEntryFinding(serviceEntry("gw", { hosts: ["*.acme.example"], ports: tcp(3128) }));
    expect(wildcard.notes).toEqual([
      "ServiceEntry crawl/gw has neither a whole host name nor addresses for port 3128: add its gateway by hand",
    ]);
  });
});
