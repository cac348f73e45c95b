// SPDX-License-Identifier: Apache-2.0
/**
 * Light and dark, and the colours of drawings in each. A name keeps its colour over all panels of a page.
 */

export type Theme = "system" | "light" | "dark";

const KEY = "proxymeter-theme";
const PALETTE = {
  light: ["#1f5fbf", "#b35900", "#2a7d4f", "#a3278f", "#8a6d00", "#0d7f93", "#c2334d", "#5a51c7", "#5f7a1f", "#7b4b2a"],
  dark: ["#6ea8ff", "#ff9e4a", "#57c98a", "#ec7fd9", "#e3c341", "#4fc6dc", "#ff7f92", "#a79dff", "#a9cc5c", "#d1a07c"],
};

/** Colours that Grafana has names for, in both themes dark or light enough to be read. */
const NAMED: Readonly<Record<string, { light: string; dark: string }>> = {
  green: { light: "#1f7a45", dark: "#57c98a" },
  yellow: { light: "#8a6d00", dark: "#e3c341" },
  orange: { light: "#b35900", dark: "#ff9e4a" },
  red: { light: "#b42318", dark: "#ff7f75" },
  blue: { light: "#1f5fbf", dark: "#6ea8ff" },
  purple: { light: "#8a3ab0", dark: "#cf94f0" },
  gray: { light: "#57606a", dark: "#a2abb6" },
  grey: { light: "#57606a", dark: "#a2abb6" },
  text: { light: "#1b1f24", dark: "#e7eaee" },
};

/** Each name's place in the palette. */
const places = new Map<string, number>();

export function readTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function setTheme(theme: Theme): void {
  if (theme === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  showTheme(theme);
}

export function showTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function isDark(): boolean {
  const { theme } = document.documentElement.dataset;
  return theme === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
}

/** Calls back when the system's theme changes. */
export function onSystemTheme(changed: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}

/** The colour of a name, the same wherever it appears. */
export function colorOf(name: string): string {
  const place = places.get(name) ?? places.size;
  places.set(name, place);
  const palette = isDark() ? PALETTE.dark : PALETTE.light;
  return palette[place % palette.length] ?? "";
}

/** A colour as CSS has it, of Grafana's name or of CSS's own. */
export function cssColor(color: string): string {
  const plain = color.replace(/^(semi-dark|dark|light|super-light)-/, "");
  return NAMED[plain]?.[isDark() ? "dark" : "light"] ?? color;
}

/** A colour of the page's style, such as `--text`. */
export function styleColor(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
