// SPDX-License-Identifier: Apache-2.0
/**
 * The configurations of docs/scaling.md as promtool sees them, and the names that they select.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { findTool } from "../../demo/paths.ts";
import * as recorded from "../../grafana/recorded.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/scaling.md"), "utf8");
const blocks = [...page.matchAll(/^```yaml (\S+)\n([\s\S]*?)^```$/gm)].map(([, name = "", text = ""]) => ({
  name,
  text,
}));
const folder = mkdtempSync(join(tmpdir(), "proxymeter-scaling-"));
const textOf = (wanted: string) => blocks.find(({ name }) => name === wanted)?.text ?? "";

afterAll(() => rmSync(folder, { recursive: true }));

describe("the configurations of docs/scaling.md", () => {
  it("are those of every way that it names", () => {
    expect(blocks.map(({ name }) => name)).toEqual(["shard", "federation", "shard-labels", "thanos", "remote-write"]);
  });

  it.each(blocks)("$name is accepted by promtool", async ({ name, text }) => {
    const file = join(folder, `${name}.yaml`);
    writeFileSync(file, text);
    const { exitCode, all } = await execa(findTool("promtool"), ["check", "config", "--syntax-only", file], {
      reject: false,
      all: true,
    });
    expect({ exitCode, all: exitCode === 0 ? "" : all }).toEqual({ exitCode: 0, all: "" });
  });

  it("federate vendors' rates and growths, and nothing of pods", () => {
    const { scrape_configs } = parse(textOf("federation"));
    const selector: string = scrape_configs[0].params["match[]"][0];
    const [, wanted = "", unwanted = ""] = /=~"([^"]*)",__name__!~"([^"]*)"/.exec(selector) ?? [];
    const matches = (name: string) =>
      new RegExp(`^(?:${wanted})$`).test(name) && !new RegExp(`^(?:${unwanted})$`).test(name);
    expect([recorded.VENDOR_SENT_RATE, recorded.VENDOR_REQUESTS_INCREASE].filter((name) => !matches(name))).toEqual([]);
    expect([recorded.POD_SENT_RATE, recorded.FAULT_RATIO["5m"], recorded.POOL_FAULT_RATIO].filter(matches)).toEqual([]);
  });

  it("write vendor totals to a remote store, and nothing of pods", () => {
    const { remote_write } = parse(textOf("remote-write"));
    const matches = (name: string) => new RegExp(`^(?:${remote_write[0].write_relabel_configs[0].regex})$`).test(name);
    expect(["proxymeter_vendor_sent_bytes_total", recorded.VENDOR_COST_MONTH].filter((name) => !matches(name))).toEqual(
      [],
    );
    expect([recorded.POD_SENT_RATE, "proxymeter_sent_bytes_total"].filter(matches)).toEqual([]);
  });
});
