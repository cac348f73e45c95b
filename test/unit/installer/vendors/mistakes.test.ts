// SPDX-License-Identifier: Apache-2.0
/**
 * Every message about a mistake of YAML or of shape in a vendors.yaml, pinned by an example with its line and column.
 */
import { describe, expect, it } from "vitest";
import { errorOf, HEAD, mistakesOf } from "./reading.ts";

const VENDOR = `${HEAD}vendors:\n- name: acme\n  `;
const PRICE = "price: {currency: USD, perGB: 8";

const NAME = 'a name of 1 to 63 characters of a-z, 0-9, "-", "_" and ".", other than "other", "unknown" and "none"';
const HOST = 'a whole DNS name such as "gw.acme.example" (an address belongs under "addresses")';
const NETWORK = 'an address or a network such as "203.0.113.10", "198.51.100.0/24" or "2001:db8::/32"';
const GATEWAY = 'an object with ports, and host or addresses, or a text such as "gw.acme.example:8080"';
const TOKEN = "a token of the username: 1 to 63 characters without colon, slash, at sign and space";
const PAGE =
  'the address of a page such as "https://wiki.example/proxymeter/alerts.md", without user, fragment and spaces';
const IMAGE =
  'an image such as "oci://registry.example/proxymeter@sha256:..." with 64 hexadecimal digits, or with a tag';

