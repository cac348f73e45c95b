// SPDX-License-Identifier: Apache-2.0
/**
 * From a panel and the answers to its queries to a picture: transformations, field configuration, then what the panel's type draws.
 */
import { configured } from "../fields.ts";
import type { Frame } from "../frames.ts";
import type { GrafanaPanel } from "../grafana.ts";
import { transformed } from "../transformations.ts";
import { flowPicture } from "./flow.ts";
import { heatmapPicture } from "./heatmap.ts";
import { linesPicture } from "./lines.ts";
import type { Picture } from "./picture.ts";
import { tablePicture } from "./table.ts";
import { barsPicture, gaugesPicture, piePicture, statsPicture } from "./values.ts";

type Draw = (panel: GrafanaPanel, frames: readonly Frame[]) => Picture;

const DRAWN: Readonly<Record<string, Draw>> = {
  timeseries: linesPicture,
  stat: statsPicture,
  gauge: gaugesPicture,
  bargauge: gaugesPicture,
  barchart: barsPicture,
  piechart: piePicture,
  table: tablePicture,
  heatmap: heatmapPicture,
  nodeGraph: (_, frames) => flowPicture(frames),
};

const NOTHING = "No data in this time range.";

/**
 * What the panel shows. A panel without any value shows its own text for that, or says so.
 *
 * @throws Error that names a transformation or panel type that is not known here
 */
export function drawn(panel: GrafanaPanel, frames: readonly Frame[]): Picture {
  if (panel.type === "text") return { kind: "text", text: String(panel.options?.content ?? "") };
  const draw = DRAWN[panel.type];
  if (draw === undefined) throw new Error(`this page does not know the panel type "${panel.type}"`);
  const { noValue } = panel.fieldConfig?.defaults ?? {};
  if (!hasValues(frames)) return nothing(panel.type, noValue);
  const named = transformed(configuredNames(panel, frames), panel.transformations ?? []);
  const picture = draw(panel, configured(named, panel.fieldConfig ?? {}));
  return isEmpty(picture) ? nothing(panel.type, noValue) : picture;
}

/** Names that the defaults give to series count before transformations, as they do in Grafana. */
function configuredNames({ fieldConfig }: GrafanaPanel, frames: readonly Frame[]): Frame[] {
  const pattern = fieldConfig?.defaults?.displayName;
  if (pattern === undefined) return [...frames];
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) =>
      field.type === "number" ? { ...field, config: { ...field.config, displayName: pattern } } : field,
    ),
  }));
}

function nothing(type: string, noValue: string | undefined): Picture {
  if (noValue === undefined) return { kind: "nothing", text: NOTHING };
  if (type !== "stat") return { kind: "nothing", text: noValue };
  const item = { name: "", value: null, text: noValue, course: [] };
  return { kind: "stats", items: [item], colored: "none", isNameShown: false };
}

/** Whether there is no value in it, whatever it says instead. */
export function isNothing(picture: Picture): boolean {
  return (
    picture.kind === "nothing" ||
    (picture.kind === "stats" && picture.items.every(({ value, name }) => value === null && name === ""))
  );
}

function hasValues(frames: readonly Frame[]): boolean {
  return frames.some(({ fields }) =>
    fields.some(({ type, values }) => type === "number" && values.some((value) => value !== null)),
  );
}

function isEmpty(picture: Picture): boolean {
  if (picture.kind === "lines") return picture.lines.length === 0;
  if (picture.kind === "stats") return picture.items.length === 0;
  if (picture.kind === "bars") return picture.categories.length === 0;
  if (picture.kind === "pie") return picture.slices.length === 0;
  if (picture.kind === "table") return picture.rows.length === 0;
  if (picture.kind === "flow") return picture.links.length === 0;
  return picture.kind === "heatmap" && picture.times.length === 0;
}
