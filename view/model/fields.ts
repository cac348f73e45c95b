// SPDX-License-Identifier: Apache-2.0
/**
 * Field configuration: which unit, name, limits, colours and texts each column or series of a panel has, by the panel's defaults
 * and overrides; and a value as it is shown under it.
 */
import { displayName, type Cell, type Field, type Frame } from "./frames.ts";
import type { FieldConfig, GrafanaFieldConfig, MappingResult, ValueMapping } from "./grafana.ts";
import { formatNumber } from "./units.ts";
import { visible } from "./visible.ts";

export interface Shown {
  text: string;
  /** A colour by Grafana's name or as CSS has it; undefined where nothing asks for one. */
  color?: string;
}

type Matches = (field: Field, frame: Frame) => boolean;

const MATCHERS: Readonly<Record<string, (options: unknown) => Matches>> = {
  byName: (options) => (field, frame) => displayName(field, frame) === options || field.name === options,
  byRegexp: (options) => {
    const written = /^\/([\s\S]*)\/(\w*)$/.exec(String(options));
    const pattern = new RegExp(written?.[1] ?? String(options), written?.[2]);
    return (field, frame) => pattern.test(displayName(field, frame));
  },
  byType: (options) => (field) => field.type === options,
  byFrameRefID: (options) => (_, frame) => frame.refId === options,
  byNames: (options) => {
    const names = (options as { names?: string[] }).names ?? [];
    return (field, frame) => names.includes(displayName(field, frame));
  },
};

/** The frames with every field's configuration in place; overrides win in their order. */
export function configured(frames: readonly Frame[], { defaults = {}, overrides = [] }: GrafanaFieldConfig): Frame[] {
  const rules = overrides.map(({ matcher, properties }) => ({
    matches: MATCHERS[matcher.id]?.(matcher.options) ?? (() => false),
    properties,
  }));
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const base = field.type === "time" ? { ...field.config } : { ...defaults, ...field.config };
      const matching = rules.filter(({ matches }) => matches({ ...field, config: field.config }, frame));
      const config = matching.flatMap(({ properties }) => properties).reduce(withProperty, base);
      return { ...field, config };
    }),
  }));
}

function withProperty(config: FieldConfig, { id, value }: { id: string; value?: unknown }): FieldConfig {
  if (!id.startsWith("custom.")) return { ...config, [id]: value };
  return { ...config, custom: { ...config.custom, [id.slice("custom.".length)]: value } };
}

/** The setting of a panel type's own. */
export function custom<T>({ config }: Field, name: string, usual: T): T {
  return (config.custom?.[name] as T | undefined) ?? usual;
}

/** A value as people see it: mapped to a text, or formatted with its unit; coloured by its mapping or threshold. */
export function shown(value: Cell, field: Field): Shown {
  const { config } = field;
  const mapped = mappingOf(value, config.mappings ?? []);
  const color = mapped?.color ?? (value === null ? undefined : thresholdColor(value, field));
  const text = mapped?.text ?? plain(value, field);
  return color === undefined ? { text } : { text, color };
}

function plain(value: Cell, { config, type }: Field): string {
  if (value === null) return config.noValue ?? "-";
  if (typeof value === "string") return visible(value);
  if (type === "time") return timeText(value);
  return formatNumber(value, config.unit, config.decimals);
}

/** Local time, to the second. */
export function timeText(time: number): string {
  const at = new Date(time);
  const two = (part: number) => String(part).padStart(2, "0");
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":")}`;
}

/** The colour of the highest step that the value reaches; undefined where the colours do not follow thresholds. */
export function thresholdColor(value: Cell, { config }: Field): string | undefined {
  const mode = config.color?.mode;
  if (mode === "fixed") return config.color?.fixedColor;
  if (mode !== undefined && mode !== "thresholds") return undefined;
  const steps = config.thresholds?.steps ?? [];
  if (typeof value !== "number") return steps[0]?.color;
  const { min = 0, max = 100 } = config;
  const isShare = config.thresholds?.mode === "percentage";
  const compared = isShare ? ((value - (min ?? 0)) / ((max ?? 100) - (min ?? 0))) * 100 : value;
  return steps.findLast((step) => step.value === null || compared >= step.value)?.color;
}

function mappingOf(value: Cell, mappings: readonly ValueMapping[]): MappingResult | undefined {
  for (const mapping of mappings) {
    const result = applied(mapping, value);
    if (result !== undefined) return result;
  }
  return undefined;
}

function applied(mapping: ValueMapping, value: Cell): MappingResult | undefined {
  if (mapping.type === "value") return mapping.options[String(value)];
  const { result } = mapping.options;
  if (mapping.type === "range") {
    const { from, to } = mapping.options;
    const isWithin = typeof value === "number" && value >= (from ?? -Infinity) && value <= (to ?? Infinity);
    return isWithin ? result : undefined;
  }
  if (mapping.type === "regex") return new RegExp(mapping.options.pattern).test(String(value)) ? result : undefined;
  const isNull = value === null || value === "";
  const { match } = mapping.options;
  return (isNull && ["null", "null+nan", "empty"].includes(match)) || (Number.isNaN(value) && match !== "null")
    ? result
    : undefined;
}
