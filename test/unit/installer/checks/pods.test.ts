// SPDX-License-Identifier: Apache-2.0
/**
 * The checks of namespaces and pods, each with facts that pass and facts that do not.
 */
import { EXTRA_STAT_TAGS } from "../../../../filter/core/stat-tags.ts";
import { OPT_IN_LABEL } from "../../../../installer/objects/target.ts";
import { CRAWL, namespace, pod, plugin, TAGGED } from "./facts.ts";
import { describeCheck } from "./rows.ts";

const OPTED = { [OPT_IN_LABEL]: "true" };

describeCheck("opted-in", [
  ["passes with a namespace", {}, "pass"],
  ["warns without any", { objects: { namespaces: [namespace("crawl")] } }, "warn", "nothing is metered"],
  [
    "warns of a value that means nothing",
    { objects: { namespaces: [CRAWL, namespace("eu", { [OPT_IN_LABEL]: "yes" })] } },
    "warn",
    "eu has",
  ],
]);

describeCheck("labelled-since-install", [
  ["passes where each has our plugin", {}, "pass"],
  [
    "fails for a namespace labelled since",
    { objects: { namespaces: [CRAWL, namespace("eu", OPTED)] } },
    "fail",
    "namespace eu",
  ],
  [
    "passes where a plugin is in Istio's own namespace, for all",
    { objects: { wasmPlugins: [plugin("istio-system")] } },
    "pass",
  ],
  ["is skipped where nothing is installed", { objects: { wasmPlugins: [] } }, "skip"],
]);

describeCheck("unlabelled", [
  ["passes where labels and plugins agree", {}, "pass"],
  [
    "warns of a plugin that no label asks for",
    { objects: { wasmPlugins: [plugin("crawl"), plugin("old")] } },
    "warn",
    "old/proxymeter-network",
  ],
]);

const both = { "istio-injection": "enabled", "istio.io/rev": "canary" };

describeCheck("injection-labels", [
  ["passes for one label", {}, "pass"],
  [
    "fails for both on an opted-in namespace",
    { objects: { namespaces: [namespace("crawl", { ...OPTED, ...both })] } },
    "fail",
    "istio.io/rev=canary",
  ],
  ["warns of both elsewhere", { objects: { namespaces: [CRAWL, namespace("shop", both)] } }, "warn", "namespace shop"],
]);

describeCheck("sidecars", [
  ["passes for a sidecar", {}, "pass"],
  [
    "passes for a native sidecar, which is an init container",
    { pods: { value: [pod("new", { proxyConfig: TAGGED, isNative: true })] } },
    "pass",
  ],
  [
    "fails for a pod that is older than injection",
    { pods: { value: [pod("old")] } },
    "fail",
    /started before injection.*crawl\/old/,
  ],
  [
    "fails for a namespace that injects nothing",
    { objects: { namespaces: [namespace("crawl", OPTED)] }, pods: { value: [pod("bare")] } },
    "fail",
    "no injection label",
  ],
  [
    "warns of a pod that wants none",
    { pods: { value: [pod("no", { labels: { "sidecar.istio.io/inject": "false" } })] } },
    "warn",
  ],
  [
    "fails for a pod on the host's network",
    { pods: { value: [pod("node", { hostNetwork: true })] } },
    "fail",
    "host's network",
  ],
  ["passes over pods that have ended", { pods: { value: [pod("done", { phase: "Succeeded" })] } }, "pass"],
  [
    "names the first five of many",
    { pods: { value: Array.from({ length: 9 }, (_, index) => pod(`old-${index}`)) } },
    "fail",
    /9 pods without sidecar .* and 4 more/,
  ],
]);

const some = EXTRA_STAT_TAGS.slice(3);

describeCheck("pod-stat-tags", [
  ["passes for a pod with all", {}, "pass"],
  [
    "warns of one that started without",
    { pods: { value: [pod("old", { proxyConfig: {} })] } },
    "warn",
    "until restarted: crawl/old",
  ],
  [
    "warns of a list of the pod's own that lacks some",
    {
      pods: {
        value: [
          pod("own", {
            proxyConfig: { extraStatTags: some },
            annotations: { "proxy.istio.io/config": "extraStatTags: [x]" },
          }),
        ],
      },
    },
    "warn",
    "with an own list",
  ],
  ["passes over pods without sidecar, which another check names", { pods: { value: [pod("bare")] } }, "pass"],
]);

