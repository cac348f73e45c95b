// SPDX-License-Identifier: Apache-2.0
/**
 * Checks of the way from sidecars to Prometheus: selected, scraped once, fresh, complete.
 */
import { MANAGED_BY, MANAGED_BY_LABEL } from "../objects/target.ts";
import { type Check, counted, fail, type Group, named, pass, skip, unless, warn } from "./check.ts";
import { known, type PrometheusFacts, type Sample } from "./facts.ts";
import { selects } from "./kinds.ts";
import { installedPlugins } from "./plugins.ts";
import { labelOf, livePods, placeOf, sidecarOf } from "./workloads.ts";

const LONGEST_INTERVAL_SECONDS = 60;
const MOST_SKEW_SECONDS = 30;

const found: Check = {
  id: "prometheus-found",
  title: "Prometheus answers",
  stage: "after",
  run: ({ prometheus }) => ("unknown" in prometheus ? skip(prometheus.unknown) : pass()),
};

const selected: Check = {
  id: "monitor-selected",
  title: "a Prometheus selects our PodMonitor",
  stage: "after",
  run: (facts) => {
    const ours = known(facts.objects.podMonitors).find((one) => labelOf(one, MANAGED_BY_LABEL) === MANAGED_BY);
    if (ours === undefined) return skip("there is no PodMonitor of ours");
    const home = known(facts.objects.namespaces).find(({ metadata }) => metadata.name === ours.metadata.namespace);
    const all = known(facts.objects.prometheuses);
    const takes = all.some(({ metadata, spec }) => {
      const isNear =
        spec?.podMonitorNamespaceSelector === undefined
          ? metadata.namespace === ours.metadata.namespace
          : selects(spec.podMonitorNamespaceSelector, home?.metadata.labels);
      return isNear && selects(spec?.podMonitorSelector, ours.metadata.labels);
    });
    if (takes) return pass();
    if (all.length === 0) return fail("there is a PodMonitor of ours, but no Prometheus object that could select it");
    return fail(`${placeOf(ours)} is selected by none of ${named(all.map(placeOf))}`);
  },
};

const targetsUp: Check = {
  id: "targets-up",
  title: "every scrape of a sidecar succeeds",
  stage: "after",
  run: ({ prometheus }) => {
    const down = known(prometheus).targets.filter(({ isUp }) => !isUp);
    const byError = Map.groupBy(down, ({ lastError }) => lastError);
    return unless([...byError].map(([error, all]) => `${named(all.map(({ url }) => url))}: ${error}`));
  },
};

const reporting: Check = {
  id: "pods-report",
  title: "every metered pod is in Prometheus",
  stage: "after",
  run: (facts) => {
    const { heartbeats } = known(facts.prometheus);
    const metered = new Set(installedPlugins(facts).map(({ namespace }) => namespace));
    const seen = new Set(heartbeats.flatMap((sample) => [podOf(sample), hostOf(sample)]));
    const silent = livePods(facts).filter((pod) => {
      const { metadata, status } = pod;
      const isExpected = status?.phase === "Running" && sidecarOf(pod) !== undefined;
      const isSeen = seen.has(`${metadata.namespace}/${metadata.name}`) || seen.has(status?.podIP);
      return isExpected && metered.has(metadata.namespace ?? "") && !isSeen;
    });
    return unless(
      silent.length === 0 ? [] : [`${counted(silent.length, "pod")} without a sample: ${named(silent.map(placeOf))}`],
    );
  },
};

const scrapedOnce: Check = {
  id: "scraped-once",
  title: "no pod is scraped by two jobs",
  stage: "after",
  run: ({ prometheus }) => {
    const { heartbeats } = known(prometheus);
    const byPod = [...Map.groupBy(heartbeats, podOf)].filter(([pod, all]) => pod !== undefined && all.length > 1);
    const byHost = [...Map.groupBy(heartbeats, hostOf)].filter(
      ([host, all]) => host !== undefined && jobs(all).size > 1,
    );
    const twice = byPod.length >= byHost.length ? byPod : byHost;
    if (twice.length === 0) return pass();
    const names = new Set(twice.flatMap(([, all]) => [...jobs(all)]));
    return fail(
      `${counted(twice.length, "pod")}, so that every sum doubles: ${named(twice.map(([name]) => name ?? ""))}`,
      `jobs: ${named([...names])}`,
    );
  },
};

function jobs(samples: readonly Sample[]): Set<string> {
  return new Set(samples.map(({ labels }) => labels.job ?? ""));
}

function podOf({ labels: { namespace, pod } }: Sample): string | undefined {
  return namespace === undefined || pod === undefined ? undefined : `${namespace}/${pod}`;
}

function hostOf({ labels: { instance } }: Sample): string | undefined {
  return instance?.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}

function titleOf(sample: Sample): string {
  return podOf(sample) ?? sample.labels.instance ?? "unknown";
}

/** A check that none of these samples exist. */
function without(
  sample: { id: string; title: string; status: "fail" | "warn"; of: (facts: PrometheusFacts) => readonly Sample[] },
  line: (sample: Sample) => string,
): Check {
  const { id, title, status, of } = sample;
  return { id, title, stage: "after", run: ({ prometheus }) => summary(of(known(prometheus)), status, line) };
}

function summary(samples: readonly Sample[], status: "fail" | "warn", line: (sample: Sample) => string) {
  return unless(samples.length === 0 ? [] : [`${counted(samples.length, "pod")}: ${named(samples.map(line))}`], status);
}

const fresh = without(
  { id: "heartbeat", title: "the filter's heartbeat is fresh", status: "fail", of: ({ stale }) => stale },
  titleOf,
);

const configured = without(
  {
    id: "config-errors",
    title: "every filter understood its configuration",
    status: "fail",
    of: ({ configErrors }) => configErrors,
  },
  (sample) => `${titleOf(sample)} (${sample.value})`,
);

const overflow = without(
  {
    id: "series-overflow",
    title: "every destination of the last hour has a series of its own",
    status: "warn",
    of: (facts) => facts.overflow,
  },
  (sample) => `${titleOf(sample)} (${Math.round(sample.value)} requests to others)`,
);

const interval: Check = {
  id: "scrape-interval",
  title: `sidecars are scraped every ${LONGEST_INTERVAL_SECONDS} s or more often`,
  stage: "after",
  run: ({ prometheus }) => {
    const slow = known(prometheus).targets.filter(
      ({ intervalSeconds = 0 }) => intervalSeconds > LONGEST_INTERVAL_SECONDS,
    );
    const pools = new Map(slow.map(({ pool, intervalSeconds }) => [pool, intervalSeconds]));
    return unless(
      [...pools].map(([pool, seconds]) => `${pool}: every ${seconds} s`),
      "warn",
    );
  },
};

const clock: Check = {
  id: "clock",
  title: "the clocks of Prometheus and of this machine agree",
  stage: "after",
  run: ({ prometheus }) => {
    const { clockSkewSeconds: skew } = known(prometheus);
    if (Math.abs(skew) <= MOST_SKEW_SECONDS) return pass();
    return warn(`Prometheus is ${Math.abs(skew).toFixed(0)} s ${skew > 0 ? "ahead" : "behind"}`);
  },
};

export const METRICS: Group = {
  id: "metrics",
  checks: [found, selected, targetsUp, reporting, scrapedOnce, fresh, configured, overflow, interval, clock],
};
