// SPDX-License-Identifier: Apache-2.0
/**
 * What `istioctl install` is told: an IstioOperator, the user's own or a small one, with our settings of the mesh in it.
 * Text to text, comments and order kept. Pure; who runs istioctl with it is istioctl.ts.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.operator.v1alpha1/
 */
import { type Document, isMap, isScalar, isSeq, parseAllDocuments, YAMLMap, YAMLSeq } from "yaml";
import { EXTRA_STAT_TAGS } from "../../filter/core/stat-tags.ts";
import { ISTIO_NAMESPACE } from "../cluster/istio.ts";
import { ProxymeterError } from "../errors.ts";

export interface OverlayWish {
  /** The user's own IstioOperator, or the overlay of the installation before. */
  base?: { text: string; name: string } | undefined;
  /** Whether proxies start with our stat tags; what an overlay of ours had is taken out again. */
  statTags: "add" | "remove" | "keep";
  /** Whether sidecars answer DNS, which gateways without addresses need. */
  capturesDns: boolean;
  /** Where istiod goes, unless the user's own says so. */
  namespace?: string | undefined;
  revision?: string | undefined;
}

export interface OverlayPlace {
  namespace: string;
  /** `default` where it names none. */
  revision: string;
  profile: string;
}

const API_VERSION = "install.istio.io/v1alpha1";
const KIND = "IstioOperator";
/** istiod without gateways: crawlers need none. */
const SMALL = `apiVersion: ${API_VERSION}
kind: ${KIND}
metadata:
  name: proxymeter
spec:
  profile: minimal
`;
const DEFAULT_CONFIG = ["spec", "meshConfig", "defaultConfig"];
const TAGS = [...DEFAULT_CONFIG, "extraStatTags"];
const DNS_CAPTURE = [...DEFAULT_CONFIG, "proxyMetadata", "ISTIO_META_DNS_CAPTURE"];
/** First where we write it, then where a user may have written it. */
const NAMESPACE = [
  ["spec", "values", "global", "istioNamespace"],
  ["metadata", "namespace"],
] as const;
const REVISION = [
  ["spec", "revision"],
  ["spec", "values", "revision"],
] as const;
const PROFILE = ["spec", "profile"];
/** It goes into a ConfigMap with much else. */
const LARGEST = 100_000;

/** @throws ProxymeterError E_ISTIO_CONFIG, exit status 2, where the user's own cannot be used */
export function overlayOf({ base, statTags, capturesDns, namespace, revision }: OverlayWish): string {
  const name = base?.name ?? "our own overlay";
  const document = read(base?.text ?? SMALL, name);
  if (statTags === "add") addTags(document, name);
  if (statTags === "remove") removeTags(document);
  if (capturesDns) put(document, DNS_CAPTURE, "true", name);
  if (namespace !== undefined && namespace !== placeOf(document).namespace)
    settle(document, NAMESPACE, namespace, name);
  if (revision !== undefined && revision !== placeOf(document).revision) settle(document, REVISION, revision, name);
  return document.toString({ lineWidth: 0 });
}

/** Where an overlay puts Istio. */
export function overlayPlace(text: string): OverlayPlace {
  return placeOf(read(text, "the overlay"));
}

function placeOf(document: Document): OverlayPlace {
  return {
    namespace: textAt(document, NAMESPACE) ?? ISTIO_NAMESPACE,
    revision: textAt(document, REVISION) ?? "default",
    profile: textAt(document, [PROFILE]) ?? "default",
  };
}

function textAt(document: Document, paths: readonly (readonly string[])[]): string | undefined {
  return paths.map((path) => document.getIn(path)).find(isText);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function read(text: string, name: string): Document {
  if (Buffer.byteLength(text) > LARGEST) throw mistake(name, `it is larger than ${LARGEST} bytes`);
  const documents = parseAllDocuments(text) as Document[];
  const [document, another] = documents.filter(({ contents }) => contents !== null);
  const error = documents.flatMap(({ errors }) => errors)[0];
  if (error) throw mistake(name, error.message.split("\n", 1)[0] ?? "it is not YAML");
  if (document === undefined || another !== undefined) throw mistake(name, "found no document, or several");
  const [apiVersion, kind] = isMap(document.contents) ? [document.get("apiVersion"), document.get("kind")] : [];
  if (apiVersion !== API_VERSION || kind !== KIND) throw mistake(name, `found ${apiVersion} ${kind}`);
  return document;
}

function addTags(document: Document, name: string): void {
  const found = document.getIn(TAGS);
  if (found !== undefined && found !== null && !isSeq(found)) throw mistake(name, `${TAGS.join(".")} is not a list`);
  const known = isSeq(found) ? found.items.map((item) => String(isScalar(item) ? item.value : item)) : [];
  if (!isSeq(found)) put(document, TAGS, new YAMLSeq(), name);
  for (const tag of EXTRA_STAT_TAGS.filter((ours) => !known.includes(ours))) document.addIn(TAGS, tag);
}

function removeTags(document: Document): void {
  const tags = document.getIn(TAGS);
  if (!isSeq(tags)) return;
  tags.items = tags.items.filter((item) => !EXTRA_STAT_TAGS.includes(String(isScalar(item) ? item.value : item)));
}

/** A place that the user's own names already is the user's word: two words are a mistake. */
function settle(document: Document, paths: typeof NAMESPACE | typeof REVISION, value: string, name: string): void {
  const found = textAt(document, paths);
  if (found !== undefined) throw mistake(name, `it says "${found}", and the option says "${value}"`);
  put(document, paths[0], value, name);
}

function put(document: Document, path: readonly string[], value: unknown, name: string): void {
  for (let depth = 1; depth < path.length; depth++) {
    const at = document.getIn(path.slice(0, depth));
    if (isMap(at)) continue;
    if (at !== undefined && at !== null) throw mistake(name, `${path.slice(0, depth).join(".")} is not a map`);
    document.setIn(path.slice(0, depth), new YAMLMap());
  }
  document.setIn(path, value);
}

function mistake(name: string, found: string): ProxymeterError {
  return new ProxymeterError(
    "E_ISTIO_CONFIG",
    `cannot use ${name} to install Istio: ${found} (expected one ${KIND} of ${API_VERSION})`,
    "`istioctl profile dump` and Istio's documentation show what belongs into it; without --istio-config a small one is used",
    { exitCode: 2 },
  );
}
