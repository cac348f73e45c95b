// SPDX-License-Identifier: Apache-2.0
/**
 * The JSON Schema of vendors.yaml (draft 2020-12), as it is published in docs/ for editors and used by the reader.
 * Owns what belongs to no vendor; a vendor's own part is in `schema-vendor.ts`. Rules between members are in `rules.ts`.
 *
 * @see https://json-schema.org/draft/2020-12
 */
import { DEFAULTS } from "./defaults.ts";
import { VENDORS_API_VERSION } from "./model.ts";
import { count, listOf, oneOf, VALUES, value } from "./schema-values.ts";
import { VENDOR_DEFINITIONS } from "./schema-vendor.ts";

/** Most vendors, and most label keys, that the filter takes. */
export const MOST_VENDORS = 256;
const MOST_LABEL_KEYS = 4;

/** Name of the file where editors find the schema beside a vendors.yaml. */
export const SCHEMA_FILE = "vendors.schema.json";

export const VENDORS_SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "urn:proxymeter:vendors:v1",
  title: "an object with apiVersion, vendors and so on",
  description: "The proxy vendors that Proxymeter meters.",
  type: "object",
  additionalProperties: false,
  required: ["apiVersion"],
  properties: {
    apiVersion: { ...oneOf(VENDORS_API_VERSION), description: "Version of this file's form." },
    kind: { ...oneOf("Vendors"), default: "Vendors", description: "May be left out." },
    vendors: {
      ...listOf("vendors", { $ref: "#/$defs/vendor" }, MOST_VENDORS),
      default: [],
      description: "The proxy vendors. Without any, all proxy traffic is metered as unknown.",
    },
    neverMetered: {
      ...listOf("networks", value("network"), 1000),
      default: DEFAULTS.neverMetered,
      description: "Networks whose traffic is never metered, unless a gateway is in them.",
    },
    destinations: {
      title: "an object with perVendor, reserve or fold",
      type: "object",
      additionalProperties: false,
      description: "How many destination hosts a pod reports by name; the rest is other.",
      properties: {
        perVendor: {
          ...count(0, 5000),
          default: DEFAULTS.destinations.perVendor,
          description: "Destination hosts of a vendor that a pod reports by name.",
        },
        reserve: {
          ...count(0, 1000),
          default: DEFAULTS.destinations.reserve,
          description: "Slots kept for frequent hosts that come late.",
        },
        fold: {
          ...oneOf("none", "domain"),
          default: DEFAULTS.destinations.fold,
          description: "domain counts hosts under their registered domain.",
        },
      },
    },
    headers: {
      title: "an object with vendor, pool or remove",
      type: "object",
      additionalProperties: false,
      description: "Request headers that name vendor and pool, where a gateway has mode http.",
      properties: {
        vendor: {
          ...value("headerName"),
          default: DEFAULTS.headers.vendor,
          description: "Header that names the vendor.",
        },
        pool: { ...value("headerName"), default: DEFAULTS.headers.pool, description: "Header that names the pool." },
        remove: {
          ...value("flag"),
          default: DEFAULTS.headers.remove,
          description: "Whether both are taken out before the request leaves.",
        },
      },
    },
    podLabels: {
      ...listOf("keys of pod labels", value("labelKey"), MOST_LABEL_KEYS),
      default: DEFAULTS.podLabels,
      description: "Labels of a pod that name its vendor, where no gateway tells. The first that is there counts.",
    },
    extra: {
      title: "an object with header or podLabel",
      type: "object",
      additionalProperties: false,
      minProperties: 1,
      description: "What fills the label extra, which is bounded as pools are. Nothing where absent.",
      properties: {
        header: { ...value("headerName"), description: "A request header, where a gateway has mode http." },
        podLabel: { ...value("labelKey"), description: "A label of the pod." },
      },
    },
    limits: {
      title: "an object with series or pools",
      type: "object",
      additionalProperties: false,
      description: "Bounds of what a pod reports. Totals of a vendor stay exact whatever overflows.",
      properties: {
        series: { ...count(1, 20_000), default: DEFAULTS.limits.series, description: "Series of a pod." },
        pools: { ...count(0, 1000), default: DEFAULTS.limits.pools, description: "Pools of a vendor." },
      },
    },
    detail: {
      ...oneOf("full", "counters"),
      default: DEFAULTS.detail,
      description:
        "counters takes no times and no HTTP version, for two thirds of the processor time of an HTTP request.",
    },
    filter: {
      title: "an object with image",
      type: "object",
      additionalProperties: false,
      required: ["image"],
      description: "The filter as it was published. The command line may say otherwise.",
      properties: {
        image: { ...value("image"), description: "The image, by digest, or by a tag that install resolves." },
        pullSecret: { ...value("secretName"), description: "Name of a pull secret in each opted-in namespace." },
      },
    },
    alerts: {
      title: "an object with runbookUrl",
      type: "object",
      additionalProperties: false,
      description: "What holds for the alerts of all vendors. Thresholds are a vendor's own.",
      properties: {
        runbookUrl: {
          ...value("page"),
          default: DEFAULTS.pages.runbookUrl,
          description: "Where docs/alerts.md is published. Each alert's runbook_url is this, # and its heading.",
        },
      },
    },
  },
  $defs: { ...VALUES, ...VENDOR_DEFINITIONS },
};

const LINE_WIDTH = 120;

/** The text of the published copy, as the formatter of this project would write it: short lists on one line. */
export function schemaText(): string {
  const text = JSON.stringify(VENDORS_SCHEMA, null, 2);
  const folded = text.replace(/^( *"[^"]+": )\[\n([^[\]{}]*?)\n *\]/gm, (whole, start: string, items: string) => {
    const line = `${start}[${items.trim().split(/,\n */).join(", ")}]`;
    return line.length < LINE_WIDTH ? line : whole;
  });
  return `${folded}\n`;
}
