// SPDX-License-Identifier: Apache-2.0
/**
 * Checks of opted-in namespaces and their pods: injection, stat tags, and what passes the sidecar by.
 */
import { EXTRA_STAT_TAGS } from "../../filter/core/stat-tags.ts";
import { OPT_IN_LABEL } from "../objects/target.ts";
import { hiddenBy } from "./capture.ts";
import { type Check, counted, fail, type Group, named, unless, warn, worst } from "./check.ts";
import { type Facts, known } from "./facts.ts";
import { pointsOf } from "./gateways.ts";
import type { Pod } from "./kinds.ts";
import { installedPlugins, namespacesWithout, ourPlugins, rootNamespace } from "./plugins.ts";
import { corruptionsInWords, missingTags } from "./stat-tags.ts";
import {
  annotationOf,
  isGateway,
  isLive,
  isOptedIn,
  labelOf,
  livePods,
  optedIn,
  PROXY_CONFIG_ANNOTATION,
  placeOf,
  proxyConfigOf,
  sidecarOf,
  statTagsOf,
} from "./workloads.ts";

const INJECTION_LABEL = "istio-injection";
const REVISION_LABEL = "istio.io/rev";
const INJECT = "sidecar.istio.io/inject";

const optIn: Check = {
  id: "opted-in",
  title: `a namespace is labelled ${OPT_IN_LABEL}=true`,
  stage: "always",
  run: (facts) => {
    const namespaces = known(facts.objects.namespaces);
    const odd = namespaces.filter((one) => !["true", "false", undefined].includes(labelOf(one, OPT_IN_LABEL)));
    const misspelt = odd.map((one) => `${placeOf(one)} has ${OPT_IN_LABEL}=${labelOf(one, OPT_IN_LABEL)}`);
    return namespaces.some(isOptedIn)
      ? unless(misspelt, "warn")
      : warn("no namespace has the label, so nothing is metered", ...misspelt);
  },
};

const labelledSince: Check = {
  id: "labelled-since-install",
  title: "every opted-in namespace got our objects",
  stage: "after",
  run: (facts) => {
    installedPlugins(facts);
    return unless(namespacesWithout(facts).map((name) => `namespace ${name} has the label, but not our plugin`));
  },
};

const unlabelled: Check = {
  id: "unlabelled",
  title: "no namespace without the label has our plugins",
  stage: "after",
  run: (facts) => {
    const expected = new Set([...optedIn(facts), rootNamespace(facts)]);
    const left = installedPlugins(facts).filter(({ namespace }) => !expected.has(namespace));
    return unless(
      left.map(({ place }) => `${place} is in a namespace without the label`),
      "warn",
    );
  },
};

const bothLabels: Check = {
  id: "injection-labels",
  title: `no namespace has both ${INJECTION_LABEL} and ${REVISION_LABEL}`,
  stage: "always",
  run: (facts) => {
    const both = known(facts.objects.namespaces).filter(
      (one) => labelOf(one, INJECTION_LABEL) !== undefined && labelOf(one, REVISION_LABEL) !== undefined,
    );
    return worst(
      ...both.map((one) => {
        const labels = [INJECTION_LABEL, REVISION_LABEL].map((label) => `${label}=${labelOf(one, label)}`);
        const line = `namespace ${placeOf(one)} has ${labels.join(" and ")}: the second is ignored`;
        return isOptedIn(one) ? fail(line) : warn(line);
      }),
    );
  },
};

const sidecars: Check = {
  id: "sidecars",
  title: "every opted-in pod has a sidecar",
  stage: "always",
  run: (facts) => {
    const bare = livePods(facts).filter((pod) => sidecarOf(pod) === undefined);
    const injected = new Set(known(facts.objects.namespaces).filter(injects).map(placeOf));
    const reasons = Map.groupBy(bare, (pod) => reasonOf(pod, injected.has(pod.metadata.namespace ?? "")));
    return worst(
      ...[...reasons].map(([reason, pods]) => {
        const line = `${counted(pods.length, "pod")} without sidecar (${reason}): ${named(pods.map(placeOf))}`;
        return reason === SAID_NO ? warn(line) : fail(line);
      }),
    );
  },
};

const SAID_NO = `${INJECT} is false`;

