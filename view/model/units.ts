// SPDX-License-Identifier: Apache-2.0
/**
 * Numbers with their unit, as people read them. Units by the ids that Grafana has for them; an unknown id is written behind the number.
 */

interface Scale {
  /** Largest that is not above the number is taken; ascending. */
  steps: readonly (readonly [factor: number, suffix: string])[];
}

const SI = ["", "k", "M", "G", "T", "P"];
const SHORT = ["", " K", " Mil", " Bil", " Tri", " Quadr"];
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const YEAR = 365 * DAY;

const SCALES: Readonly<Record<string, Scale>> = {
  short: powers(1000, SHORT),
  sishort: powers(1000, ["", ...SI.slice(1).map((prefix) => ` ${prefix}`)]),
  bytes: powers(1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"].map(spaced)),
  decbytes: powers(
    1000,
    SI.map((prefix) => ` ${prefix}B`),
  ),
  bits: powers(1024, ["b", "Kib", "Mib", "Gib", "Tib", "Pib"].map(spaced)),
  decbits: powers(
    1000,
    SI.map((prefix) => ` ${prefix}b`),
  ),
  Bps: powers(
    1000,
    SI.map((prefix) => ` ${prefix}B/s`),
  ),
  binBps: powers(1024, ["B/s", "KiB/s", "MiB/s", "GiB/s", "TiB/s", "PiB/s"].map(spaced)),
  bps: powers(
    1000,
    SI.map((prefix) => ` ${prefix}b/s`),
  ),
  reqps: perSecond("req/s"),
  ops: perSecond("ops/s"),
  cps: perSecond("c/s"),
  rps: perSecond("rd/s"),
  s: durations(1),
  ms: durations(1000),
  µs: durations(1e6),
  ns: durations(1e9),
};

const CURRENCIES: Readonly<Record<string, string>> = {
  currencyUSD: "$",
  currencyEUR: "€",
  currencyGBP: "£",
  currencyJPY: "¥",
};

function spaced(text: string): string {
  return ` ${text}`;
}

function powers(base: number, suffixes: readonly string[]): Scale {
  return { steps: suffixes.map((suffix, power) => [base ** power, suffix] as const) };
}

function perSecond(name: string): Scale {
  return { steps: ["", "K", "M", "G", "T"].map((prefix, power) => [1000 ** power, ` ${prefix}${name}`] as const) };
}

/** @param perSecondUnits  how many of the unit make a second */
function durations(perSecondUnits: number): Scale {
  const seconds = [1e-9, 1e-6, 1e-3, 1, MINUTE, HOUR, DAY, YEAR];
  const names = ["ns", "µs", "ms", "s", "min", "hour", "day", "year"];
  return { steps: seconds.map((length, index) => [length * perSecondUnits, ` ${names[index]}`] as const) };
}

/** A number with as many decimals as it deserves, or as many as asked for. */
export function formatNumber(value: number, unit = "", decimals?: number | null): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  if (unit === "percentunit") return `${digits(value * 100, decimals)}%`;
  if (unit === "percent") return `${digits(value, decimals)}%`;
  if (unit === "" || unit === "none" || unit === "string") return digits(value, decimals);
  if (unit === "locale") return value.toLocaleString("en-US", { maximumFractionDigits: decimals ?? 0 });
  if (unit === "bool") return value === 0 ? "False" : "True";
  if (unit === "bool_yes_no") return value === 0 ? "No" : "Yes";
  if (unit === "dateTimeAsIso" || unit.startsWith("dateTime"))
    return new Date(value).toISOString().replace(/\.\d+Z$/, "Z");
  return money(value, unit, decimals) ?? written(value, unit, decimals);
}

function money(value: number, unit: string, decimals?: number | null): string | undefined {
  const sign = CURRENCIES[unit] ?? (unit.startsWith("currency:") ? unit.slice("currency:".length) : undefined);
  if (sign === undefined) return undefined;
  return `${value < 0 ? "-" : ""}${sign}${scaled(Math.abs(value), SCALES.short ?? { steps: [] }, decimals)}`;
}

function written(value: number, unit: string, decimals?: number | null): string {
  const scale = SCALES[unit];
  if (scale !== undefined) return scaled(value, scale, decimals);
  if (unit.startsWith("prefix:")) return `${unit.slice("prefix:".length)}${digits(value, decimals)}`;
  if (unit.startsWith("si:"))
    return scaled(
      value,
      powers(
        1000,
        SI.map((prefix) => ` ${prefix}${unit.slice("si:".length)}`),
      ),
      decimals,
    );
  const suffix = unit.startsWith("suffix:") ? unit.slice("suffix:".length) : ` ${unit}`;
  return `${digits(value, decimals)}${suffix}`;
}

function scaled(value: number, { steps }: Scale, decimals?: number | null): string {
  const size = Math.abs(value);
  // Zero has the unit that was asked for, not the smallest of its kind.
  const one = steps.find(([factor]) => factor === 1) ?? steps[0];
  const found = size === 0 ? one : (steps.findLast(([factor]) => size >= factor) ?? steps[0]);
  const [factor, suffix] = found ?? [1, ""];
  return `${digits(value / factor, decimals)}${suffix}`;
}

/** Three significant digits, without zeros at the end; whole numbers stay whole. */
function digits(value: number, decimals?: number | null): string {
  if (decimals !== undefined && decimals !== null) return value.toFixed(decimals);
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  const places = size === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(size)));
  return String(Number(value.toFixed(Math.min(places, 12))));
}
