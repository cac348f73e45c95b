// SPDX-License-Identifier: Apache-2.0
/**
 * Checks of the vendors' gateways against the mesh: what would answer a crawler's CONNECT with 404, or hide a gateway.
 * All need a vendors.yaml.
 */
import { type Check, fail, type Group, named, type Outcome, pass, unless, warn, worst } from "./check.ts";
import { contains, isSingle } from "./addresses.ts";
import { type Facts, known } from "./facts.ts";
import {
  meshCapturesDns,
  hasOwnListener,
  httpUsers,
  isAbout,
  isOnWildcard,
  isOurs,
  podCapturesDns,
  type Point,
  pointsOf,
  portOf,
  tcpPoints,
  visibleEntries,
} from "./gateways.ts";
import type { ServiceEntry } from "./kinds.ts";
import { entrySpeech } from "./protocol.ts";
import { livePods, placeOf, sidecarOf } from "./workloads.ts";

const sharedPorts: Check = {
  id: "shared-ports",
  title: "no gateway shares a listener with HTTP of the mesh",
  stage: "always",
  run: (facts) =>
    worst(...tcpPoints(facts).flatMap((point) => point.gateway.ports.map((port) => sharing(facts, point, port)))),
};

function sharing(facts: Facts, point: Point, port: number): Outcome {
  const users = httpUsers(facts, port, point);
  if (users.length === 0) return pass();
  const { addresses } = point.gateway;
  const what = `${point.title} port ${port} is HTTP of ${named(users)}`;
  const harm = harmOf(point);
  if (addresses.length === 0) {
    return meshCapturesDns(facts)
      ? warn(`${what}: only the address that DNS capture gives keeps them apart`)
      : { status: harm.status, evidence: [`${what}: without an address of its own, ${harm.text}`] };
  }
  if (!addresses.every(isSingle)) {
    return warn(`${what}: a network has no listener of its own, so only the destination keeps them apart`);
  }
  if (hasOwnListener(facts, point.gateway, port)) return pass();
  return facts.stage === "before"
    ? warn(`${what}: until install gives the gateway a listener of its own, ${harm.text}`)
    : {
        status: harm.status,
        evidence: [`${what}, and no TCP ServiceEntry gives the gateway its own listener: ${harm.text}`],
      };
}

/** What a listener that speaks HTTP does to crawlers. Only HTTP in clear is taken for HTTP; anything else passes through. */
function harmOf({ gateway }: Point): { status: "fail" | "warn"; text: string } {
  return gateway.protocol === "http"
    ? { status: "fail", text: "crawlers get CONNECT 404s" }
    : { status: "warn", text: "its traffic passes, but is not metered" };
}

const wildcards: Check = {
  id: "wildcard-listeners",
  title: "no two TCP ServiceEntries without addresses share a port",
  stage: "always",
  run: (facts) => {
    const ours = new Set(tcpPoints(facts).flatMap(({ gateway }) => gateway.ports));
    const users = visibleEntries(facts)
      .filter((entry) => isOnWildcard(facts, entry))
      .flatMap((entry) => (entry.spec?.ports ?? []).map((port) => ({ entry, port })))
      .filter(({ port }) => entrySpeech(port) === "tcp");
    return worst(...[...Map.groupBy(users, ({ port }) => port.number ?? 0)].map(([port, all]) => onPort(port, all)));

    function onPort(port: number, all: typeof users): Outcome {
      const names = named(all.map(({ entry }) => placeOf(entry)));
      const isVendors = ours.has(port);
      if (all.length > 1) {
        const line = `port ${port}: ${names} all listen on 0.0.0.0:${port}, and one of them wins`;
        return isVendors ? fail(line) : warn(line);
      }
      return isVendors ? warn(`port ${port}: ${names} has no address and takes every connection to that port`) : pass();
    }
  },
};

const declaredHttp: Check = {
  id: "declared-http",
  title: "nobody else declares a gateway as anything but TCP",
  stage: "always",
  run: (facts) => {
    const foreign = visibleEntries(facts).filter((entry) => !isOurs(entry));
    return worst(
      ...tcpPoints(facts).flatMap((point) =>
        foreign
          .filter((entry) => isAbout(entry, point.gateway))
          .flatMap((entry) => point.gateway.ports.map((number) => declaration(point, entry, number))),
      ),
    );
  },
};

function declaration(point: Point, entry: ServiceEntry, number: number): Outcome {
  const port = portOf(entry, number);
  const speech = port === undefined ? "tcp" : entrySpeech(port);
  if (speech === "tcp" || (speech === "tls" && point.gateway.protocol === "https")) return pass();
  const said = port?.protocol ?? "no protocol";
  const what = `ServiceEntry ${placeOf(entry)} declares ${point.title} port ${number} as ${said} (expected TCP)`;
  if (speech === "tls") return warn(`${what}: what crawlers speak there is no TLS`);
  const { status, text } = harmOf(point);
  return { status, evidence: [`${what}: ${text}`] };
}

const addresses: Check = {
  id: "gateway-addresses",
  title: "every gateway has addresses, or DNS capture gives it one",
  stage: "always",
  run: (facts) => {
    const bare = tcpPoints(facts).filter(({ gateway }) => gateway.addresses.length === 0);
    if (bare.length === 0) return pass();
    const names = named(bare.map(({ title }) => title));
    if (!meshCapturesDns(facts)) {
      return fail(`without addresses: ${names}; the mesh's proxyMetadata has no ISTIO_META_DNS_CAPTURE: "true"`);
    }
    const old = livePods(facts).filter((pod) => sidecarOf(pod) !== undefined && !podCapturesDns(pod));
    const pods = named(old.map(placeOf));
    return unless(old.length === 0 ? [] : [`without addresses: ${names}; without DNS capture: ${pods}`]);
  },
};

const resolving: Check = {
  id: "gateway-dns",
  title: "the gateways' hosts resolve to the declared addresses",
  stage: "always",
  run: (facts) => {
    const points = pointsOf(known(facts.vendors));
    return unless(
      points.flatMap(({ title, gateway }) => {
        const answer = gateway.host === undefined ? undefined : facts.resolved[gateway.host];
        if (answer === undefined) return [];
        if ("unknown" in answer) return [`${title}: ${answer.unknown}`];
        if (gateway.addresses.length === 0) return [];
        const other = answer.value.filter((one) => !gateway.addresses.some((declared) => contains(declared, one)));
        const declared = `declared: ${named(gateway.addresses)}`;
        return other.length === 0 ? [] : [`${title} resolves to ${named(other)} from here (${declared})`];
      }),
      "warn",
    );
  },
};

export const VENDORS: Group = {
  id: "vendors",
  checks: [sharedPorts, wildcards, declaredHttp, addresses, resolving],
};
