// SPDX-License-Identifier: Apache-2.0
/**
 * Rules about gateways, addresses and networks: that they are real ones, and that each tells one vendor.
 */
import { gatewayOf } from "./gateway-text.ts";
import { type Mistake, type Path, pathText, quoted } from "./mistake.ts";
import { isExact, type Network, nested, readNetwork } from "./network.ts";
import type { Rule } from "./rules.ts";
import { VALUES } from "./schema-values.ts";
import { isWhole, type Sound, type Written, type WrittenGateway } from "./written.ts";

/** Pairs of address and port; more do not fit into the configuration that the filter takes. */
const MOST_PAIRS = 20_000;

/** Ports of the sidecar's own listeners, for all outbound and all inbound connections. */
const SIDECAR_PORTS = [15001, 15006];
/** A ServiceEntry would take the service over in every opted-in namespace. */
const CLUSTER_SERVICE = /\.svc\.cluster\.local$/i;

interface Placed {
  gateway: Sound<WrittenGateway>;
  vendor: number;
  path: Path;
  isText: boolean;
}

interface PlacedNetwork {
  network: Network;
  written: string;
  path: Path;
  vendor: number;
  gateway?: Placed;
}

export const GATEWAY_RULES: readonly Rule[] = [
  function networksAreReal(file) {
    const { neverMetered = [], vendors = [] } = file;
    const mistakes = (list: Sound<string[]>, path: Path, mayBeAll: boolean) =>
      list.flatMap((written, index) => networkMistake(written, [...path, index], mayBeAll));
    return [
      ...mistakes(neverMetered, ["neverMetered"], true),
      ...vendors.flatMap((vendor, index) => mistakes(vendor?.cidrs ?? [], ["vendors", index, "cidrs"], false)),
      ...gateways(file)
        .filter(({ isText }) => !isText)
        .flatMap(({ gateway, path }) => mistakes(gateway.addresses ?? [], [...path, "addresses"], false)),
    ];
  },

  function shortFormsAreReal(file) {
    const { host: name, port: number } = VALUES;
    return gateways(file).flatMap(({ gateway: { host, ports = [] }, path, isText }): Mistake[] => {
      const port = ports[0];
      if (!isText || port === undefined) return [];
      const isName = host === undefined || new RegExp(name.pattern).test(host);
      if (!isName) return [{ path, text: `found the host ${quoted(host)}, expected ${name.title}` }];
      if (port >= number.minimum && port <= number.maximum) return [];
      return [{ path, text: `found port ${port}, expected ${number.title}` }];
    });
  },

  function gatewaysAreOutside(file) {
    return gateways(file).flatMap(({ gateway: { host, ports = [] }, path, isText }): Mistake[] => [
      ...(host !== undefined && CLUSTER_SERVICE.test(host)
        ? [
            {
              path: isText ? path : [...path, "host"],
              text: `found the host ${quoted(host)}, which is a service of the cluster, expected a host outside of it`,
            },
          ]
        : []),
      ...ports.flatMap((port, index) =>
        port !== undefined && SIDECAR_PORTS.includes(port)
          ? [
              {
                path: isText ? path : [...path, "ports", index],
                text: `found port ${port}, on which the sidecar itself listens, expected another port`,
              },
            ]
          : [],
      ),
    ]);
  },

  function gatewaysHaveAPlace(file) {
    return gateways(file)
      .filter(({ gateway, isText }) => !isText && !("host" in gateway) && hasNoAddresses(gateway))
      .map(({ path }) => ({ path, text: "found neither host nor addresses, expected at least one of them" }));
  },

  function httpModeIsPlainHttp(file) {
    return gateways(file).flatMap(({ gateway: { mode, protocol = "http" }, path }) =>
      mode === "http" && protocol !== "http"
        ? [{ path: [...path, "mode"], text: `found "http" with protocol ${quoted(protocol)}, expected "tcp"` }]
        : [],
    );
  },

  function portsHaveOneMode(file) {
    const known = new Map<number, { mode: string; path: Path }>();
    return gateways(file).flatMap(({ gateway, path }) =>
      (gateway.ports ?? []).flatMap((port): Mistake[] => {
        const { mode = "tcp" } = gateway;
        if (port === undefined || !isWhole(gateway)) return [];
        const first = known.get(port) ?? { mode, path };
        known.set(port, first);
        if (first.mode === mode) return [];
        // Each mode has a plugin of its own, chosen by port: with both, traffic would be counted twice.
        const text = `found port ${port} with mode "${mode}", expected mode "${first.mode}" as in ${pathText(first.path)}: a port has one mode`;
        return [{ path, text }];
      }),
    );
  },

  function gatewaysAreDeclaredOnce(file) {
    const known = new Map<string, Path>();
    return gateways(file).flatMap(({ gateway: { host, ports = [] }, path }) =>
      ports.flatMap((port): Mistake[] => {
        if (host === undefined || port === undefined) return [];
        const key = `${host.toLowerCase()}:${port}`;
        const first = known.get(key);
        known.set(key, first ?? path);
        return first === undefined || first === path ? [] : [{ path, text: `found ${again(key, first)}` }];
      }),
    );
  },

  function addressesTellOneVendor(file) {
    const byPort = new Map<number, PlacedNetwork[]>();
    let pairs = 0;
    for (const placed of gateways(file)) {
      const networks = networksOf(placed);
      for (const port of placed.gateway.ports ?? []) {
        if (port === undefined) continue;
        pairs += networks.length;
        if (pairs > MOST_PAIRS) return [tooManyPairs(placed.path)];
        byPort.set(port, [...(byPort.get(port) ?? []), ...networks]);
      }
    }
    return [...byPort].flatMap(([port, networks]) =>
      nested(networks)
        .filter(({ inner, outer }) => isAmbiguous(inner, outer))
        .map((pair) => {
          const { inner, outer } = inOrder(pair);
          return { path: inner.path, text: `found ${again(`${inner.written} port ${port}`, outer.path)}` };
        }),
    );
  },

  function networksTellOneVendor({ vendors = [] }) {
    const networks = vendors.flatMap((vendor, index) =>
      (vendor?.cidrs ?? []).flatMap((written, item) =>
        placedNetwork(written, ["vendors", index, "cidrs", item], index),
      ),
    );
    return nested(networks)
      .filter(({ inner, outer }) => inner.vendor !== outer.vendor)
      .map((pair) => {
        const { inner, outer } = inOrder(pair);
        const text = `found ${quoted(inner.written)}, expected a network apart from ${quoted(outer.written)} of ${pathText(outer.path)}`;
        return { path: inner.path, text };
      });
  },
];

