// SPDX-License-Identifier: Apache-2.0
/**
 * A node graph as a flow from left to right: one frame of nodes, one of edges, in the columns that Grafana's panel has for them.
 *
 * @see https://grafana.com/docs/grafana/latest/panels-visualizations/visualizations/node-graph/#data-api
 */
import { shown } from "../fields.ts";
import { displayName, type Cell, type Field, type Frame } from "../frames.ts";
import type { FlowPicture } from "./picture.ts";

type Row = (name: string) => { value: Cell; text: string } | undefined;

export function flowPicture(frames: readonly Frame[]): FlowPicture {
  const edges = frames.filter((frame) => ["source", "target"].every((name) => columnOf(frame, name)));
  const nodes = frames.filter((frame) => !edges.includes(frame) && columnOf(frame, "id"));
  const links = withoutCycles(edges.flatMap(rowsOf).flatMap(linkOf));
  const known = new Map(nodes.flatMap(rowsOf).map((row) => [String(row("id")?.value ?? ""), nodeOf(row)]));
  const ids = [...new Set(links.flatMap(({ from, to }) => [from, to]))];
  const unit = edges[0] && columnOf(edges[0], "mainstat")?.config.unit;
  return {
    kind: "flow",
    nodes: ids.map((id) => known.get(id) ?? { id, name: id, detail: "" }),
    links,
    format: { unit: unit ?? "" },
  };
}

function columnOf(frame: Frame, name: string): Field | undefined {
  return frame.fields.find(
    (field) => displayName(field, frame).toLowerCase() === name || field.name.toLowerCase() === name,
  );
}

function rowsOf(frame: Frame): Row[] {
  const length = frame.fields[0]?.values.length ?? 0;
  return Array.from({ length }, (_, row) => (name: string) => {
    const field = columnOf(frame, name);
    const value = field?.values[row] ?? null;
    return field && { value, text: shown(value, field).text };
  });
}

function nodeOf(row: Row): FlowPicture["nodes"][number] {
  const id = String(row("id")?.value ?? "");
  const stats = [row("subtitle"), row("mainstat"), row("secondarystat")].map((stat) => stat?.text ?? "");
  return { id, name: row("title")?.text || id, detail: stats.filter(Boolean).join(", ") };
}

function linkOf(row: Row): FlowPicture["links"] {
  const [from, to] = ["source", "target"].map((name) => String(row(name)?.value ?? ""));
  const main = row("mainstat");
  const value = Number(main?.value ?? row("value")?.value ?? 0);
  const detail = [main?.text, row("secondarystat")?.text].filter(Boolean).join(", ");
  return from && to && value > 0 ? [{ from, to, value, detail }] : [];
}

/** A flow has no way back: an edge that closes a circle is left out. */
function withoutCycles(links: FlowPicture["links"]): FlowPicture["links"] {
  const next = new Map<string, Set<string>>();
  const reaches = (from: string, to: string): boolean =>
    from === to || [...(next.get(from) ?? [])].some((step) => reaches(step, to));
  return links.filter(({ from, to }) => {
    if (reaches(to, from)) return false;
    next.set(from, (next.get(from) ?? new Set()).add(to));
    return true;
  });
}
