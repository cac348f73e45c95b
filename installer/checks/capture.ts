// SPDX-License-Identifier: Apache-2.0
/**
 * Which outbound connections of a pod its sidecar never sees, by annotation or by the arguments of istio-init.
 *
 * @see https://istio.io/latest/docs/reference/config/annotations/
 */
import { contains, overlap } from "./addresses.ts";
import type { Pod } from "./kinds.ts";
import { annotationOf } from "./workloads.ts";

const ANNOTATION = "traffic.sidecar.istio.io/";

/** Annotation and the argument that the injector makes of it or of the mesh's own setting. */
const SOURCES = {
  excludeOutboundPorts: "-o",
  excludeOutboundIPRanges: "-x",
  includeOutboundIPRanges: "-i",
  includeOutboundPorts: "-q",
} as const;

type Source = keyof typeof SOURCES;

/** Why connections to this port of these addresses pass the sidecar by; undefined where they do not. */
export function hiddenBy(pod: Pod, port: number, addresses: readonly string[]): string | undefined {
  const list = (source: Source) => values(pod, source);
  if (list("excludeOutboundPorts").some((one) => isPort(one, port))) return `excludeOutboundPorts holds ${port}`;
  const excluded = list("excludeOutboundIPRanges").find((range) => addresses.some((one) => overlap(range, one)));
  if (excluded !== undefined) return `excludeOutboundIPRanges holds ${excluded}`;
  const included = list("includeOutboundIPRanges");
  if (included.length === 0 || included.includes("*")) return undefined;
  if (list("includeOutboundPorts").some((one) => isPort(one, port))) return undefined;
  const outside = addresses.find((address) => !included.some((range) => contains(range, address)));
  return outside === undefined ? undefined : `includeOutboundIPRanges leaves out ${outside}`;
}

function values(pod: Pod, source: Source): string[] {
  const text = annotationOf(pod, `${ANNOTATION}${source}`) ?? argument(pod, SOURCES[source]) ?? "";
  return text
    .split(",")
    .map((value) => value.trim())
    .filter((value) => value !== "");
}

function argument(pod: Pod, flag: string): string | undefined {
  const args = pod.spec?.initContainers?.find(({ name }) => name === "istio-init")?.args ?? [];
  const index = args.indexOf(flag);
  return index < 0 ? undefined : args[index + 1];
}

/** A port, or a range as in `8000:9000` or `8000-9000`. */
function isPort(text: string, port: number): boolean {
  const [first = Number.NaN, last = first] = text.split(/[:-]/).map(Number);
  return port >= first && port <= last;
}
