// SPDX-License-Identifier: Apache-2.0
/**
 * What a bundle carries and what never: secrets are seeded wherever a cluster has room for them.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { bundleOf, readLogs, writeBundle } from "../../../../installer/checks/bundle.ts";
import type { Facts } from "../../../../installer/checks/facts.ts";
import { REDACTED, redactText, redactValue } from "../../../../installer/checks/redact.ts";
import { runChecks } from "../../../../installer/checks/run.ts";
import { CRAWL, type Changes, facts, OURS, object, plugin, pod, TAGGED } from "./facts.ts";

/** Each is looked for in the whole file; the prefix makes none the part of an innocent word. */
const SEEDS = {
  envPassword: "S3ED-env-password",
  envPlain: "S3ED-env-plain",
  proxyUser: "S3ED-user",
  proxyPassword: "S3ED-proxy-pw",
  argument: "S3ED-argument",
  annotation: "S3ED-annotation",
  lastApplied: "S3ED-last-applied",
  mesh: "S3ED-mesh-header",
  foreignPlugin: "S3ED-waf-key",
  foreignFilter: "S3ED-lua",
  bearer: "S3ED.bearer.token",
  logUrl: "S3ED-log-url",
  logBasic: Buffer.from("S3ED-basic:pw").toString("base64"),
  clientIp: "S3EDkeyS3ED",
  bareProxy: "S3ED-bare-pw",
  sidecarToken: "S3ED-sidecar-token",
  probe: "S3ED-probe-header",
  unknown: "S3ED-unknown-fact",
  managed: "S3ED-managed",
} as const;

const URL_WITH = `http://${SEEDS.proxyUser}:${SEEDS.proxyPassword}@gw.acme.example:8080`;

function seededPod() {
  const seeded = pod("crawler-0", {
    annotations: {
      "vault.example/secret": SEEDS.annotation,
      "kubectl.kubernetes.io/last-applied-configuration": `{"env": "${SEEDS.lastApplied}"}`,
      "proxy.istio.io/config": "drainDuration: 45s",
    },
    proxyConfig: { ...TAGGED, proxyMetadata: { ACCESS_TOKEN: SEEDS.sidecarToken } },
  });
  const [app] = seeded.spec?.containers ?? [];
  Object.assign(app ?? {}, {
    args: ["--proxy-user", SEEDS.argument],
    env: [
      { name: "DB_PASSWORD", value: SEEDS.envPassword },
      { name: "MOTTO", value: SEEDS.envPlain },
      { name: "HTTPS_PROXY", value: URL_WITH },
      { name: "http_proxy", value: `${SEEDS.proxyUser}:${SEEDS.bareProxy}@gw.acme.example:8080` },
    ],
    livenessProbe: { httpGet: { httpHeaders: [{ name: "X-Key", value: SEEDS.probe }] } },
  });
  seeded.metadata.managedFields = [{ manager: SEEDS.managed }];
  return seeded;
}

const CHANGES: Changes = {
  pods: { value: [seededPod()] },
  mesh: {
    value: {
      defaultConfig: TAGGED,
      extensionProviders: [
        { name: "otel", opentelemetry: { http: { headers: [{ name: "x-api-key", value: SEEDS.mesh }] } } },
      ],
    } as Facts["mesh"] extends { value: infer T } ? T : never,
  },
  prometheus: { unknown: `cannot ask http://user:${SEEDS.unknown}@prometheus.example:9090` },
  objects: {
    namespaces: [CRAWL],
    wasmPlugins: [
      plugin("crawl"),
      object(
        "WasmPlugin",
        "waf",
        { spec: { url: "oci://r.example/waf", pluginConfig: { license: SEEDS.foreignPlugin } } },
        { namespace: "crawl" },
      ),
    ],
    envoyFilters: [
      object(
        "EnvoyFilter",
        "lua",
        {
          spec: {
            configPatches: [
              { applyTo: "HTTP_FILTER", patch: { operation: "ADD", value: { code: SEEDS.foreignFilter } } },
            ],
          },
        },
        { namespace: "crawl" },
      ),
      object(
        "EnvoyFilter",
        "proxymeter-catch-all",
        { spec: { configPatches: [{ patch: { operation: "ADD", value: { name: "proxymeter.catch-all" } } }] } },
        { namespace: "crawl", labels: OURS },
      ),
    ],
  },
};

const LOGS = {
  "crawl/crawler-0/istio-proxy": [
    `"CONNECT shop.example:443" Proxy-Authorization: Basic ${SEEDS.logBasic}`,
    `authorization: Bearer ${SEEDS.bearer}`,
    `upstream socks5://${SEEDS.logUrl}:pw@203.0.113.10:1080 failed`,
    `GET /fetch?api_key=${SEEDS.clientIp}&url=x 200`,
    "warning envoy wasm: proxymeter: configuration read",
  ].join("\n"),
};

const all = facts(CHANGES);
const bundle = bundleOf(all, runChecks(all), LOGS, "0.1.0");
const text = JSON.stringify(bundle);

