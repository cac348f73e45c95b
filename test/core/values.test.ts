// SPDX-License-Identifier: Apache-2.0
/**
 * Label values out of hostile and ordinary text: destinations, endpoints, prefixes, credentials, outcomes.
 * Every row runs natively and as compiled Wasm.
 */
import { describe, expect, it } from "vitest";
import { CORES } from "./core.ts";

const DESTINATIONS: readonly (readonly [string, string, number, string])[] = [
  ["a host and the default port", "Shop.Example:443", 443, "shop.example"],
  ["a host and another port", "shop.example:8443", 443, "shop.example:8443"],
  ["a host alone", "shop.example", 80, "shop.example"],
  ["a trailing dot", "shop.example.:443", 443, "shop.example"],
  ["an IPv4 address", "192.0.2.1:80", 443, "192.0.2.1:80"],
  ["an IPv6 literal with the default port", "[2001:DB8::1]:443", 443, "2001:db8::1"],
  ["an IPv6 literal with another port", "[2001:db8::1]:80", 443, "[2001:db8::1]:80"],
  ["an IPv6 literal without brackets", "2001:db8::1", 443, "2001:db8::1"],
  ["an unclosed bracket", "[2001:db8::1", 443, "2001:db8::1"],
  ["user information, which is dropped", "user:secret@shop.example:443", 443, "shop.example"],
  ["nothing", "", 443, ""],
  ["only a port", ":443", 443, ""],
  ["a port that is no number", "shop.example:http", 443, "shop.example"],
  ["a port beyond 65535", "shop.example:70000", 443, "shop.example"],
  ["a port of zero", "shop.example:0", 443, "shop.example"],
  ["the separators of a stat's name", "a;.;b=.=c", 443, "a_._b_._c"],
  ["two dots in a row", "a..b", 443, "a._b"],
  ["a leading dot", ".a", 443, "_a"],
  ["a quote, a backslash and a line feed", 'a"b\\c\nd', 443, "a_b_c_d"],
  ["bytes outside ASCII", "caf\u00e9.example", 443, "caf_.example"],
  ["more bytes than a DNS name has", `${"a".repeat(260)}`, 443, "a".repeat(253)],
];

const ENDPOINTS: readonly (readonly [string, string])[] = [
  ["203.0.113.10:8080", "203.0.113.10 8080"],
  ["203.0.113.10", "203.0.113.10 0"],
  ["[2001:db8::1]:8080", "2001:db8::1 8080"],
  ["2001:DB8:0:0:0:0:0:1", "2001:db8::1 0"],
  ["::", ":: 0"],
  ["::1", "::1 0"],
  ["1::", "1:: 0"],
  ["1:0:0:2:0:0:0:3", "1:0:0:2::3 0"],
  ["::ffff:192.0.2.1", "192.0.2.1 0"],
  ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8 0"],
  ["1:2:3:4:5:6:7", "none"],
  ["1:2:3:4:5:6:7:8:9", "none"],
  ["1::2::3", "none"],
  ["1:2:3:4:5:6:7:", "none"],
  ["12345::", "none"],
  ["256.0.0.1", "none"],
  ["1.2.3", "none"],
  ["1.2.3.4.5", "none"],
  ["1.2.3.4:99999", "none"],
  ["", "none"],
  ["gw.acme.example:80", "none"],
];

const PREFIXES: readonly (readonly [string, string])[] = [
  ["203.0.113.77/24", "203.0.113.0/120"],
  ["10.1.2.3/8", "10.0.0.0/104"],
  ["0.0.0.0/0", "0.0.0.0/96"],
  ["192.0.2.1/32", "192.0.2.1/128"],
  ["192.0.2.1", "192.0.2.1/128"],
  ["2001:db8:ffff::/33", "2001:db8:8000::/33"],
  ["2001:db8::1/0", "::/0"],
  ["192.0.2.1/33", "none"],
  ["192.0.2.1/", "none"],
  ["/24", "none"],
];

const CONFIG = '{"vendors":[{"name":"acme","username":{"pool":"zone","country":"country"}}]}';
const base64 = (text: string) => Buffer.from(text, "latin1").toString("base64");

const CREDENTIALS: readonly (readonly [string, string, string])[] = [
  ["pool and country", `Basic ${base64("cust-zone-res1-country-US-session-9:pw")}`, "res1 us"],
  ["pool alone", `basic   ${base64("zone-dc:pw")}`, "dc "],
  ["a key without a value", `Basic ${base64("cust-zone:pw")}`, " "],
  ["a key that is only part of a token", `Basic ${base64("myzone-x-zonex-y:pw")}`, " "],
  ["a key in the password", `Basic ${base64("cust:x-zone-secret")}`, " "],
  ["no colon", `Basic ${base64("cust-zone-a")}`, "a "],
  ["another scheme", `Bearer ${base64("cust-zone-a:pw")}`, " "],
  ["bytes that are not base64", "Basic !!!!", " "],
  ["separators of a stat's name in the pool", `Basic ${base64("c-zone-a;.;b:pw")}`, "a_._b "],
  ["a pool longer than a label may be", `Basic ${base64(`c-zone-${"p".repeat(90)}:pw`)}`, `${"p".repeat(48)} `],
];

