// SPDX-License-Identifier: Apache-2.0
/**
 * Checks of the installed filter: the plugins, their image, and whether proxies take their configuration.
 */
import { configHashOf } from "../objects/names.ts";
import { type Check, fail, type Group, named, pass, unless, warn, worst } from "./check.ts";
import { known } from "./facts.ts";
import { namespacesWithout, type OurPlugin, ourPlugins, installedPlugins } from "./plugins.ts";
import { shortType } from "./xds-rejects.ts";
import type { PodState } from "../status/judgement.ts";
import { optedIn } from "./workloads.ts";

const DIGEST = /@sha256:[0-9a-f]{64}$/;
/** Type of a Wasm filter's configuration: https://istio.io/latest/docs/tasks/extensibility/wasm-modules/ */
const EXTENSION_TYPE = "TypedExtensionConfig";

const present: Check = {
  id: "plugins-present",
  title: "our plugins are in the opted-in namespaces",
  stage: "after",
  run: (facts) => {
    if (ourPlugins(facts).length === 0) return fail("found none (expected one in each opted-in namespace)");
    return optedIn(facts).length > 0 && namespacesWithout(facts).length === optedIn(facts).length
      ? fail("found none in an opted-in namespace")
      : pass();
  },
};

const pinned: Check = {
  id: "digest-pinned",
  title: "every plugin names its module by digest, the same everywhere",
  stage: "after",
  run: (facts) => {
    const plugins = installedPlugins(facts);
    const loose = plugins.filter(({ url, sha256 }) => !DIGEST.test(url) && sha256 === "");
    const digests = [...new Set(plugins.map(({ url, sha256 }) => (sha256 === "" ? url : sha256)))];
    return worst(
      unless(loose.map(({ place, url }) => `${place} has "${url}" (expected ...@sha256:...)`)),
      unless(digests.length > 1 ? [`${digests.length} modules side by side: ${named(digests)}`] : [], "warn"),
    );
  },
};

const failOpen: Check = {
  id: "fail-open",
  title: "every plugin lets traffic pass when it fails",
  stage: "after",
  run: (facts) => {
    const strict = installedPlugins(facts).filter(({ failStrategy }) => failStrategy !== "FAIL_OPEN");
    return unless(strict.map(({ place, failStrategy }) => `${place} has ${failStrategy} (expected FAIL_OPEN)`));
  },
};

const current: Check = {
  id: "vendors-current",
  title: "the plugins run the configuration of vendors.yaml",
  stage: "after",
  run: (facts) => {
    const file = known(facts.vendors);
    const wanted = [{}, { ledgerSeconds: 0 }].flatMap((ledger) =>
      [true, false].map((telemetry) =>
        configHashOf(file, { parts: { catchAll: true, telemetry, monitor: "none", ...ledger } }),
      ),
    );
    const stale = installedPlugins(facts).filter(({ config }) => !wanted.includes(String(config.config_hash)));
    const line = ({ place, config }: OurPlugin) => `${place} has ${config.config_hash} (expected ${wanted[0]})`;
    return unless(stale.map(line), "warn");
  },
};

const image: Check = {
  id: "image-reachable",
  title: "the registry has the module with its digest",
  stage: "after",
  run: (facts) => {
    const plugins = new Map(installedPlugins(facts).map((plugin) => [plugin.url, plugin]));
    return worst(
      ...[...plugins].map(([url, { hasPullSecret }]) => {
        const answer = facts.images[url];
        if (answer === undefined || answer.state === "found") return pass();
        const line = `${url}: ${answer.detail}`;
        if (answer.state === "missing") return fail(line);
        if (answer.state === "unreachable") return warn(`${line}; from here, which need not be true of the nodes`);
        return hasPullSecret ? pass() : fail(`${line}, and the plugin has no imagePullSecret`);
      }),
    );
  },
};

const running: Check = {
  id: "modules-run",
  title: "every metered pod runs the module and configuration of its namespace",
  stage: "after",
  run: (facts) => {
    installedPlugins(facts);
    const pods = known(facts.running).namespaces.flatMap(({ name, pods: all }) =>
      all.map(({ name: pod, state, reason = state }) => ({ place: `${name}/${pod}`, state, reason })),
    );
    const findings = (states: readonly PodState[]) => {
      const found = pods.filter(({ state }) => states.includes(state));
      const byReason = Map.groupBy(found, ({ reason }) => reason);
      return [...byReason].map(([reason, all]) => `${named(all.map(({ place }) => place))}: ${reason}`);
    };
    return worst(
      unless(findings(["unmetered", "outdated", "config-errors"])),
      unless(findings(["unreadable"]), "warn"),
    );
  },
};

const rejects: Check = {
  id: "xds-rejects",
  title: "no proxy rejects its configuration",
  stage: "after",
  run: ({ prometheus, rejects: counters }) => {
    const recent = "value" in prometheus ? prometheus.value.rejects : [];
    if (recent.length === 0) {
      // A counter alone does not tell whether it happened today.
      const sums = Object.entries(known(counters)).filter(([, count]) => count > 0);
      return unless(
        sums.map(([type, count]) => `${type}: ${count} times since istiod started`),
        "warn",
      );
    }
    const found = recent.filter(({ value }) => value > 0).map(({ labels: { type = "unknown" } }) => shortType(type));
    return worst(
      ...found.map((type) => {
        const line = `${type}: in the last 15 minutes`;
        return type.endsWith(EXTENSION_TYPE) ? fail(line) : warn(line);
      }),
    );
  },
};

export const FILTER: Group = { id: "filter", checks: [present, pinned, failOpen, current, image, running, rejects] };
