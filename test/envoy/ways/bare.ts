// SPDX-License-Identifier: Apache-2.0
/**
 * Ways without any proxy protocol: TLS with and without a server name, cleartext HTTP/2, and bytes that are none of these.
 */
import { clientHello, finish13, records, serverNameExtension } from "../../core/hello.ts";
import { bytes, type Turn, volume, type Way } from "./way.ts";

const SERVER_FLIGHT = Buffer.concat([records(22, Buffer.alloc(90, 2)), records(23, Buffer.alloc(2200, 8))]);

function tls(name: string, hello: Buffer, destination: string): Way {
  return {
    name,
    lasting: { kind: "open" },
    // TLS with the gateway itself: what is asked for is inside.
    unattributed: "opaque_tls",
    script: ({ up, down }) => {
      const open: Turn[] = [
        [">", hello],
        ["<", SERVER_FLIGHT],
        [">", finish13()],
      ];
      return {
        open,
        up: [[">", records(23, up)]],
        down: [["<", records(23, down)]],
        labels: ["none tls"],
        exchanges: { [`none tls none ${destination} 0 ok`]: 1 },
        tlsHandshake: volume(open),
      };
    },
  };
}

export const BARE_WAYS: readonly Way[] = [
  tls(
    "TLS with a server name",
    records(22, clientHello([serverNameExtension("Api.Shop-01.example")])),
    "api.shop-01.example",
  ),
  tls(
    "TLS with a server name in a ClientHello over three records",
    records(22, clientHello([serverNameExtension("shop-01.example")], 1200), 500),
    "shop-01.example",
  ),
  tls("TLS without a server name", records(22, clientHello([])), "unknown"),
  {
    name: "cleartext HTTP/2",
    lasting: { kind: "open" },
    unattributed: "no_destination",
    isCountedApart: true,
    script: ({ up, down }) => ({
      open: [
        [">", bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")],
        ["<", Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])],
      ],
      up: [[">", up]],
      down: [["<", down]],
      labels: ["none h2"],
      exchanges: { "none h2 2 unknown 0 ok": 1 },
    }),
  },
  {
    name: "raw TCP where the crawler speaks first",
    lasting: { kind: "open" },
    unattributed: "no_destination",
    script: ({ up, down }) => ({
      open: [[">", bytes("SSH-2.0-client\r\n")]],
      up: [[">", up]],
      down: [["<", down]],
      labels: ["none tcp"],
      exchanges: {},
    }),
  },
  {
    name: "raw TCP where the gateway speaks first",
    lasting: { kind: "open" },
    unattributed: "no_destination",
    script: ({ up, down }) => ({
      open: [
        ["<", bytes("220 mail.acme.example ready\r\n")],
        [">", Buffer.from([0, 1, 2, 255])],
      ],
      up: [[">", up]],
      down: [["<", down]],
      labels: ["none tcp"],
      exchanges: {},
    }),
  },
];