function injects(namespace: Parameters<typeof labelOf>[0]): boolean {
  return labelOf(namespace, INJECTION_LABEL) === "enabled" || labelOf(namespace, REVISION_LABEL) !== undefined;
}

function reasonOf(pod: Pod, isInjected: boolean): string {
  if ((labelOf(pod, INJECT) ?? annotationOf(pod, INJECT)) === "false") return SAID_NO;
  if (pod.spec?.hostNetwork) return "it uses the host's network, where Istio injects nothing";
  return isInjected ? "it started before injection was on" : "its namespace has no injection label";
}

const podTags: Check = {
  id: "pod-stat-tags",
  title: "every sidecar knows our stat tags",
  stage: "after",
  run: (facts) => {
    const without = livePods(facts).filter((pod) => {
      return sidecarOf(pod) !== undefined && missingTags(proxyConfigOf(pod)?.extraStatTags ?? []).length > 0;
    });
    const [own, old] = [without.filter(hasOwnTags), without.filter((pod) => !hasOwnTags(pod))];
    const line = (pods: Pod[], why: string) =>
      pods.length === 0 ? [] : [`${counted(pods.length, "pod")} ${why}: ${named(pods.map(placeOf))}`];
    return unless(
      [
        ...line(old, "started without them, metered with fewer labels until restarted"),
        ...line(own, `with an own list in ${PROXY_CONFIG_ANNOTATION} that lacks some of our ${EXTRA_STAT_TAGS.length}`),
      ],
      "warn",
    );
  },
};

function hasOwnTags(pod: Pod): boolean {
  return annotationOf(pod, PROXY_CONFIG_ANNOTATION)?.includes("extraStatTags") ?? false;
}

const podCorruption: Check = {
  id: "pod-stat-tags-collide",
  title: "no stat tag of a pod spoils one of ours",
  stage: "always",
  run: (facts) => {
    const found = livePods(facts).flatMap((pod) => corruptionsInWords(statTagsOf(pod)).map((line) => ({ line, pod })));
    const byLine = Map.groupBy(found, ({ line }) => line);
    return unless([...byLine].map(([line, all]) => `${line} in ${named(all.map(({ pod }) => placeOf(pod)))}`));
  },
};

const hidden: Check = {
  id: "hidden-ports",
  title: "no pod keeps a gateway from its sidecar",
  stage: "always",
  run: (facts) => {
    const points = pointsOf(known(facts.vendors));
    const found = livePods(facts).flatMap((pod) =>
      points.flatMap(({ title, gateway }) =>
        gateway.ports.flatMap((port) => {
          const reason = hiddenBy(pod, port, gateway.addresses);
          return reason === undefined ? [] : [{ line: `${title} port ${port}: ${reason}`, pod }];
        }),
      ),
    );
    const byLine = Map.groupBy(found, ({ line }) => line);
    return unless([...byLine].map(([line, all]) => `${line} in ${named(all.map(({ pod }) => placeOf(pod)))}`));
  },
};

const doubleMetering: Check = {
  id: "egress-gateway",
  title: "no gateway pod runs the plugins that sidecars run",
  stage: "always",
  run: (facts) => {
    const namespaces = optedIn(facts);
    const gateways = [...known(facts.istioPods), ...known(facts.pods)].filter((pod) => isLive(pod) && isGateway(pod));
    const places = [...new Set(gateways.flatMap((pod) => metering(facts, pod, namespaces)))];
    return unless(places);
  },
};

function metering(facts: Facts, pod: Pod, namespaces: readonly string[]): string[] {
  const own = pod.metadata.namespace ?? "";
  const plugin = ourPlugins(facts).find(({ namespace, object }) => {
    const wanted = Object.entries(object.spec?.selector?.matchLabels ?? {});
    const isNear = namespace === own || namespace === rootNamespace(facts);
    return isNear && wanted.every(([key, value]) => labelOf(pod, key) === value);
  });
  if (plugin) return [`${plugin.place} also runs on gateway ${placeOf(pod)}: what passes both is counted twice`];
  return namespaces.includes(own) && facts.stage === "before"
    ? [`gateway ${placeOf(pod)} is in an opted-in namespace: what passes it would be counted twice`]
    : [];
}

export const PODS: Group = {
  id: "namespaces-and-pods",
  checks: [optIn, labelledSince, unlabelled, bothLabels, sidecars, podTags, podCorruption, hidden, doubleMetering],
};
