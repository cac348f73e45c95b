// SPDX-License-Identifier: Apache-2.0
/**
 * Whole connections as vectors: what each side sends, and the trace that the readers must give for it.
 * A trace says after how many bytes of a direction each event came; it may not depend on how the bytes were cut.
 */
import type { Core } from "./core.ts";
import { clientHello, finish12, finish13, GREASE, records, serverNameExtension } from "./hello.ts";

export type Step = readonly ["S" | "R", string | Buffer];
export interface Row {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly want: string;
}

export const CONFIG = '{"vendors":[{"name":"acme","username":{"pool":"zone","country":"country"}}]}';
const OK = "HTTP/1.1 200 OK\r\n\r\n";
const CONNECT = "CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n\r\n";
const basic = (user: string) => Buffer.from(`${user}:secret`).toString("base64");
const hello = records(22, clientHello([GREASE, serverNameExtension("Shop.Example")]));
const bytes = (...values: number[]) => Buffer.from(values);
const socksHost = (host: string, port: number) =>
  Buffer.concat([bytes(5, 1, 0, 3, host.length), Buffer.from(host), bytes(port >> 8, port & 255)]);
const v4Reply = (code: number) => bytes(5, code, 0, 1, 0, 0, 0, 0, 0, 0);

export const ROWS: readonly Row[] = [
  {
    name: "CONNECT opens a tunnel to its host without the default port",
    steps: [
      ["S", CONNECT],
      ["R", OK],
      ["S", "hi"],
      ["R", "there"],
    ],
    want: "S61 request connect shop.example 11; R19 tunnel; S2 R5",
  },
  {
    name: "CONNECT of HTTP/1.0 to another port keeps the port",
    steps: [
      ["S", "CONNECT Shop.Example:8443 HTTP/1.0\r\n\r\n"],
      ["R", "HTTP/1.0 200 OK\r\n\r\n"],
    ],
    want: "S38 request connect shop.example:8443 10; R19 tunnel; S0 R0",
  },
  {
    name: "CONNECT to an IPv6 literal",
    steps: [
      ["S", "CONNECT [2001:DB8::1]:443 HTTP/1.1\r\n\r\n"],
      ["R", OK],
    ],
    want: "S38 request connect 2001:db8::1 11; R19 tunnel; S0 R0",
  },
  {
    name: "the username gives pool and country and nothing else",
    steps: [
      [
        "S",
        `CONNECT a.example:443 HTTP/1.1\r\nProxy-Authorization: Basic ${basic("cust-zone-res1-country-US-session-x9")}\r\n\r\n`,
      ],
      ["R", OK],
    ],
    want: "S123 request connect a.example 11 pool=res1 country=us; R19 tunnel; S0 R0",
  },
  {
    name: "a 407 with a body leaves the connection for the next CONNECT",
    steps: [
      ["S", CONNECT],
      ["R", "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 5\r\n\r\nlogin"],
      ["S", CONNECT],
      ["R", OK],
    ],
    want: "S61 request connect shop.example 11; R65 reply 407; R5 end; S61 request connect shop.example 11; R19 tunnel; S0 R0",
  },
  {
    name: "a TLS 1.3 handshake in the tunnel ends with the client's first application data record",
    steps: [
      ["S", CONNECT],
      ["R", OK],
      ["S", Buffer.concat([hello, finish13()])],
      ["S", records(23, Buffer.alloc(10))],
    ],
    want: `S61 request connect shop.example 11; R19 tunnel; S${hello.length + 6 + 58} established; S15 R0`,
  },
  {
    name: "a TLS 1.2 handshake in the tunnel ends before the client's first application data record",
    steps: [
      ["S", CONNECT],
      ["R", OK],
      ["S", Buffer.concat([hello, finish12(), records(23, Buffer.alloc(10))])],
    ],
    want: `S61 request connect shop.example 11; R19 tunnel; S${hello.length + 75 + 6 + 45} established; S15 R0`,
  },
  {
    name: "pipelined absolute-form requests keep their own hosts and answers",
    steps: [
      ["S", "GET http://a.example/x HTTP/1.1\r\nHost: b.example\r\n\r\nGET http://c.example:8080/ HTTP/1.1\r\n\r\n"],
      ["R", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 304 Not Modified\r\n\r\n"],
    ],
    want: "S52 request http a.example 11; S39 request http c.example:8080 11; R38 reply 200; R3 end; R29 reply 304 whole; S0 R0",
  },
  {
    name: "chunked bodies with extensions and trailers end where they end",
    steps: [
      [
        "S",
        "POST http://a.example/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n0\r\nT: 1\r\n\r\nGET http://b.example/ HTTP/1.1\r\n\r\n",
      ],
      [
        "R",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
      ],
    ],
    want: "S63 request http a.example 11; S59 request http b.example 11; R53 reply 200; R20 end; R27 reply 204 whole; S0 R0",
  },
  {
    name: "HEAD has no body whatever its length says, and 1xx are not the answer",
    steps: [
      ["S", "HEAD http://a.example/ HTTP/1.1\r\n\r\n"],
      ["R", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"],
    ],
    want: "S35 request http a.example 11; R76 reply 200 whole; S0 R0",
  },
  {
    name: "a response without a length lasts until the connection does",
    steps: [
      ["S", "GET http://a.example/ HTTP/1.0\r\n\r\n"],
      ["R", "HTTP/1.0 200 OK\r\n\r\nabc"],
    ],
    want: "S34 request http a.example 10; R19 reply 200; S0 R3",
  },
  {
    name: "an origin-form request takes its destination from Host, and 101 makes a tunnel",
    steps: [
      ["S", "GET / HTTP/1.1\r\nX-Proxy-Vendor: Acme\r\nHost: a.example:80\r\nUpgrade: websocket\r\n\r\n"],
      ["R", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
      ["S", "frame"],
    ],
    want: "S80 request http a.example 11 vendor=acme; R36 tunnel; S5 R0",
  },
  {
    name: "SOCKS5 without authentication to a name",
    steps: [
      ["S", bytes(5, 1, 0)],
      ["R", bytes(5, 0)],
      ["S", socksHost("Shop.Example", 443)],
      ["R", v4Reply(0)],
      ["S", "x"],
    ],
    want: "S22 request socks5 shop.example; R12 tunnel; S1 R0",
  },
  {
    name: "SOCKS5 with a username to an IPv6 address",
    steps: [
      ["S", bytes(5, 2, 0, 2)],
      ["R", bytes(5, 2)],
      ["S", Buffer.concat([bytes(1, 9), Buffer.from("u-zone-dc"), bytes(2), Buffer.from("pw")])],
      ["R", bytes(1, 0)],
      [
        "S",
        Buffer.concat([bytes(5, 1, 0, 4), Buffer.from("20010db8000000000000000000000001", "hex"), bytes(0x20, 0xfb)]),
      ],
      ["R", bytes(5, 4, 0, 3, 3, 97, 98, 99, 0, 80)],
    ],
    want: "S40 request socks5 [2001:db8::1]:8443 pool=dc; R14 reply 4; S0 R0",
  },
  {
    name: "SOCKS5 that refuses the credentials has no request",
    steps: [
      ["S", bytes(5, 1, 2)],
      ["R", bytes(5, 2)],
      ["S", bytes(1, 1, 97, 1, 98)],
      ["R", bytes(1, 1)],
    ],
    want: "R4 refused; S8 R0",
  },
  {
    name: "SOCKS4a to a name and SOCKS4 to an address",
    steps: [
      ["S", Buffer.concat([bytes(4, 1, 0, 80, 0, 0, 0, 9), Buffer.from("u\0a.example\0")])],
      ["R", bytes(0, 90, 0, 0, 0, 0, 0, 0)],
    ],
    want: "S20 request socks4 a.example:80; R8 tunnel; S0 R0",
  },
  {
    name: "SOCKS4 to an address that is refused",
    steps: [
      ["S", bytes(4, 1, 1, 187, 192, 0, 2, 7, 0)],
      ["R", bytes(0, 91, 0, 0, 0, 0, 0, 0)],
    ],
    want: "S9 request socks4 192.0.2.7; R8 reply 91; S0 R0",
  },
  {
    name: "bare TLS is known by its server name in lower case",
    steps: [
      ["S", hello],
      ["R", "server"],
      ["S", finish13()],
    ],
    want: `S112 request tls shop.example; S${hello.length - 112 + 64} established; S0 R6`,
  },
  {
    name: "a server name that would end a stat's label is replaced",
    steps: [["S", records(22, clientHello([serverNameExtension("a;.;b=.=c")]))]],
    want: "S104 request tls a_._b_._c; S36 R0",
  },
  {
    name: "a post-quantum ClientHello in small records still gives its server name",
    steps: [["S", records(22, clientHello([GREASE, serverNameExtension("pq.example")], 1216), 100)]],
    want: "S115 request tls pq.example; S1280 R0",
  },
  {
    name: "the HTTP/2 preface is named and nothing more is read",
    steps: [
      ["S", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
      ["R", "frames"],
    ],
    want: "S16 request h2 ; S8 R6",
  },
  {
    name: "bytes that are no protocol of ours are unreadable at once",
    steps: [
      ["S", "\x00\x01binary"],
      ["R", "\x02"],
    ],
    want: "S8 unreadable; S0 R1",
  },
];

function feed(core: Core, direction: string, chunk: Uint8Array): void {
  const length = core.input(chunk);
  if (direction === "S") core.call.sent(length);
  else core.call.received(length);
}

/** Trace of a row whose steps are cut as `cut` says. */
export function trace(core: Core, steps: readonly Step[], cut: (chunk: Buffer, step: number) => Buffer[]): string {
  core.call.open();
  for (const [index, [direction, data]] of steps.entries()) {
    const chunk = typeof data === "string" ? Buffer.from(data, "latin1") : data;
    for (const part of cut(chunk, index)) feed(core, direction, part);
  }
  core.call.rest();
  return core.output();
}
