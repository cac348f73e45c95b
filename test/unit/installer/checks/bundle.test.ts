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
import { readConfigDumps } from "../../../../installer/checks/config-dumps.ts";
import type { Facts } from "../../../../installer/checks/facts.ts";
import type { ExecWish } from "../../../../installer/cluster/exec.ts";
import { REDACTED, redactText, redactValue } from "../../../../installer/checks/redact.ts";
import { redactDump } from "../../../../installer/checks/redact-dump.ts";
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
  dumpCertificate: "S3ED-dump-certificate",
  dumpCode: "S3ED-dump-code",
  dumpHeader: "S3ED-dump-header",
  dumpPlugin: "S3ED-dump-plugin",
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

const DUMP = {
  configs: [
    {
      "@type": "type.googleapis.com/envoy.admin.v3.SecretsConfigDump",
      dynamic_active_secrets: [
        { name: "default", secret: { tls_certificate: { inline_bytes: SEEDS.dumpCertificate } } },
      ],
    },
    {
      "@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump",
      dynamic_listeners: [
        { name: "203.0.113.10_8080", lua: { inline_code: SEEDS.dumpCode } },
        { request_headers_to_add: [{ header: { key: "x-api-key", value: SEEDS.dumpHeader } }] },
        { config: { root_id: "other", configuration: { value: SEEDS.dumpPlugin } } },
        { config: { root_id: "proxymeter_network", configuration: { value: "our settings" } } },
      ],
    },
  ],
};

const CRAWLER = pod("crawler-0", { proxyConfig: {} });
const all = facts(CHANGES);
const bundle = bundleOf(
  all,
  runChecks(all),
  { logs: LOGS, configDumps: { "crawl/crawler-0": redactDump(DUMP) } },
  "0.1.0",
);
const text = JSON.stringify(bundle);

describe("a bundle", () => {
  it.each(Object.entries(SEEDS))("does not carry the secret %s", (_where, secret) => {
    expect(text).not.toContain(secret);
  });

  it("is seeded: before the redaction every secret is in facts, logs or dumps", () => {
    const raw = JSON.stringify(all) + JSON.stringify(LOGS) + JSON.stringify(DUMP);
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

  it("names pages of the documentation without the folders of this machine", () => {
    expect(text).toContain('"hint":"docs/checks.md#istio-found"');
    expect(text).not.toContain("file://");
  });

  it("keeps listeners and our plugin's settings of a config dump", () => {
    expect(text).toContain("203.0.113.10_8080");
    expect(text).toContain("our settings");
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

describe("readConfigDumps", () => {
  it("reads three sidecars at most, one of each namespace first, and says why one could not be read", async () => {
    const inNamespace = (namespace: string, name: string) => ({
      ...CRAWLER,
      metadata: { ...CRAWLER.metadata, namespace, name },
    });
    const pods = ["a", "b", "c"].map((name) => inNamespace("crawl", name));
    const asked: string[] = [];
    const exec = async ({ namespace, pod: name, container, command }: ExecWish) => {
      asked.push([namespace, name, container, ...command].join(" "));
      if (namespace === "crawl-eu") throw new Error("Unexpected server response: 403");
      return name === "b" ? "no JSON" : JSON.stringify(DUMP);
    };
    const changed = facts({ pods: { value: [...pods, inNamespace("crawl-eu", "d")] } });
    const dumps = await readConfigDumps({ exec }, changed, () => undefined);
    expect(asked).toHaveLength(3);
    expect(asked[0]).toBe("crawl a istio-proxy pilot-agent request GET config_dump");
    expect(dumps).toMatchObject({
      "crawl/a": { configs: [{ dynamic_listeners: expect.anything() }] },
      "crawl-eu/d": "not read: Unexpected server response: 403",
      "crawl/b": expect.stringContaining("not read: "),
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
