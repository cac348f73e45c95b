// SPDX-License-Identifier: Apache-2.0
/**
 * Rules between members of a vendors.yaml that a schema cannot say. Each looks at what is sound and reports what it finds.
 * Rules about gateways and networks are in `rules-gateways.ts`, about prices in `rules-price.ts`.
 */
import { DEFAULTS } from "./defaults.ts";
import { type Mistake, type Path, pathText, quoted } from "./mistake.ts";
import { foundText } from "./messages.ts";
import { GATEWAY_RULES } from "./rules-gateways.ts";
import { PRICE_RULES } from "./rules-price.ts";
import { isWhole, type Sound, type Written } from "./written.ts";

export type Rule = (file: Sound<Written>) => Mistake[];

export function checkRules(file: Sound<Written>): Mistake[] {
  return [...RULES, ...GATEWAY_RULES, ...PRICE_RULES].flatMap((rule) => rule(file));
}

const RULES: readonly Rule[] = [
  function listsHaveNothingTwice(file) {
    return repetitions(file, []);
  },

  function vendorsHaveNamesOfTheirOwn({ vendors = [] }) {
    const known = new Map<string, { name: string; path: Path }>();
    return vendors.flatMap((vendor, index): Mistake[] => {
      if (vendor?.name === undefined) return [];
      const path = ["vendors", index, "name"];
      // Pods that were not restarted report names without dots.
      const reported = vendor.name.replaceAll(".", "_");
      const first = known.get(reported);
      known.set(reported, first ?? { name: vendor.name, path });
      if (first === undefined) return [];
      const what = first.name === vendor.name ? "a name of its own" : 'a name that differs by more than "." and "_"';
      return [
        {
          path,
          text: `found ${quoted(vendor.name)}, expected ${what}: ${pathText(first.path)} is ${quoted(first.name)}`,
        },
      ];
    });
  },

  function usernameTokensCanBeFound({ vendors = [] }) {
    return vendors.flatMap((vendor, index) => {
      const { separator = DEFAULTS.username.separator, ...tokens } = vendor?.username ?? {};
      const path = ["vendors", index, "username"];
      if (!isWhole(vendor?.username ?? {})) return [];
      const cut = Object.entries(tokens)
        .filter(([, token]) => token?.includes(separator))
        .map(([member]) => ({
          path: [...path, member],
          text: `found the separator ${quoted(separator)} in a token (not shown), expected a token between two separators`,
        }));
      return [...cut, ...equalMembers(tokens, path, "a token of its own")];
    });
  },

  function headersAreDistinct({ headers = {}, extra = {} }) {
    const { remove: _, ...names } = { ...DEFAULTS.headers, ...headers };
    const lower = (name: string | undefined) => name?.toLowerCase();
    const all = { vendor: lower(names.vendor), pool: lower(names.pool), header: lower(extra.header) };
    const expected = "a header of its own";
    return equalMembers(all, [], expected).map((mistake) => ({
      ...mistake,
      path: [mistake.path[0] === "header" ? "extra" : "headers", ...mistake.path],
    }));
  },
];

/** Values that several members share; each but the first is a mistake. */
function equalMembers(members: Record<string, string | undefined>, path: Path, expected: string): Mistake[] {
  const known = new Map<string, string>();
  return Object.entries(members).flatMap(([member, value]): Mistake[] => {
    if (value === undefined) return [];
    const first = known.get(value);
    known.set(value, first ?? member);
    if (first === undefined) return [];
    return [{ path: [...path, member], text: `found the same as in ${first}, expected ${expected}` }];
  });
}

function repetitions(value: unknown, path: Path): Mistake[] {
  if (typeof value !== "object" || value === null) return [];
  if (!Array.isArray(value)) {
    return Object.entries(value).flatMap(([member, item]) => repetitions(item, [...path, member]));
  }
  // Gateways are compared by more than their text.
  if (path.at(-1) === "gateways") return value.flatMap((item, index) => repetitions(item, [...path, index]));
  const known = new Map<unknown, number>();
  return value.flatMap((item: unknown, index) => {
    if (item === undefined || item === null) return [];
    if (typeof item === "object") return repetitions(item, [...path, index]);
    const key = typeof item === "string" ? item.toLowerCase() : item;
    const first = known.get(key);
    known.set(key, first ?? index);
    if (first === undefined) return [];
    const where = [...path, index];
    return [{ path: where, text: `found ${foundText(item, where)} again, expected it once: it is item ${first} too` }];
  });
}