describeCheck("pod-stat-tags-collide", [
  ["passes for our tags", {}, "pass"],
  [
    "fails for a suffix in the proxy's configuration",
    { pods: { value: [pod("own", { proxyConfig: { extraStatTags: ["host"] } })] } },
    "fail",
    /"host" spoils destination_host in crawl\/own/,
  ],
  [
    "fails for a suffix in the older annotation",
    {
      pods: {
        value: [pod("own", { proxyConfig: TAGGED, annotations: { "sidecar.istio.io/extraStatTags": "a, pool" } })],
      },
    },
    "fail",
    '"pool" spoils proxy_pool',
  ],
]);

const hides = (annotations: Record<string, string>, initArgs?: string[]) => ({
  pods: {
    value: [
      pod("crawler-0", {
        proxyConfig: TAGGED,
        annotations: Object.fromEntries(
          Object.entries(annotations).map(([name, value]) => [`traffic.sidecar.istio.io/${name}`, value]),
        ),
        ...(initArgs && { initArgs }),
      }),
    ],
  },
});

describeCheck("hidden-ports", [
  ["passes without annotations", {}, "pass"],
  [
    "fails for an excluded port",
    hides({ excludeOutboundPorts: "9000, 8080" }),
    "fail",
    "excludeOutboundPorts holds 8080",
  ],
  ["fails for an excluded range of ports", hides({ excludeOutboundPorts: "8000:9000" }), "fail"],
  ["passes for another port", hides({ excludeOutboundPorts: "9000" }), "pass"],
  [
    "fails for an excluded network",
    hides({ excludeOutboundIPRanges: "203.0.113.0/24" }),
    "fail",
    "holds 203.0.113.0/24",
  ],
  ["passes for another network", hides({ excludeOutboundIPRanges: "198.51.100.0/24" }), "pass"],
  [
    "fails where only other networks are captured",
    hides({ includeOutboundIPRanges: "10.0.0.0/8" }),
    "fail",
    "leaves out 203.0.113.10",
  ],
  ["passes where everything is", hides({ includeOutboundIPRanges: "*" }), "pass"],
  [
    "passes where the port is captured all the same",
    hides({ includeOutboundIPRanges: "10.0.0.0/8", includeOutboundPorts: "8080" }),
    "pass",
  ],
  ["fails by the injector's own arguments", hides({}, ["istio-iptables", "-i", "*", "-x", "203.0.113.10/32"]), "fail"],
  [
    "passes for the arguments of a usual injector",
    hides({}, ["istio-iptables", "-p", "15001", "-i", "*", "-x", "", "-b", "*", "-d", "15090"]),
    "pass",
  ],
]);

const gateway = (own: string) => ({
  ...pod("egress-0", { proxyConfig: {}, args: ["proxy", "router"], labels: { istio: "egressgateway" } }),
  metadata: { name: "egress-0", namespace: own, labels: { istio: "egressgateway" } },
});

describeCheck("egress-gateway", [
  ["passes for a gateway in a namespace without plugin", { istioPods: { value: [gateway("istio-system")] } }, "pass"],
  ["fails for one beside our plugin", { istioPods: { value: [gateway("crawl")] } }, "fail", "counted twice"],
  [
    "fails for a plugin of Istio's namespace, which is everywhere",
    { istioPods: { value: [gateway("egress")] }, objects: { wasmPlugins: [plugin("istio-system")] } },
    "fail",
  ],
  [
    "passes for a plugin that selects other pods",
    {
      istioPods: { value: [gateway("crawl")] },
      objects: { wasmPlugins: [plugin("crawl", { selector: { matchLabels: { app: "crawler" } } })] },
    },
    "pass",
  ],
  [
    "fails before the installation for a gateway in an opted-in namespace",
    { stage: "before", istioPods: { value: [gateway("crawl")] }, objects: { wasmPlugins: [] } },
    "fail",
    "would be counted twice",
  ],
]);