const CONNECT = 0;
const HTTP = 1;
const SOCKS5 = 2;
const SOCKS4 = 3;
const TARGET = 1;
const VENDOR = 2;

const OUTCOMES: readonly (readonly [string, number, number, number, string])[] = [
  ["CONNECT answered with 200", CONNECT, 200, 0, "ok ok"],
  ["CONNECT answered with 407", CONNECT, 407, 0, "vendor_auth vendor_fault"],
  ["CONNECT answered with 429", CONNECT, 429, 0, "rate_limited vendor_fault"],
  ["CONNECT answered with 502", CONNECT, 502, 0, "vendor_error vendor_fault"],
  ["CONNECT answered with 502 for the target's sake", CONNECT, 502, TARGET, "target_unreachable target_fault"],
  ["CONNECT answered with 403", CONNECT, 403, 0, "vendor_error vendor_fault"],
  ["HTTP answered with 204", HTTP, 204, 0, "ok ok"],
  ["HTTP answered with 302", HTTP, 302, 0, "ok ok"],
  ["HTTP answered with 404", HTTP, 404, 0, "target_error target_fault"],
  ["HTTP answered with 500", HTTP, 500, 0, "target_error target_fault"],
  ["HTTP answered with 503", HTTP, 503, 0, "vendor_error vendor_fault"],
  ["HTTP answered with 503 for the target's sake", HTTP, 503, TARGET, "target_unreachable target_fault"],
  ["HTTP answered with 500 by the proxy itself", HTTP, 500, VENDOR, "vendor_error vendor_fault"],
  ["HTTP answered with 407", HTTP, 407, 0, "vendor_auth vendor_fault"],
  ["HTTP answered with 429", HTTP, 429, 0, "rate_limited vendor_fault"],
  ["SOCKS5 granted", SOCKS5, 0, 0, "ok ok"],
  ["SOCKS5 general failure", SOCKS5, 1, 0, "vendor_error vendor_fault"],
  ["SOCKS5 not allowed by ruleset", SOCKS5, 2, 0, "vendor_error vendor_fault"],
  ["SOCKS5 network unreachable", SOCKS5, 3, 0, "target_unreachable target_fault"],
  ["SOCKS5 host unreachable", SOCKS5, 4, 0, "target_unreachable target_fault"],
  ["SOCKS5 connection refused", SOCKS5, 5, 0, "target_unreachable target_fault"],
  ["SOCKS5 an unknown code", SOCKS5, 99, 0, "vendor_error vendor_fault"],
  ["SOCKS4 granted", SOCKS4, 90, 0, "ok ok"],
  ["SOCKS4 rejected", SOCKS4, 91, 0, "vendor_error vendor_fault"],
  ["SOCKS4 without identification", SOCKS4, 92, 0, "vendor_auth vendor_fault"],
];

const PROXY_STATUS: readonly (readonly [string, string])[] = [
  ["gw; error=dns_error; rcode=NXDOMAIN", "1"],
  ["gw; error=connection_refused", "1"],
  ["gw; error=destination_unavailable", "1"],
  ["gw; error=tls_certificate_error", "1"],
  ["gw; error=proxy_internal_error", "2"],
  ["gw; error=connection_limit_reached", "2"],
  ["a; error=proxy_internal_error, b; error=dns_timeout", "1"],
  ["gw; received-status=200", "0"],
  ["error=", "0"],
  ["", "0"],
];

describe.each(CORES)("label values on %s", (_target, core) => {
  it.each(DESTINATIONS)("destination of %s", (_name, authority, port, want) => {
    core.call.destinationOf(core.input(authority), port);
    expect(core.output()).toBe(want);
  });

  it.each(ENDPOINTS)("endpoint %s is %s", (text, want) => {
    core.call.endpointOf(core.input(text));
    expect(core.output()).toBe(want);
  });

  it.each(PREFIXES)("prefix %s is %s", (text, want) => {
    core.call.prefixOf(core.input(text));
    expect(core.output()).toBe(want);
  });

  it.each(CREDENTIALS)("credentials with %s", (_name, header, want) => {
    core.call.configure(core.input(CONFIG));
    core.call.open();
    core.output();
    core.call.credentials(core.input(header));
    expect(core.output()).toBe(want);
  });

  it.each(OUTCOMES)("outcome of %s", (_name, kind, code, status, want) => {
    core.call.outcomeOf(kind, code, status);
    expect(core.output()).toBe(want);
  });

  it.each(PROXY_STATUS)("Proxy-Status %s has class %s", (value, want) => {
    core.call.proxyStatusOf(core.input(value));
    expect(core.output()).toBe(want);
  });
});
