// SPDX-License-Identifier: Apache-2.0
/**
 * Ways through a SOCKS gateway: version 5 with and without credentials, by name and by address; versions 4 and 4a.
 *
 * @see RFC 1928, RFC 1929; SOCKS 4A: A Simple Extension to SOCKS 4 Protocol
 */
import { sized } from "../../core/hello.ts";
import { type Turn, volume, type Way } from "./way.ts";

const PORT_443 = Buffer.from([1, 187]);
const PORT_8080 = Buffer.from([31, 144]);

interface Address {
  name: string;
  /** Type and address as they travel, port last. */
  wire: Buffer;
  destination: string;
}

const ADDRESSES: Address[] = [
  {
    name: "a domain",
    wire: Buffer.concat([Buffer.from([3]), sized(1, Buffer.from("Shop-01.Example")), PORT_443]),
    destination: "shop-01.example",
  },
  { name: "an IPv4 address", wire: Buffer.from([1, 203, 0, 113, 80, ...PORT_8080]), destination: "203.0.113.80:8080" },
  {
    name: "an IPv6 address",
    wire: Buffer.concat([Buffer.from([4]), Buffer.from("20010db8000000000000000000000001", "hex"), PORT_443]),
    destination: "2001:db8::1",
  },
];

const USERNAME = "crawl-zone-mobile-country-fr";

interface Authentication {
  name: string;
  turns: Turn[];
  pool: string;
  country?: string;
}

const AUTHENTICATIONS: Authentication[] = [
  {
    name: "without authentication",
    turns: [
      [">", Buffer.from([5, 1, 0])],
      ["<", Buffer.from([5, 0])],
    ],
    pool: "none",
  },
  {
    name: "with username and password",
    turns: [
      [">", Buffer.from([5, 3, 0, 1, 2])],
      ["<", Buffer.from([5, 2])],
      [">", Buffer.concat([Buffer.from([1]), sized(1, Buffer.from(USERNAME)), sized(1, Buffer.from("s3cret"))])],
      ["<", Buffer.from([1, 0])],
    ],
    pool: "mobile",
    country: "fr",
  },
];

/** Granted, bound to a name, which makes the reply as long as its kind can be. */
const GRANTED = Buffer.concat([Buffer.from([5, 0, 0, 3]), sized(1, Buffer.from("exit.acme.example")), PORT_8080]);

const SOCKS5: Way[] = AUTHENTICATIONS.flatMap(({ name, turns, pool, country }) =>
  ADDRESSES.map((address) =>
    way(
      `SOCKS5 ${name} to ${address.name}`,
      [...turns, [">", Buffer.concat([Buffer.from([5, 1, 0]), address.wire])], ["<", GRANTED]],
      {
        label: `${pool} socks5`,
        destination: address.destination,
        ...(country !== undefined && { country }),
      },
    ),
  ),
);

const USER = Buffer.from(`${USERNAME}\0`);
const GRANTED_4 = Buffer.from([0, 90, 0, 0, 0, 0, 0, 0]);

const SOCKS4: Way[] = [
  way(
    "SOCKS4 to an IPv4 address",
    [
      [">", Buffer.concat([Buffer.from([4, 1]), PORT_443, Buffer.from([203, 0, 113, 80]), USER])],
      ["<", GRANTED_4],
    ],
    { label: "mobile socks4", destination: "203.0.113.80", country: "fr" },
  ),
  way(
    "SOCKS4a to a domain",
    [
      [
        ">",
        Buffer.concat([
          Buffer.from([4, 1]),
          PORT_8080,
          Buffer.from([0, 0, 0, 7]),
          USER,
          Buffer.from("Shop-01.example\0"),
        ]),
      ],
      ["<", GRANTED_4],
    ],
    { label: "mobile socks4", destination: "shop-01.example:8080", country: "fr" },
  ),
];

function way(name: string, open: Turn[], facts: { label: string; destination: string; country?: string }): Way {
  const { label, destination, country } = facts;
  return {
    name,
    lasting: { kind: "open" },
    script: ({ up, down }) => ({
      open,
      up: [[">", up]],
      down: [["<", down]],
      labels: [label],
      exchanges: { [`${label} none ${destination} 0 ok`]: 1 },
      proxyHandshake: volume(open),
      ...(country !== undefined && { country }),
    }),
  };
}

export const SOCKS_WAYS: readonly Way[] = [...SOCKS5, ...SOCKS4];
