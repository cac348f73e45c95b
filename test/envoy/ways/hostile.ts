// SPDX-License-Identifier: Apache-2.0
/**
 * Conversations whose hosts, headers and usernames try to break out of a label or to carry a secret into one.
 */
import { clientHello, records, serverNameExtension, sized } from "../../core/hello.ts";
import { bytes, head, type Turn } from "./way.ts";

export const SECRETS = {
  password: "hunter2-Pa55",
  session: "sess9f8e7d6c",
  customer: "customer4711",
  token: "tok-1b2c3d",
};

/** Separators of stat names, of the exposition and of other stats, and bytes that belong in no name. */
export const POISONS: Record<string, string> = {
  "the end of a tag": "a;.;b.example",
  "a whole tag": "a;.;proxy_vendor=.=globex;.;b",
  "another metric": "a;.;proxymeter_vendor_requests_total",
  "the sign between tag and value": "a=.=b.example",
  "quotes, braces and a backslash": 'a"} 1\\{x="',
  "a host that looks like built-in tags": "cache.a.component.b.wasm_filter.c.tag.d;.",
  "a response code": "a_rq_200",
  "empty parts": "..a...b..",
  UTF8: Buffer.from("日本語.example", "utf8").toString("latin1"),
  "bytes above 127": "\x80\xff\xfe",
  "four hundred characters": "x".repeat(400),
};

/** These can stand where lengths say where a name ends, and in base64. */
export const CONTROL_POISONS: Record<string, string> = {
  "a line feed": "a\nproxymeter_vendor_requests_total 7\nb",
  "CR LF": "a\r\nb",
  NUL: "a\0b",
  blanks: " a b\t",
  nothing: "",
};

const OK = head("HTTP/1.1 200 OK", "Content-Length: 0");
const opened = (request: Buffer): Turn[] => [
  [">", request],
  ["<", head("HTTP/1.1 200 Connection Established")],
];

/** By name of the place: the conversation with the poison in it. */
export const LINE_PLACES: Record<string, (poison: string) => Turn[]> = {
  "the target of CONNECT": (poison) => opened(head(`CONNECT ${poison}:443 HTTP/1.1`)),
  "the address of an absolute-form request": (poison) => [
    [">", head(`GET http://${poison}/ HTTP/1.1`, "Host: shop-01.example")],
    ["<", OK],
  ],
  "a Host header": (poison) => [
    [">", head("GET / HTTP/1.1", `Host: ${poison}`)],
    ["<", OK],
  ],
  "the header that names the vendor": (poison) =>
    opened(head("CONNECT a.example:443 HTTP/1.1", `X-Proxy-Vendor: ${poison}`)),
  "the header that names the pool": (poison) =>
    opened(head("CONNECT a.example:443 HTTP/1.1", `X-Proxy-Pool: ${poison}`)),
  "the header of the extra label": (poison) => opened(head("CONNECT a.example:443 HTTP/1.1", `X-Job: ${poison}`)),
  "a Proxy-Status header": (poison) => [
    [">", head("CONNECT a.example:443 HTTP/1.1")],
    ["<", head("HTTP/1.1 502 Bad Gateway", "Content-Length: 0", `Proxy-Status: acme; error=${poison}`)],
  ],
};

const socks5 = (...messages: Turn[]): Turn[] => [[">", Buffer.from([5, 2, 0, 2])], ...messages];
const NO_AUTHENTICATION: Turn = ["<", Buffer.from([5, 0])];
const GRANTED: Turn = ["<", Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])];
const asked = (host: string): Turn => [
  ">",
  Buffer.concat([Buffer.from([5, 1, 0, 3]), sized(1, bytes(host.slice(0, 255))), Buffer.from([1, 187])]),
];
const credentials = (username: string) => Buffer.from(`${username}:${SECRETS.password}`, "latin1").toString("base64");

export const BYTE_PLACES: Record<string, (poison: string) => Turn[]> = {
  "a SOCKS5 domain": (poison) => socks5(NO_AUTHENTICATION, asked(poison), GRANTED),
  "a SOCKS4a domain": (poison) => [
    [">", Buffer.concat([Buffer.from([4, 1, 1, 187, 0, 0, 0, 9]), bytes("user\0", poison.replaceAll("\0", ""), "\0")])],
    ["<", Buffer.from([0, 90, 0, 0, 0, 0, 0, 0])],
  ],
  "a TLS server name": (poison) => [
    [">", records(22, clientHello([serverNameExtension(poison)]))],
    ["<", records(22, Buffer.alloc(90, 2))],
  ],
  "the pool in a username of CONNECT": (poison) =>
    opened(
      head("CONNECT a.example:443 HTTP/1.1", `Proxy-Authorization: Basic ${credentials(`u-zone-${poison}-session-x`)}`),
    ),
  "the country in a username of SOCKS5": (poison) =>
    socks5(
      ["<", Buffer.from([5, 2])],
      [
        ">",
        Buffer.concat([
          Buffer.from([1]),
          sized(1, bytes(`u-country-${poison}`.slice(0, 255))),
          sized(1, bytes(SECRETS.password)),
        ]),
      ],
      ["<", Buffer.from([1, 0])],
      asked("a.example"),
      GRANTED,
    ),
};

const USERNAME = `${SECRETS.customer}-zone-residential-session-${SECRETS.session}`;

/** Everything that knows a secret, used as it should be. */
export const CONFIDENCES: Record<string, Turn[]> = {
  "credentials of CONNECT": opened(
    head("CONNECT a.example:443 HTTP/1.1", `Proxy-Authorization: Basic ${credentials(USERNAME)}`),
  ),
  "credentials of another scheme": opened(
    head("CONNECT a.example:443 HTTP/1.1", `Proxy-Authorization: Bearer ${SECRETS.token}`),
  ),
  "credentials of an absolute-form request": [
    [
      ">",
      head(
        `GET http://${SECRETS.customer}:${SECRETS.password}@a.example/${SECRETS.session}?t=${SECRETS.token} HTTP/1.1`,
        `Proxy-Authorization: basic ${credentials(USERNAME)}`,
        `Cookie: ${SECRETS.token}`,
      ),
    ],
    ["<", head("HTTP/1.1 200 OK", "Content-Length: 0", `Set-Cookie: ${SECRETS.token}`)],
  ],
  "a password with an at sign in a CONNECT target": opened(
    head(`CONNECT ${SECRETS.customer}:x@${SECRETS.password}@a.example:443 HTTP/1.1`),
  ),
  "credentials of SOCKS5": socks5(
    ["<", Buffer.from([5, 2])],
    [">", Buffer.concat([Buffer.from([1]), sized(1, bytes(USERNAME)), sized(1, bytes(SECRETS.password))])],
    ["<", Buffer.from([1, 0])],
    asked("a.example"),
    GRANTED,
  ),
  "the user of SOCKS4": [
    [">", Buffer.concat([Buffer.from([4, 1, 1, 187, 203, 0, 113, 80]), bytes(`${USERNAME}\0`)])],
    ["<", Buffer.from([0, 90, 0, 0, 0, 0, 0, 0])],
  ],
};

/** As they are, and as base64 carries them. */
export const SECRET_TEXTS: readonly string[] = [...Object.values(SECRETS), credentials(USERNAME)];