describe("a bundle", () => {
  it.each(Object.entries(SEEDS))("does not carry the secret %s", (_where, secret) => {
    expect(text).not.toContain(secret);
  });

  it("is seeded: before the redaction every secret is in facts or logs", () => {
    const raw = JSON.stringify(all) + JSON.stringify(LOGS);
    expect(Object.values(SEEDS).filter((secret) => !raw.includes(secret))).toEqual([]);
  });

  it("keeps what helps: gateways of proxy variables, our objects whole, plain lines of logs, the report", () => {
    expect(text).toContain(`http://${REDACTED}@gw.acme.example:8080`);
    expect(text).toContain("proxymeter.catch-all");
    expect(text).toContain("proxymeter: configuration read");
    expect(text).toContain("drainDuration: 45s");
    expect(text).toContain("sha256:aaaa");
    expect(bundle).toMatchObject({
      release: "0.1.0",
      report: { context: "test" },
      mesh: { value: { defaultConfig: TAGGED } },
    });
  });

  it("keeps vendors.yaml and versions as they are", () => {
    expect(bundle).toMatchObject({ api: all.api, vendors: all.vendors });
  });
});

describe("redactText", () => {
  it.each([
    ["http://gw.acme.example:8080/path", "http://gw.acme.example:8080/path"],
    ["oci://registry.example/proxymeter@sha256:abc", "oci://registry.example/proxymeter@sha256:abc"],
    ["http://user@gw.acme.example", `http://${REDACTED}@gw.acme.example`],
    ["https://a:b%40c@gw.example/x", `https://${REDACTED}@gw.example/x`],
    ["curl -U customer-zone-x:pa55@gw.example", `curl -U ${REDACTED}@gw.example`],
    ["password: hunter22, user: x", `password: ${REDACTED}, user: x`],
    ['"client_secret":"abc"', `"client_secret":"${REDACTED}"`],
    ["http://user:p@ss@gw.acme.example:8080", `http://${REDACTED}@gw.acme.example:8080`],
    ["http://user:pa/ss@gw.acme.example", `http://${REDACTED}@gw.acme.example`],
    ["oci://u:p@registry.example/proxymeter@sha256:abc", `oci://${REDACTED}@registry.example/proxymeter@sha256:abc`],
    ["registry.example:5000/proxymeter@sha256:abc", "registry.example:5000/proxymeter@sha256:abc"],
    ["user:pa,ss@gw.example", `${REDACTED}@gw.example`],
    ["user:p@s/s@gw.example:80", `${REDACTED}@gw.example:80`],
    ['password: "a b c" x', `password: "${REDACTED}" x`],
    ["password: 'a b c' x", `password: '${REDACTED}' x`],
    ['password: "cut o', `password: "${REDACTED}"`],
    ['{"a":"{\\"password\\":\\"a b\\",\\"b\\":1}"}', `{"a":"{\\"password\\":\\"${REDACTED}\\",\\"b\\":1}"}`],
    ["x-amz-signature=deadbeef&y=1", `x-amz-signature=${REDACTED}&y=1`],
    ["eyJhbGciOi.eyJzdWIi.c2ln", REDACTED],
    ["outbound|8080||gw.acme.example", "outbound|8080||gw.acme.example"],
  ])("makes %j %j", (input, want) => {
    expect(redactText(input)).toBe(want);
  });
});

describe("redactValue", () => {
  it("blanks numbers and lists under the name of a secret, and nothing else", () => {
    expect(
      redactValue({ password: 123, passwords: ["a", 7], credentials: { user: "u" }, token: false, port: 80 }),
    ).toEqual({
      password: REDACTED,
      passwords: [REDACTED, REDACTED],
      credentials: { user: "u" },
      token: false,
      port: 80,
    });
    expect(redactValue([{ name: "api_key", value: 5 }])).toEqual([{ name: "api_key", value: REDACTED }]);
  });
});

describe("readLogs", () => {
  it("reads the sidecars' and istiod's, and says where it may not", async () => {
    const istiod = {
      ...pod("istiod-0"),
      metadata: { name: "istiod-0", namespace: "istio-system", labels: { istio: "pilot" } },
    };
    const get = async (path: string) => {
      if (path.includes("istiod")) throw new Error("the API server answered 403");
      return path;
    };
    expect(await readLogs({ get }, facts({ istioPods: { value: [istiod] } }))).toEqual({
      "istio-system/istiod-0/discovery": "not read: the API server answered 403",
      "crawl/crawler-0/istio-proxy": "/api/v1/namespaces/crawl/pods/crawler-0/log?container=istio-proxy&tailLines=300",
    });
  });
});

describe("writeBundle", () => {
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-bundle-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("writes gzipped JSON for its owner only", () => {
    const file = join(folder, "bundle.json.gz");
    writeBundle(file, bundle);
    expect(JSON.parse(gunzipSync(readFileSync(file)).toString())).toEqual(JSON.parse(text));
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it("says that a folder is missing", () => {
    expect(() => writeBundle(join(folder, "none/bundle.json.gz"), {})).toThrow("cannot write the bundle");
  });
});
