// SPDX-License-Identifier: Apache-2.0
/**
 * The example for Alertmanager, judged by the real amtool: it is valid, and each alert goes where the page says.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findTool } from "../../demo/paths.ts";
import { ALERTMANAGER } from "../../grafana/alertmanager/routing.ts";
import { ALERT_GROUPS } from "../../grafana/rules/files.ts";

const FILE = join(import.meta.dirname, "../../grafana/alertmanager/alertmanager.yaml");

function amtool(...args: string[]): string {
  return execFileSync(findTool("amtool"), args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

function receivers(alertname: string, severity: string): string {
  return amtool("config", "routes", "test", `--config.file=${FILE}`, `alertname=${alertname}`, `severity=${severity}`);
}

describe("the example for Alertmanager", () => {
  it("passes amtool check-config", () => {
    expect(amtool("check-config", FILE)).toContain("SUCCESS");
  });

  it.each([
    ["ProxymeterVendorDown", "critical", "proxymeter-page,proxymeter-slack"],
    ["ProxymeterPoolDegraded", "warning", "proxymeter-slack"],
    ["ProxymeterPodScrapedTwice", "info", "proxymeter-quiet"],
    ["ProxymeterBudgetSpent", "critical", "proxymeter-money"],
    ["SomebodyElsesAlert", "critical", "proxymeter-default"],
  ])("sends %s (%s) to %s", (alertname, severity, expected) => {
    expect(receivers(alertname, severity)).toBe(expected);
  });

  it("holds no secret and names only alerts that exist in its inhibitions", () => {
    const text = JSON.stringify(ALERTMANAGER);
    expect(text).not.toMatch(/"(routing_key|service_key|api_url)":/);
    const known = ALERT_GROUPS.flatMap(({ alerts }) => alerts.map(({ alert }) => alert));
    for (const { source_matchers, target_matchers } of ALERTMANAGER.inhibit_rules) {
      for (const matcher of [...source_matchers, ...target_matchers]) {
        const [, value] = /^alertname=~?"?([^"]*)"?$/.exec(matcher) ?? [];
        if (value === undefined || value.includes(".+")) continue;
        const each = value.replace(/\((.*)\)/, (_all, names: string) => names).split("|");
        for (const name of each) expect(known).toContain(name.startsWith("Proxymeter") ? name : `Proxymeter${name}`);
      }
    }
  });
});
