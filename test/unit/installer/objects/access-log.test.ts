// SPDX-License-Identifier: Apache-2.0
/**
 * The access log by Telemetry: what is rendered, and that what stands in istio/ for doing it by hand is the same.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { ACCESS_LOG, accessLogging, usesAccessLog } from "../../../../installer/objects/access-log.ts";
import { objectsOf } from "../../../../installer/objects/objects.ts";
import { pluginConfigOf } from "../../../../installer/objects/plugin-config.ts";
import { renderFiles, renderStream } from "../../../../installer/objects/rendering.ts";
import type { Telemetry } from "../../../../installer/objects/telemetry.ts";
import { goldenVendors, only, PARTS, target } from "./fixtures.ts";

const FULL = goldenVendors("full");
const ISTIO = new URL("../../../../istio/", import.meta.url);
const handwritten = (name: string) => readFileSync(new URL(name, ISTIO), "utf8");
const LOGGED = target({ parts: { ...PARTS, accessLog: true } });
const telemetry = (to = target()) => only<Telemetry>(objectsOf(FULL, to), "Telemetry");

describe("the access log", () => {
  it("is named by no Telemetry unless it is wanted", () => {
    expect(telemetry().spec).not.toHaveProperty("accessLogging");
    expect(usesAccessLog(telemetry())).toBe(false);
    expect(renderStream([], target())).not.toContain("extensionProviders");
  });

  it("is that of outgoing connections, beside the tags, and has no filter, which Istio's stable policy denies", () => {
    expect(telemetry(LOGGED).spec).toEqual({ ...telemetry().spec, accessLogging: accessLogging() });
    expect(accessLogging()).toEqual([{ match: { mode: "CLIENT" }, providers: [{ name: ACCESS_LOG.name }] }]);
    expect(usesAccessLog(telemetry(LOGGED))).toBe(true);
  });

  it("reads what the plugins then publish", () => {
    const { labels } = ACCESS_LOG.envoyFileAccessLog.logFormat;
    expect(Object.entries(labels).filter(([, value]) => value.includes("FILTER_STATE"))).toEqual([
      ["proxy_vendor", "%FILTER_STATE(wasm.proxymeter_vendor:PLAIN)%"],
      ["proxy_pool", "%FILTER_STATE(wasm.proxymeter_pool:PLAIN)%"],
      ["destination_host", "%FILTER_STATE(wasm.proxymeter_destination:PLAIN)%"],
      ["outcome", "%FILTER_STATE(wasm.proxymeter_outcome:PLAIN)%"],
    ]);
    expect(pluginConfigOf(FULL, LOGGED).filter_state).toBe(true);
  });

  it("holds no path, query, or header of the crawler", () => {
    const text = JSON.stringify(ACCESS_LOG);
    expect(text.match(/%(REQ|RESP|TRAILER)\b[^%]*%/g)).toEqual(["%REQ(:METHOD)%", "%REQ(:AUTHORITY)%"]);
  });

  it("changes nothing that the plugins are told, so that switching it on or off moves no module", () => {
    expect(pluginConfigOf(FULL, LOGGED)).toEqual(pluginConfigOf(FULL, target()));
  });

  it("comes with the provider for the mesh configuration as a comment, in the stream and in the folder", () => {
    const comment = (text: string) =>
      parse(text.replace(/^# ?(Merge|Pods|The provider)[^\n]*\n/gm, "").replace(/^# ?/gm, ""));
    const [head = ""] = renderStream([], LOGGED).split("---\n");
    const file = renderFiles([], LOGGED).find(({ name }) => name === "mesh-config.yaml");
    for (const text of [head, file?.text ?? ""])
      expect(comment(text)).toMatchObject({ extensionProviders: [ACCESS_LOG] });
  });
});

describe("the manifests by hand", () => {
  it("have the same provider in their README", () => {
    const [, block = ""] = /^```yaml access-log\n([\s\S]*?)^```$/m.exec(handwritten("README.md")) ?? [];
    expect(parse(block)).toEqual({ extensionProviders: [ACCESS_LOG] });
  });

  it("have the same words for a Telemetry, as a comment that is valid once it is none", () => {
    const text = handwritten("40-telemetry.yaml");
    const at = text.indexOf("  # accessLogging:");
    const [document] = parseAllDocuments(text.slice(0, at) + text.slice(at).replace(/^ {2}# /gm, "  "));
    expect((document?.toJS() as Telemetry | undefined)?.spec).toEqual(telemetry(LOGGED).spec);
  });
});
