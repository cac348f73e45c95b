// SPDX-License-Identifier: Apache-2.0
/**
 * The schema's single values: names, hosts, addresses, ports, dates, amounts. `title` is what an error expects of a value, in words.
 * What no pattern can say, such as a prefix longer than its address, is in `rules.ts`.
 */

const DNS_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const KUBERNETES_NAME = "[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?";

export const VALUES = {
  vendorName: {
    title: 'a name of 1 to 63 characters of a-z, 0-9, "-", "_" and ".", other than "other", "unknown" and "none"',
    type: "string",
    pattern: "^(?!.*\\.\\.)[a-z0-9_-](?:[a-z0-9_.-]{0,61}[a-z0-9_-])?$",
    not: { enum: ["other", "unknown", "none"] },
  },
  host: {
    title: 'a whole DNS name such as "gw.acme.example" (an address belongs under "addresses")',
    type: "string",
    maxLength: 253,
    // A last label of digits only would be an address.
    pattern: `^(?:${DNS_LABEL}\\.)+(?![0-9]+$)${DNS_LABEL}$`,
  },
  network: {
    title: 'an address or a network such as "203.0.113.10", "198.51.100.0/24" or "2001:db8::/32"',
    type: "string",
    maxLength: 49,
    pattern: "^[0-9a-fA-F:.]+(?:/[0-9]{1,3})?$",
  },
  port: { title: "a whole number from 1 to 65535", type: "integer", minimum: 1, maximum: 65_535 },
  token: {
    title: "a token of the username: 1 to 63 characters without colon, slash, at sign and space",
    type: "string",
    pattern: "^[^\\s:/@]{1,63}$",
  },
  separator: {
    title: 'one character such as "-", "_" or ";", neither letter nor digit nor colon',
    type: "string",
    pattern: "^[!-/;-@\\[-`{-~]$",
  },
  currency: {
    title: 'a currency of ISO 4217 such as "USD" or "EUR"',
    type: "string",
    pattern: "^[A-Z]{3}$",
  },
  amount: { title: "a number of at least 0", type: "number", minimum: 0 },
  budget: { title: "a number above 0", type: "number", exclusiveMinimum: 0 },
  ratio: { title: "a number from 0 to 1", type: "number", minimum: 0, maximum: 1 },
  milliseconds: { title: "a whole number from 1 to 600000", type: "integer", minimum: 1, maximum: 600_000 },
  date: { title: 'a day such as "2026-01-31"', type: "string", format: "date" },
  zone: {
    title: 'a zone of the IANA database such as "UTC" or "Europe/Berlin"',
    type: "string",
    pattern: "^[A-Za-z][A-Za-z0-9_+/-]{0,63}$",
  },
  flag: { title: "true or false", type: "boolean" },
  headerName: {
    title: "a header name of 1 to 63 letters, digits and dashes",
    type: "string",
    pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$",
  },
  labelKey: {
    title: 'the key of a pod label such as "proxymeter.io/vendor", at most 63 characters',
    type: "string",
    maxLength: 63,
    pattern: `^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/)?${KUBERNETES_NAME}$`,
  },
  secretName: {
    title: "the name of a Secret: 1 to 253 characters of a-z, 0-9, dash and dot",
    type: "string",
    maxLength: 253,
    pattern: "^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$",
  },
  page: {
    title:
      'the address of a page such as "https://wiki.example/proxymeter/alerts.md", without user, fragment and spaces',
    type: "string",
    maxLength: 512,
    // Prometheus expands templates in annotations, so there are no braces.
    pattern: "^https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%/?&=+,@!-]*)?$",
  },
  image: {
    title: 'an image such as "oci://registry.example/proxymeter@sha256:..." with 64 hexadecimal digits, or with a tag',
    type: "string",
    maxLength: 512,
    pattern:
      "^oci://[a-z0-9.-]+(?::[0-9]{1,5})?(?:/[a-z0-9._-]+)+(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$",
  },
} as const;

/** A bounded count. */
export function count(least: number, most: number) {
  return { title: `a whole number from ${least} to ${most}`, type: "integer", minimum: least, maximum: most };
}

/** One of some words; the error names them from `enum`. */
export function oneOf(...words: readonly string[]) {
  return { title: wordList(words), enum: words };
}

export function wordList(words: readonly string[]): string {
  const quoted = words.map((word) => JSON.stringify(word));
  return quoted.length === 1 ? (quoted[0] ?? "") : `one of ${quoted.join(", ")}`;
}

/** A list of values. `what` completes "a list of". */
export function listOf(what: string, items: object, most: number, least = 0) {
  const size = least > 0 ? `${least} to ${most}` : `at most ${most}`;
  return {
    title: `a list of ${size} ${what}`,
    type: "array",
    items,
    maxItems: most,
    ...(least > 0 && { minItems: least }),
    uniqueItems: true,
  };
}

export function value(name: keyof typeof VALUES) {
  return { $ref: `#/$defs/${name}` };
}