describe("a mistake of YAML", () => {
  it.each([
    [
      "an open list",
      `${HEAD}vendors: [`,
      "2:11: found no valid YAML, expected YAML 1.2: flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
    [
      "a member twice",
      `${HEAD}detail: full\ndetail: full\n`,
      "3:1: found the same member twice, expected each member once",
    ],
    ["a tab", `${HEAD}limits:\n\tseries: 1\n`, "3:1: found a tab as indentation, expected spaces"],
    ["two documents", `${HEAD}---\n${HEAD}`, '2:1: found a second document, expected one (take out the "---")'],
    [
      "a tag",
      `${HEAD}detail: !env DETAIL\n`,
      "2:9: found a tag, expected a plain value (take out the word that begins with an exclamation mark)",
    ],
    [
      "an alias to nothing",
      `${HEAD}podLabels: *keys\n`,
      "2:12: podLabels: found an alias without anchor, expected a value",
    ],
    [
      "a member that is a list",
      `${HEAD}? [a]\n: 1\n`,
      "2:3: found a member whose name is no text, expected a plain name",
    ],
    [
      "an alias within itself",
      `${HEAD}podLabels: &keys [*keys]\n`,
      "2:19: found more than 20 levels of nesting (an alias within itself?), expected fewer",
    ],
  ])("is reported: %s", (_name, text, want) => {
    expect(mistakesOf(text)).toContain(want);
  });

  it("does not repeat what was found, which may be a secret", () => {
    expect(errorOf(`${HEAD}vendors: "hunter2" hunter3\n`).message).not.toMatch(/hunter/);
  });
});

describe("a mistake of shape", () => {
  it.each([
    ["an empty file", "", "1:1: found nothing, expected an object with apiVersion, vendors and so on"],
    ["a list as file", "- 1\n", "1:1: found a list of one, expected an object with apiVersion, vendors and so on"],
    [
      "no version",
      "kind: Vendors\n",
      '1:1: apiVersion: found nothing, expected "proxymeter.io/v1" (there is no default)',
    ],
    [
      "another version",
      "apiVersion: proxymeter.io/v2\n",
      '1:13: apiVersion: found "proxymeter.io/v2", expected "proxymeter.io/v1"',
    ],
    ["another kind", `${HEAD}kind: Vendor\n`, '2:7: kind: found "Vendor", expected "Vendors"'],
    [
      "a vendor without name",
      `${HEAD}vendors:\n- cidrs: []\n`,
      `3:3: vendors[0].name: found nothing, expected ${NAME} (there is no default)`,
    ],
    [
      "a name that stands for none",
      `${HEAD}vendors:\n- name: none\n`,
      `3:9: vendors[0].name: found "none", expected ${NAME}`,
    ],
    ["capitals in a name", `${HEAD}vendors:\n- name: Acme\n`, `3:9: vendors[0].name: found "Acme", expected ${NAME}`],
    [
      "a name that YAML reads as a number",
      `${HEAD}vendors:\n- name: 007\n`,
      `3:9: vendors[0].name: found 7, expected ${NAME} (put it in quotes)`,
    ],
    [
      "a member that is nearly known",
      `${VENDOR}gatways: []\n`,
      '4:3: vendors[0].gatways: found an unknown member, did you mean "gateways"?',
    ],
    [
      "a member that is unknown",
      `${HEAD}headers: {x: 1}\n`,
      '2:11: headers.x: found an unknown member, expected one of "vendor", "pool", "remove"',
    ],
    [
      "a member with an odd name",
      `${HEAD}extra: {"a b": 1}\n`,
      '2:9: extra["a b"]: found an unknown member, expected one of "header", "podLabel"',
    ],
    [
      "a credential",
      `${VENDOR}password: hunter2\n`,
      "4:3: vendors[0].password: found what looks like a credential, expected none: this file holds no secrets",
    ],
    [
      "nothing for a list",
      `${VENDOR}gateways:\n`,
      "4:12: vendors[0].gateways: found nothing, expected a list of at most 256 gateways",
    ],
    [
      "a number for a gateway",
      `${VENDOR}gateways: [8080]\n`,
      `4:14: vendors[0].gateways[0]: found 8080, expected ${GATEWAY}`,
    ],
    [
      "a gateway without port",
      `${VENDOR}gateways: [gw.acme.example]\n`,
      `4:14: vendors[0].gateways[0]: found "gw.acme.example", expected ${GATEWAY}`,
    ],
    [
      "credentials in a gateway",
      `${VENDOR}gateways: ["http://u:hunter2@gw.acme.example:1"]\n`,
      `4:14: vendors[0].gateways[0]: found "http://***@gw.acme.example:1", expected ${GATEWAY}`,
    ],
    [
      "no ports",
      `${VENDOR}gateways: [{host: gw.acme.example}]\n`,
      "4:14: vendors[0].gateways[0].ports: found nothing, expected a list of 1 to 100 ports (there is no default)",
    ],
    [
      "an empty list of ports",
      `${VENDOR}gateways: [{host: gw.acme.example, ports: []}]\n`,
      "4:45: vendors[0].gateways[0].ports: found a list of 0, expected a list of 1 to 100 ports",
    ],
    [
      "a port that is no number",
      `${VENDOR}gateways: [{host: gw.acme.example, ports: [80a0]}]\n`,
      '4:46: vendors[0].gateways[0].ports[0]: found "80a0", expected a whole number from 1 to 65535',
    ],
    [
      "a port that is too large",
      `${VENDOR}gateways: [{host: gw.acme.example, ports: [65536]}]\n`,
      "4:46: vendors[0].gateways[0].ports[0]: found 65536, expected a whole number from 1 to 65535",
    ],
    [
      "an address as host",
      `${VENDOR}gateways: [{host: 203.0.113.1, ports: [1]}]\n`,
      `4:21: vendors[0].gateways[0].host: found "203.0.113.1", expected ${HOST}`,
    ],
    [
      "an unknown protocol",
      `${VENDOR}gateways: [{host: gw.acme.example, ports: [1], protocol: sock5}]\n`,
      '4:60: vendors[0].gateways[0].protocol: found "sock5", expected one of "http", "https", "socks5" (did you mean "socks5"?)',
    ],
    [
      "an unknown mode",
      `${VENDOR}gateways: [{host: gw.acme.example, ports: [1], mode: udp}]\n`,
      '4:56: vendors[0].gateways[0].mode: found "udp", expected one of "tcp", "http"',
    ],
    ["words for a network", `${VENDOR}cidrs: [all]\n`, `4:11: vendors[0].cidrs[0]: found "all", expected ${NETWORK}`],
    [
      "an empty pattern",
      `${VENDOR}username: {}\n`,
      "4:13: vendors[0].username: found an empty object, expected an object with pool, zone or country",
    ],
    [
      "a whole username",
      `${VENDOR}username: customer-x:hunter2\n`,
      "4:13: vendors[0].username: found another text (not shown), expected an object with pool, zone or country",
    ],
    [
      "a token with password",
      `${VENDOR}username: {pool: "x:hunter2"}\n`,
      `4:20: vendors[0].username.pool: found another text (not shown), expected ${TOKEN}`,
    ],
    [
      "a number as token",
      `${VENDOR}username: {pool: 4711}\n`,
      `4:20: vendors[0].username.pool: found a number, expected ${TOKEN} (put it in quotes)`,
    ],
    [
      "a long separator",
      `${VENDOR}username: {pool: zone, separator: "--"}\n`,
      '4:37: vendors[0].username.separator: found another text (not shown), expected one character such as "-", "_" or ";", neither letter nor digit nor colon',
    ],
    [
      "an unknown currency",
      `${VENDOR}price: {currency: usd, perGB: 1}\n`,
      '4:21: vendors[0].price.currency: found "usd", expected a currency of ISO 4217 such as "USD" or "EUR"',
    ],
    [
      "no price in a price",
      `${VENDOR}price: {currency: USD}\n`,
      "4:10: vendors[0].price.perGB: found nothing, expected a number of at least 0 (there is no default)",
    ],
    [
      "an endless price",
      `${VENDOR}price: {currency: USD, perGB: .inf}\n`,
      "4:33: vendors[0].price.perGB: found Infinity, expected a number of at least 0",
    ],
    [
      "a day that does not exist",
      `${VENDOR}${PRICE}, tiers: [{perGB: 1, from: 2026-02-30}]}\n`,
      '4:61: vendors[0].price.tiers[0].from: found "2026-02-30", expected a day such as "2026-01-31"',
    ],
    [
      "an unknown direction",
      `${VENDOR}billing: {directions: in}\n`,
      '4:25: vendors[0].billing.directions: found "in", expected one of "both", "sent", "received"',
    ],
    [
      "an unknown outcome",
      `${VENDOR}billing: {unbilledOutcomes: [vendor_eror]}\n`,
      '4:32: vendors[0].billing.unbilledOutcomes[0]: found "vendor_eror", expected one of "ok", "target_error", "rate_limited", "vendor_auth", "vendor_error", "vendor_unreachable", "target_unreachable", "reset", "client_abort" (did you mean "vendor_error"?)',
    ],
    [
      "a word for a flag",
      `${VENDOR}billing: {handshake: yes}\n`,
      '4:24: vendors[0].billing.handshake: found "yes", expected true or false',
    ],
    [
      "a ratio in percent",
      `${VENDOR}alerts: {successRatio: 95}\n`,
      "4:26: vendors[0].alerts.successRatio: found 95, expected a number from 0 to 1",
    ],
    [
      "half a millisecond",
      `${VENDOR}alerts: {handshakeMilliseconds: 0.5}\n`,
      "4:35: vendors[0].alerts.handshakeMilliseconds: found 0.5, expected a whole number from 1 to 600000",
    ],
    [
      "no budget",
      `${VENDOR}${PRICE}}\n  alerts: {monthlyBudget: 0}\n`,
      "5:27: vendors[0].alerts.monthlyBudget: found 0, expected a number above 0",
    ],
    [
      "too many label keys",
      `${HEAD}podLabels: [a, b, c, d, e]\n`,
      "2:12: podLabels: found a list of 5, expected a list of at most 4 keys of pod labels",
    ],
    [
      "a label key with a space",
      `${HEAD}podLabels: [a b]\n`,
      '2:13: podLabels[0]: found "a b", expected the key of a pod label such as "proxymeter.io/vendor", at most 63 characters',
    ],
    [
      "a header with colon",
      `${HEAD}headers: {pool: "x:"}\n`,
      '2:17: headers.pool: found "x:", expected a header name of 1 to 63 letters, digits and dashes',
    ],
    [
      "nothing extra",
      `${HEAD}extra: {}\n`,
      "2:8: extra: found an empty object, expected an object with header or podLabel",
    ],
    [
      "too many series",
      `${HEAD}limits: {series: 30000}\n`,
      "2:18: limits.series: found 30000, expected a whole number from 1 to 20000",
    ],
    [
      "an image without scheme",
      `${HEAD}filter: {image: registry.example/p}\n`,
      `2:17: filter.image: found "registry.example/p", expected ${IMAGE}`,
    ],
    [
      "an image with half a digest",
      `${HEAD}filter: {image: "oci://registry.example/p@sha256:12"}\n`,
      `2:17: filter.image: found "oci://registry.example/p@sha256:12", expected ${IMAGE}`,
    ],
    [
      "a secret's odd name",
      `${HEAD}filter: {image: "oci://r.example/p", pullSecret: A}\n`,
      '2:50: filter.pullSecret: found "A", expected the name of a Secret: 1 to 253 characters of a-z, 0-9, dash and dot',
    ],
    [
      "a page with a fragment",
      `${HEAD}alerts: {runbookUrl: "https://wiki.example/a#b"}\n`,
      `2:22: alerts.runbookUrl: found "https://wiki.example/a#b", expected ${PAGE}`,
    ],
    [
      "a page that Prometheus would expand",
      `${HEAD}alerts: {runbookUrl: "https://wiki.example/{{ .Value }}"}\n`,
      `2:22: alerts.runbookUrl: found "https://wiki.example/{{ .Value }}", expected ${PAGE}`,
    ],
    [
      "a page of no web server",
      `${HEAD}alerts: {runbookUrl: "file:///docs/alerts.md"}\n`,
      `2:22: alerts.runbookUrl: found "file:///docs/alerts.md", expected ${PAGE}`,
    ],
  ])("is reported: %s", (_name, text, want) => {
    expect(mistakesOf(text)).toEqual([want]);
  });
});

describe("the error", () => {
  it("counts the mistakes, and carries code, exit status and the next step", () => {
    const error = errorOf(`${HEAD}detial: full\n`);
    expect(error).toMatchObject({ code: "E_VENDORS", exitCode: 2 });
    expect(error.message).toMatch(/^cannot use vendors\.yaml: found one mistake\n/);
    expect(error.hint).toContain("docs/vendors.md");
  });

  it("shows at most 100 mistakes, and how many more there are", () => {
    const error = errorOf(`${HEAD}neverMetered: [${"x, ".repeat(250)}]\n`);
    expect(error.message.split("\n")).toHaveLength(102);
    expect(error.message).toMatch(/found 250 mistakes\n/);
    expect(error.message).toMatch(/\nand 150 more$/);
  });

  it("cuts long texts and writes control characters out", () => {
    const [line] = mistakesOf(`${HEAD}detail: "\\e[2J\\u0085\\u202e${"x".repeat(500)}"\n`);
    expect(line).toContain('found "\\u001b[2J\\u0085\\u202exxx');
    expect(line?.length).toBeLessThan(200);
  });
});
