// SPDX-License-Identifier: Apache-2.0
/**
 * Conversations between a crawler (">") and a gateway ("<") as latin1 text, and the books they must give:
 * rows of destination, requests, bytes sent, bytes received, ordered by destination.
 */

export interface ConversationVector {
  name: string;
  turns: [direction: ">" | "<", text: string][];
  want: [host: string, requests: number, sentBytes: number, receivedBytes: number][];
}

const ESTABLISHED = "HTTP/1.1 200 Connection Established\r\n\r\n";
const HELLO = "\x16\x03\x01hello";
const connect = (target: string) => `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`;
const get = (url: string, more = "") => `GET ${url} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
const ok = (body: string, more = "") => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;
const size = (...texts: string[]) => texts.join("").length;
const DENIED = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 6\r\n\r\ndenied";
const UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
const SWITCHED = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
const CHUNKED = "Transfer-Encoding: chunked\r\n";
const CHUNKS = "5;name=value\r\nhello\r\nA\r\n0123\r\n\r\n90\r\n0\r\nTrailer: a\r\n\r\n";
const POST = `POST http://a.example/ HTTP/1.1\r\nContent-Length: 30\r\n\r\n${get("http://no.example/").slice(0, 30)}`;

const CONNECTS: ConversationVector[] = [
  {
    name: "a tunnel and drops port 443",
    turns: [
      [">", connect("Shop.Example:443")],
      ["<", ESTABLISHED],
      [">", HELLO],
      ["<", "GET http://other.example/ HTTP/1.1\r\n\r\n"],
      [">", "CONNECT other.example:443 HTTP/1.1\r\n\r\n"],
    ],
    want: [["shop.example", 1, size(connect("Shop.Example:443"), HELLO) + 38, ESTABLISHED.length + 38]],
  },
  {
    name: "a CONNECT to another port and keeps the port",
    turns: [
      [">", connect("shop.example:8443")],
      ["<", ESTABLISHED],
    ],
    want: [["shop.example:8443", 1, size(connect("shop.example:8443")), ESTABLISHED.length]],
  },
  {
    name: "CONNECT to an IPv6 address without its brackets",
    turns: [[">", connect("[2001:DB8::1]:443")]],
    want: [["2001:db8::1", 1, size(connect("[2001:DB8::1]:443")), 0]],
  },
  {
    name: "data sent ahead of the answer as the tunnel's",
    turns: [
      [">", connect("a.example:443") + HELLO],
      ["<", ESTABLISHED],
    ],
    want: [["a.example", 1, size(connect("a.example:443"), HELLO), ESTABLISHED.length]],
  },
  {
    name: "a 407 and the second try on the same connection as two requests",
    turns: [
      [">", connect("a.example:443")],
      ["<", DENIED],
      [">", connect("a.example:443")],
      ["<", ESTABLISHED],
      [">", HELLO],
      ["<", "hi"],
    ],
    want: [["a.example", 2, size(connect("a.example:443")) * 2 + HELLO.length, size(DENIED, ESTABLISHED, "hi")]],
  },
  {
    name: "requests pipelined behind a refused CONNECT for what they are",
    turns: [
      [">", connect("a.example:443") + connect("b.example:443")],
      ["<", DENIED],
      ["<", ESTABLISHED],
      [">", "x"],
    ],
    want: [
      ["a.example", 1, size(connect("a.example:443")), DENIED.length],
      ["b.example", 1, size(connect("b.example:443")) + 1, ESTABLISHED.length],
    ],
  },
  {
    name: "an interim answer before the tunnel opens",
    turns: [
      [">", connect("a.example:443")],
      ["<", `HTTP/1.1 100 Continue\r\n\r\n${ESTABLISHED}raw`],
    ],
    want: [["a.example", 1, size(connect("a.example:443")), 25 + ESTABLISHED.length + 3]],
  },
  {
    name: "an answer to CONNECT whose Content-Length means nothing",
    turns: [
      [">", connect("a.example:443")],
      ["<", ok("").replace("Length: 0", "Length: 9")],
      [">", get("http://b.example/")],
      ["<", "0123456789abcdef"],
    ],
    want: [["a.example", 1, size(connect("a.example:443"), get("http://b.example/")), ok("").length + 16]],
  },
];

