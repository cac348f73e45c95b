// SPDX-License-Identifier: Apache-2.0
/**
 * Envoy's CPU time for an HTTP request: without a filter, with Envoy's native logger, with an empty module, with a filter on the
 * public SDK, with ours. One Envoy with a listener for each, so that they differ in nothing else; every request is then looked for
 * in the counters.
 */
import type { Envoy } from "../../../demo/envoy/envoy.ts";
import { bootstrap, type HttpParts, httpFilters, listener, siteFilters } from "../envoy/bootstrap.ts";
import { httpModule, nativeLogger, ourHttpPlugin, settings, VENDOR_HEADER, VENDORS } from "../envoy/filters.ts";
import { expectCounted } from "../envoy/counters.ts";
import { interleave } from "../interleave.ts";
import { ANSWER_END, openRequests } from "../load/requests.ts";
import { cpuNanoseconds } from "../process.ts";
import type { Rig } from "../rig.ts";
import { figure, median, type Series, typical } from "../statistics.ts";
import type { Finding } from "../verdict.ts";
import { type Measure, turns } from "./measure.ts";

const CLUSTER = "outbound|80||api.acme.example";
const ROUTE = { route: { cluster: CLUSTER, timeout: "0s" } };
const CONNECTIONS = 64;
const HOSTS = 16;
const BODY_BYTES = 512;

/** What our filter counts when it counts what its peers do. */
const COUNTERS = { detail: "counters", headers: { remove: false } };

type Variant = "none" | "native" | "empty" | "sdk" | "counters" | "full";

export const requestCpu: Measure = { name: "request-cpu", run };

async function run(rig: Rig): Promise<Finding[]> {
  const site = await rig.start({ bootstrap: siteBootstrap(), place: "with the load" });
  const variants = variantsOf(rig);
  const listeners = Object.entries(variants).map(([name, parts]) => listener(name, httpFilters(ROUTE, parts)));
  const upstream = [{ host: "127.0.0.1", port: site.ports.get("site") ?? 0 }];
  const envoy = await rig.start({ bootstrap: bootstrap(listeners, { [CLUSTER]: upstream }) });
  const requests = rig.many(1280, 640);
  const rounds = rig.many(121, 11);
  const elapsed: Record<string, number[]> = {};
  const samplers = await eachVariant(variants, async (name) => {
    const load = await openRequests(envoy.ports.get(name) ?? 0, heads(), CONNECTIONS);
    rig.owns(() => load.close());
    return async () => {
      const before = cpuNanoseconds(envoy.child.pid);
      const milliseconds = await load.run(requests);
      elapsed[name] = [...(elapsed[name] ?? []), milliseconds];
      return (cpuNanoseconds(envoy.child.pid) - before) / requests / 1000;
    };
  });
  const warmUp = 5;
  const samples = await interleave(samplers, turns(rig, "request-cpu", rounds, warmUp));
  await checkCounters(envoy, (rounds + warmUp) * requests, rig.signal);
  await envoy.stop();
  await site.stop();
  return [...findings(samples), carried(elapsed, requests)];
}

function siteBootstrap(): object {
  const body = `${"x".repeat(BODY_BYTES - ANSWER_END.length)}${ANSWER_END}`;
  return bootstrap([listener("site", siteFilters(body))], {});
}

function variantsOf({ modules }: Rig): Record<Variant, HttpParts> {
  return {
    none: {},
    native: { accessLog: [nativeLogger()] },
    empty: { filters: [httpModule({ file: modules.empty, rootId: "empty", vmId: "empty" })] },
    sdk: { filters: [httpModule({ file: modules.sdk, rootId: "meter", vmId: "sdk" })] },
    counters: { filters: [ourHttpPlugin(modules.filter, "counters", settings(COUNTERS))] },
    full: { filters: [ourHttpPlugin(modules.filter, "full")] },
  };
}

async function eachVariant<T>(
  variants: Record<Variant, HttpParts>,
  make: (name: Variant) => Promise<T>,
): Promise<Record<Variant, T>> {
  const names = Object.keys(variants) as Variant[];
  const made = names.map(async (name) => [name, await make(name)] as const);
  return Object.fromEntries(await Promise.all(made)) as Record<Variant, T>;
}

/** Requests of a crawler to a set of hosts, by two vendors. */
function heads(): string[] {
  return Array.from({ length: HOSTS }, (_, index) =>
    [
      "GET /products?page=1 HTTP/1.1",
      `host: shop-${String(index).padStart(2, "0")}.example`,
      "user-agent: crawler",
      "accept: */*",
      `${VENDOR_HEADER}: ${VENDORS[index % VENDORS.length]}`,
      "\r\n",
    ].join("\r\n"),
  );
}

/** A peer that counts nothing would be a cheap one. Our two variants feed the same stats. */
async function checkCounters(envoy: Envoy, each: number, signal: AbortSignal): Promise<void> {
  const wanted = {
    native_requests_total: each,
    sdk_requests_total: each,
    proxymeter_vendor_requests_total: 2 * each,
    proxymeter_requests_total: 2 * each,
  };
  await expectCounted(envoy, wanted, signal);
}

/**
 * CPU added to a request. Other work on the machine slows Envoy by a factor rather than by an amount, so each sample is taken
 * relative to the one without a filter in its round.
 */
function addedTo(base: Series, samples: Series): number {
  const shares = samples.map((sample, round) => sample / (base[round] ?? Number.NaN) - 1);
  return median(shares) * median(base);
}

function findings(samples: Record<Variant, Series>): Finding[] {
  const { none, native, empty, sdk, counters, full } = samples;
  const note = `a request without a filter takes ${typical(none).value.toFixed(1)} us`;
  return [
    { id: "request-cpu/native", ...compare(none, counters, native), note },
    { id: "request-cpu/sdk", ...compare(none, counters, sdk) },
    { id: "request-cpu/empty", ...compare(none, counters, empty) },
    { id: "request-cpu/full", ...compare(none, full, native) },
  ];
}

function compare(base: Series, ours: Series, theirs: Series) {
  return {
    ours: figure({ base, ours }, (drawn) => addedTo(drawn.base, drawn.ours)),
    theirs: figure({ base, theirs }, (drawn) => addedTo(drawn.base, drawn.theirs)),
    result: figure(
      { base, ours, theirs },
      (drawn) => addedTo(drawn.base, drawn.ours) / addedTo(drawn.base, drawn.theirs),
    ),
  };
}

function carried(elapsed: Record<string, number[]>, requests: number): Finding {
  const perSecond = (name: string) => (elapsed[name] ?? []).map((milliseconds) => (requests / milliseconds) * 1000);
  const [full, none] = [perSecond("full"), perSecond("none")];
  return {
    id: "request-cpu/carried",
    ours: typical(full),
    theirs: typical(none),
    result: figure({ full, none }, (drawn) => median(drawn.full) / median(drawn.none)),
  };
}