function gateways({ vendors = [] }: Sound<Written>): Placed[] {
  return vendors.flatMap((vendor, index) =>
    (vendor?.gateways ?? []).flatMap((written, item): Placed[] => {
      if (written === undefined) return [];
      const path = ["vendors", index, "gateways", item];
      return [{ gateway: gatewayOf(written), vendor: index, path, isText: typeof written === "string" }];
    }),
  );
}

/** Wrong addresses are addresses too: they are reported by themselves. */
function hasNoAddresses(gateway: Placed["gateway"]): boolean {
  return !("addresses" in gateway) || gateway.addresses?.length === 0;
}

function networkMistake(written: string | undefined, path: Path, mayBeAll: boolean): Mistake[] {
  if (written === undefined) return [];
  const network = readNetwork(written);
  if (network === undefined) return [{ path, text: `found ${quoted(written)}, expected ${VALUES.network.title}` }];
  if (!isExact(written, network)) {
    return [
      {
        path,
        text: `found ${quoted(written)}, expected ${quoted(network.text)} (the network) or an address without "/"`,
      },
    ];
  }
  if (mayBeAll || !written.endsWith("/0")) return [];
  return [{ path, text: `found ${quoted(written)}, which is every address, expected the vendor's networks` }];
}

function networksOf(placed: Placed): PlacedNetwork[] {
  const { gateway, path, vendor, isText } = placed;
  return (gateway.addresses ?? []).flatMap((written, index) =>
    placedNetwork(written, isText ? path : [...path, "addresses", index], vendor, placed),
  );
}

function placedNetwork(written: string | undefined, path: Path, vendor: number, gateway?: Placed): PlacedNetwork[] {
  const network = written === undefined ? undefined : readNetwork(written);
  if (written === undefined || network === undefined) return [];
  return [{ network, written, path, vendor, ...(gateway && { gateway }) }];
}

/** Two hosts of one vendor may share an address; two vendors, or two gateways without host, may not. */
function isAmbiguous(a: PlacedNetwork, b: PlacedNetwork): boolean {
  if (a.gateway === b.gateway) return false;
  return a.vendor !== b.vendor || (a.gateway?.gateway.host === undefined && b.gateway?.gateway.host === undefined);
}

/** The one that comes later in the file first, because that is where the mistake is shown. */
function inOrder({ inner, outer }: { inner: PlacedNetwork; outer: PlacedNetwork }) {
  const isOuterLater = comparePaths(outer.path, inner.path) > 0;
  return isOuterLater ? { inner: outer, outer: inner } : { inner, outer };
}

function comparePaths(a: Path, b: Path): number {
  const differing = a.findIndex((step, index) => step !== b[index]);
  return differing < 0 ? 0 : Number(a[differing]) - Number(b[differing]);
}

function again(what: string, first: Path): string {
  return `${what} again, expected each gateway once: it is in ${pathText(first)} too`;
}

function tooManyPairs(path: Path): Mistake {
  return { path, text: `found more than ${MOST_PAIRS} pairs of address and port up to here, expected fewer` };
}
