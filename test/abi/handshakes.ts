// SPDX-License-Identifier: Apache-2.0
/**
 * Ways in which a crawler and a gateway begin to talk, as bytes of both directions; the material that fuzzers damage.
 * They are right as they stand.
 */
import { clientHello, finish13, GREASE, records, serverNameExtension } from "../core/hello.ts";

export type Direction = "sent" | "received";

export interface Handshake {
  name: string;
  steps: readonly (readonly [Direction, Buffer])[];
}

const text = (...lines: string[]) => Buffer.from(lines.map((line) => `${line}\r\n`).join(""), "latin1");
const bytes = (...values: number[]) => Buffer.from(values);
const credentials = Buffer.from("crawl-zone-residential-country-de-session-8f3a:s3cret").toString("base64");
const hello = records(22, clientHello([GREASE, serverNameExtension("shop-01.example")]));
const host = Buffer.from("shop-01.example");
const socksReply = bytes(5, 0, 0, 1, 203, 0, 113, 80, 1, 187);
const established = text("HTTP/1.1 200 Connection Established", "");

export const HANDSHAKES: readonly Handshake[] = [
  {
    name: "CONNECT",
    steps: [
      ["sent", text("CONNECT shop-01.example:443 HTTP/1.1", `Proxy-Authorization: Basic ${credentials}`, "")],
      ["received", established],
      ["sent", Buffer.concat([hello, finish13(), records(23, Buffer.alloc(40))])],
      ["received", records(23, Buffer.alloc(60))],
    ],
  },
  {
    name: "CONNECT with a 407 before it",
    steps: [
      ["sent", text("CONNECT shop-01.example:443 HTTP/1.1", "Host: shop-01.example:443", "")],
      [
        "received",
        Buffer.concat([
          text("HTTP/1.1 407 Proxy Authentication Required", "Content-Length: 5", ""),
          Buffer.from("login"),
        ]),
      ],
      ["sent", text("CONNECT shop-01.example:443 HTTP/1.1", `Proxy-Authorization: Basic ${credentials}`, "")],
      ["received", established],
    ],
  },
  {
    name: "absolute-form",
    steps: [
      ["sent", text("GET http://shop-01.example/a HTTP/1.1", "X-Proxy-Pool: dc", "")],
      [
        "received",
        Buffer.concat([
          text("HTTP/1.1 200 OK", "Content-Length: 3", "Proxy-Status: gw; received-status=200", ""),
          Buffer.from("abc"),
        ]),
      ],
      [
        "sent",
        Buffer.concat([
          text(
            "POST http://shop-02.example/b HTTP/1.1",
            "Transfer-Encoding: chunked",
            "",
            "5;x=1",
            "hello",
            "0",
            "T: 1",
            "",
          ),
        ]),
      ],
      [
        "received",
        text(
          "HTTP/1.1 100 Continue",
          "",
          "HTTP/1.1 200 OK",
          "Transfer-Encoding: chunked",
          "",
          "a",
          "0123456789",
          "0",
          "",
        ),
      ],
    ],
  },
  {
    name: "SOCKS5 without authentication",
    steps: [
      ["sent", bytes(5, 1, 0)],
      ["received", bytes(5, 0)],
      ["sent", Buffer.concat([bytes(5, 1, 0, 3, host.length), host, bytes(1, 187)])],
      ["received", socksReply],
      ["sent", hello],
    ],
  },
  {
    name: "SOCKS5 with a username",
    steps: [
      ["sent", bytes(5, 2, 0, 2)],
      ["received", bytes(5, 2)],
      ["sent", Buffer.concat([bytes(1, 20), Buffer.from("crawl-zone-dc-sess-1"), bytes(6), Buffer.from("s3cret")])],
      ["received", bytes(1, 0)],
      ["sent", Buffer.concat([bytes(5, 1, 0, 4), Buffer.alloc(15), bytes(1, 0, 80)])],
      ["received", Buffer.concat([bytes(5, 0, 0, 3, host.length), host, bytes(0, 80)])],
    ],
  },
  {
    name: "SOCKS4a",
    steps: [
      ["sent", Buffer.concat([bytes(4, 1, 1, 187, 0, 0, 0, 1), Buffer.from("user\0"), host, bytes(0)])],
      ["received", bytes(0, 90, 0, 0, 0, 0, 0, 0)],
      ["sent", hello],
    ],
  },
  {
    name: "TLS",
    steps: [
      ["sent", records(22, clientHello([GREASE, serverNameExtension("gw.acme.example")], 1200), 400)],
      ["received", records(22, Buffer.alloc(90, 2))],
      ["sent", Buffer.concat([finish13(), records(23, Buffer.alloc(40))])],
    ],
  },
  {
    name: "HTTP/2 in the clear",
    steps: [
      ["sent", Buffer.concat([text("PRI * HTTP/2.0", "", "SM", ""), bytes(0, 0, 0, 4, 0, 0, 0, 0, 0)])],
      ["received", bytes(0, 0, 0, 4, 1, 0, 0, 0, 0)],
    ],
  },
];