const FORWARDS: ConversationVector[] = [
  {
    name: "kept-alive requests to several hosts, each with its response",
    turns: [
      [">", get("http://a.example/")],
      ["<", ok("first")],
      [">", get("http://user:pass@B.example:8080/path?http://c.example/")],
      ["<", ok("second")],
      [">", get("http://a.example:80/")],
      ["<", ok("")],
    ],
    want: [
      ["a.example", 2, size(get("http://a.example/"), get("http://a.example:80/")), size(ok("first"), ok(""))],
      ["b.example:8080", 1, size(get("http://user:pass@B.example:8080/path?http://c.example/")), ok("second").length],
    ],
  },
  {
    name: "pipelined requests and gives each response to its request",
    turns: [
      [">", get("http://a.example/") + POST + get("http://b.example/")],
      ["<", ok("one") + ok("two") + ok("three")],
    ],
    want: [
      ["a.example", 2, size(get("http://a.example/"), POST), size(ok("one"), ok("two"))],
      ["b.example", 1, size(get("http://b.example/")), ok("three").length],
    ],
  },
  {
    name: "chunked bodies with extensions and trailers in both directions",
    turns: [
      [">", `POST http://a.example/ HTTP/1.1\r\n${CHUNKED}\r\n${CHUNKS}${get("http://b.example/")}`],
      ["<", `HTTP/1.1 200 OK\r\n${CHUNKED}\r\n${CHUNKS}${ok("b")}`],
    ],
    want: [
      ["a.example", 1, size("POST http://a.example/ HTTP/1.1\r\n", CHUNKED, "\r\n", CHUNKS), 47 + CHUNKS.length],
      ["b.example", 1, size(get("http://b.example/")), ok("b").length],
    ],
  },
  {
    name: "the responses that have no body: HEAD, 1xx, 204, 304",
    turns: [
      [">", get("http://a.example/").replace("GET", "HEAD")],
      ["<", ok("").replace("Length: 0", "Length: 99")],
      [">", get("http://b.example/", "Expect: 100-continue\r\n")],
      ["<", `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${ok("body")}`],
      [">", get("http://c.example/") + get("http://d.example/") + get("http://e.example/")],
      ["<", `HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n${ok("e")}`],
    ],
    want: [
      ["a.example", 1, size(get("http://a.example/")) + 1, ok("").length + 1],
      ["b.example", 1, size(get("http://b.example/", "Expect: 100-continue\r\n")), 25 + 37 + ok("body").length],
      ["c.example", 1, size(get("http://c.example/")), 27],
      ["d.example", 1, size(get("http://d.example/")), 48],
      ["e.example", 1, size(get("http://e.example/")), ok("e").length],
    ],
  },
  {
    name: "a response without length until the connection ends",
    turns: [
      [">", get("http://a.example/").replace("1.1", "1.0")],
      ["<", `HTTP/1.0 200\r\n\r\n${ok("not a response")}`],
    ],
    want: [["a.example", 1, size(get("http://a.example/")), 16 + ok("not a response").length]],
  },
  {
    name: "an upgraded connection as the upgrading request's in both directions",
    turns: [
      [">", get("http://a.example/", UPGRADE)],
      ["<", SWITCHED],
      [">", get("http://b.example/")],
      ["<", ok("frame")],
    ],
    want: [
      ["a.example", 1, size(get("http://a.example/", UPGRADE), get("http://b.example/")), size(SWITCHED, ok("frame"))],
    ],
  },
  {
    name: "an upgrade that is declined as an ordinary request",
    turns: [
      [">", get("http://a.example/", UPGRADE) + get("http://b.example/")],
      ["<", ok("no") + ok("yes")],
    ],
    want: [
      ["a.example", 1, size(get("http://a.example/", UPGRADE)), ok("no").length],
      ["b.example", 1, size(get("http://b.example/")), ok("yes").length],
    ],
  },
  {
    name: "empty lines before a request, bare line feeds and folded values",
    turns: [
      [">", "\r\n\nGET http://a.example/ HTTP/1.1\nContent-Length: 3\nX: 1\n  2\n\nabc"],
      ["<", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"],
      [">", get("http://b.example/")],
    ],
    want: [
      ["a.example", 1, 65, 37],
      ["b.example", 1, size(get("http://b.example/")), 0],
    ],
  },
  {
    name: "an origin-form request by its Host header",
    turns: [
      [">", "GET / HTTP/1.1\r\nHost: Api.example:8080\r\n\r\n"],
      ["<", ok("x")],
    ],
    want: [["api.example:8080", 1, 42, ok("x").length]],
  },
  {
    name: "a body whose framing cannot be trusted as the rest of the connection",
    turns: [
      [">", `POST http://a.example/ HTTP/1.1\r\nContent-Length: 3, 4\r\n\r\nabc${get("http://b.example/")}`],
      ["<", ok("x")],
    ],
    want: [["a.example", 1, 60 + size(get("http://b.example/")), ok("x").length]],
  },
  {
    name: "a chunk size that is none as the rest of the connection",
    turns: [
      [">", `POST http://a.example/ HTTP/1.1\r\n${CHUNKED}\r\nxyz\r\n${get("http://b.example/")}`],
      ["<", ok("x")],
    ],
    want: [["a.example", 1, 68 + size(get("http://b.example/")), ok("x").length]],
  },
];

const SOCKS: ConversationVector[] = [
  {
    name: "SOCKS5 without authentication, by name",
    turns: [
      [">", "\x05\x01\x00"],
      ["<", "\x05\x00"],
      [">", "\x05\x01\x00\x03\x09A.Example\x01\xbb"],
      ["<", "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"],
      [">", HELLO],
      ["<", "hi"],
    ],
    want: [["a.example", 1, 3 + 16 + HELLO.length, 2 + 10 + 2]],
  },
  {
    name: "SOCKS5 with username and password, by IPv4 address and another port",
    turns: [
      [">", "\x05\x02\x00\x02"],
      ["<", "\x05\x02"],
      [">", "\x01\x04user\x04pass"],
      ["<", "\x01\x00"],
      [">", "\x05\x01\x00\x01\xcb\x00\x71\x0a\x1f\x90"],
      ["<", "\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"],
    ],
    want: [["203.0.113.10:8080", 1, 4 + 11 + 10, 14]],
  },
  {
    name: "SOCKS5 sent in one piece ahead of all answers, by IPv6 address",
    turns: [
      [">", `\x05\x01\x02\x01\x01u\x01p\x05\x01\x00\x04\x20\x01\x0d\xb8${"\x00".repeat(11)}\x01\x01\xbb${HELLO}`],
      ["<", "\x05\x02\x01\x00"],
    ],
    want: [["2001:db8::1", 1, 3 + 5 + 22 + HELLO.length, 4]],
  },
  {
    name: "SOCKS4 by address and SOCKS4a by name",
    turns: [
      [">", "\x04\x01\x01\xbb\x00\x00\x00\x01user\x00a.example\x00"],
      ["<", "\x00\x5a\x00\x00\x00\x00\x00\x00"],
    ],
    want: [["a.example", 1, 23, 8]],
  },
  {
    name: "SOCKS4 by address",
    turns: [[">", `\x04\x01\x00\x50\xcb\x00\x71\x0auser\x00${HELLO}`]],
    want: [["203.0.113.10:80", 1, 13 + HELLO.length, 0]],
  },
  {
    name: "SOCKS5 credentials that are refused as a request without a destination",
    turns: [
      [">", "\x05\x01\x02"],
      ["<", "\x05\x02"],
      [">", "\x01\x01u\x01x"],
      ["<", "\x01\x01"],
    ],
    want: [["", 1, 8, 4]],
  },
  {
    name: "SOCKS5 methods that are refused as a request without a destination",
    turns: [
      [">", "\x05\x01\x01"],
      ["<", "\x05\xff"],
    ],
    want: [["", 1, 3, 2]],
  },
  {
    name: "a SOCKS5 client that leaves before its request as nobody's",
    turns: [
      [">", "\x05\x01\x02"],
      ["<", "\x05\x02"],
      [">", "\x01\x01u\x01p"],
      ["<", "\x01\x00"],
    ],
    want: [["", 0, 8, 4]],
  },
];

const NEITHERS: ConversationVector[] = [
  {
    name: "bytes that are no request as nobody's",
    turns: [
      [">", "SSH-2.0-x\r\n\r\n"],
      ["<", "SSH-2.0-y\r\n"],
    ],
    want: [["", 0, 13, 11]],
  },
  {
    name: "a head that never ends as nobody's, and what answers it",
    turns: [
      [">", "CONNECT a.example:443 HTTP/1.1\r\nHost:"],
      ["<", "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"],
    ],
    want: [["", 0, 37, 51]],
  },
  {
    name: "a gateway that speaks first",
    turns: [["<", "hello"]],
    want: [["", 0, 0, 5]],
  },
  {
    name: "the HTTP/2 preface as one request without a destination",
    turns: [
      [">", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nframes"],
      ["<", "frames"],
    ],
    want: [["", 1, 30, 6]],
  },
];

export const CONVERSATIONS = [...CONNECTS, ...FORWARDS, ...SOCKS, ...NEITHERS];
