// SPDX-License-Identifier: Apache-2.0
/**
 * Ways through a CONNECT tunnel: versions, credentials, addresses, and what is spoken inside.
 *
 * @see RFC 9110 section 9.3.6
 */
import { clientHello, finish12, finish13, records, serverNameExtension } from "../../core/hello.ts";
import { bytes, head, type Turn, volume, type Way } from "./way.ts";

const ESTABLISHED = head("HTTP/1.1 200 Connection Established");
const HELLO = records(22, clientHello([serverNameExtension("shop-01.example")]));
/** A ServerHello, and the encrypted rest of the server's flight. */
const SERVER_FLIGHT = Buffer.concat([records(22, Buffer.alloc(90, 2)), records(23, Buffer.alloc(2200, 8))]);
const H2_PREFACE = bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

interface Tunnel {
  name: string;
  request: Buffer;
  answer?: Buffer;
  destination: string;
  version?: string;
  pool?: string;
  country?: string;
}

const CREDENTIALS = Buffer.from("crawl-zone-residential-country-de-session-8f3a:s3cret").toString("base64");

const AUTHORIZED = head("CONNECT shop-01.example:443 HTTP/1.1", `Proxy-Authorization: Basic ${CREDENTIALS}`);

const TUNNELS: Tunnel[] = [
  {
    name: "CONNECT of HTTP/1.1",
    request: head("CONNECT shop-01.example:443 HTTP/1.1", "Host: shop-01.example:443"),
    destination: "shop-01.example",
  },
  {
    name: "CONNECT of HTTP/1.0",
    request: head("CONNECT Shop-02.Example:443 HTTP/1.0"),
    answer: head("HTTP/1.0 200 OK"),
    destination: "shop-02.example",
    version: "1.0",
  },
  {
    name: "CONNECT with credentials that name pool and country",
    request: AUTHORIZED,
    destination: "shop-01.example",
    pool: "residential",
    country: "de",
  },
  {
    name: "CONNECT to an IPv4 address",
    request: head("CONNECT 203.0.113.80:443 HTTP/1.1"),
    destination: "203.0.113.80",
  },
  {
    name: "CONNECT to an IPv6 address and a port of its own",
    request: head("CONNECT [2001:DB8::1]:8443 HTTP/1.1"),
    destination: "[2001:db8::1]:8443",
  },
  {
    name: "CONNECT to port 80 with an answer of many headers",
    request: head("CONNECT shop-01.example:80 HTTP/1.1", `X-Filler: ${"x".repeat(3000)}`),
    answer: head("HTTP/1.1 200 OK", `Via: ${"gateway, ".repeat(300)}`, "Content-Length: 9"),
    destination: "shop-01.example:80",
  },
];

const OPAQUE: Way[] = TUNNELS.map((tunnel) => ({
  name: tunnel.name,
  lasting: { kind: "open" },
  script: ({ up, down }) => ({ ...opened(tunnel), up: [[">", up]], down: [["<", down]] }),
}));

function opened({ request, answer = ESTABLISHED, destination, version = "1.1", pool = "none", country }: Tunnel) {
  const open: Turn[] = [
    [">", request],
    ["<", answer],
  ];
  return {
    open,
    labels: [`${pool} connect`],
    exchanges: { [`${pool} connect ${version} ${destination} 200 ok`]: 1 },
    proxyHandshake: volume(open),
    ...(country !== undefined && { country }),
  };
}

const PLAIN: Tunnel = {
  name: "",
  request: head("CONNECT shop-01.example:443 HTTP/1.1", "Host: shop-01.example:443"),
  destination: "shop-01.example",
};

/** A tunnel with TLS inside; `finish` is what the client says after the server's flight. */
function withTls(name: string, finish: Buffer): Way {
  return {
    name,
    lasting: { kind: "open" },
    script: ({ up, down }) => {
      const { open, ...rest } = opened(PLAIN);
      const handshake: Turn[] = [
        [">", HELLO],
        ["<", SERVER_FLIGHT],
        [">", finish],
      ];
      return {
        ...rest,
        open: [...open, ...handshake],
        up: [[">", records(23, up)]],
        down: [["<", records(23, down)]],
        tlsHandshake: volume(handshake),
      };
    },
  };
}

const INSIDE: Way[] = [
  withTls("CONNECT with TLS 1.3 inside", finish13()),
  withTls("CONNECT with TLS 1.2 inside", finish12()),
  {
    name: "CONNECT with the ClientHello sent ahead of the answer",
    lasting: { kind: "open" },
    script: ({ up, down }) => ({
      ...opened(PLAIN),
      open: [
        [">", Buffer.concat([PLAIN.request, HELLO])],
        ["<", Buffer.concat([ESTABLISHED, SERVER_FLIGHT])],
      ],
      up: [[">", up]],
      down: [["<", down]],
    }),
  },
  {
    name: "CONNECT with cleartext HTTP/2 inside",
    lasting: { kind: "open" },
    script: ({ up, down }) => ({
      ...opened(PLAIN),
      up: [[">", Buffer.concat([H2_PREFACE, up])]],
      down: [["<", down]],
    }),
  },
  {
    name: "CONNECT with a WebSocket inside",
    lasting: { kind: "open" },
    script: ({ up, down }) => ({
      ...opened(PLAIN),
      up: [
        [">", head("GET /chat HTTP/1.1", "Host: shop-01.example", "Connection: Upgrade", "Upgrade: websocket")],
        [">", up],
      ],
      down: [
        ["<", head("HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket")],
        ["<", down],
      ],
    }),
  },
  {
    name: "CONNECT after a 407, again on the same connection",
    lasting: { kind: "open" },
    script: ({ up, down }) => {
      const refused: Turn[] = [
        [">", PLAIN.request],
        ["<", head("HTTP/1.1 407 Proxy Authentication Required", "Proxy-Authenticate: Basic", "Content-Length: 5")],
        ["<", bytes("who?\n")],
      ];
      const { open, exchanges } = opened({ ...PLAIN, request: AUTHORIZED, pool: "residential" });
      return {
        open: [...refused, ...open],
        up: [[">", up]],
        down: [["<", down]],
        exchanges: { "none connect 1.1 shop-01.example 407 vendor_auth": 1, ...exchanges },
        labels: ["none connect", "residential connect"],
        failed: { vendor_auth: volume(refused) },
        country: "de",
      };
    },
  },
];

export const CONNECT_WAYS: readonly Way[] = [...OPAQUE, ...INSIDE];
