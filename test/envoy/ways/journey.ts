// SPDX-License-Identifier: Apache-2.0
/**
 * A journey is one way of travelling with one payload and one ending: the pairwise table of them, and what the filter's
 * books must say of each, told from the script alone.
 */
import { noise } from "../driver/noise.ts";
import { addUp, type Books, type Bytes } from "../driver/books.ts";
import { ENDINGS, type Ending } from "./endings.ts";
import { type Payload, type Script, volume, type Way } from "./way.ts";
import { WAYS } from "./ways.ts";

const KIB = 1024;

interface Shape {
  name: string;
  up: number;
  down: number;
}

const SHAPES: readonly Shape[] = [
  { name: "1 KiB up, 1 MiB down", up: KIB, down: KIB * KIB },
  { name: "1 MiB up, 1 KiB down", up: KIB * KIB, down: KIB },
  { name: "1 byte up, 1 byte down", up: 1, down: 1 },
];

export const CONCURRENCIES = [1, 2] as const;

export interface Journey {
  title: string;
  vendor: string;
  concurrency: (typeof CONCURRENCIES)[number];
  way: Way;
  ending: Ending;
  /** Made anew on each call: two megabytes each are too many to keep. */
  script(): Script;
}

/**
 * Every way with every ending; shapes and concurrencies go round against each other, so that each way and each ending
 * meets each of them too.
 */
export const JOURNEYS: readonly Journey[] = WAYS.flatMap((way, row) =>
  ENDINGS.map((ending, column): Journey => {
    const shape = SHAPES[(row + column) % SHAPES.length] as Shape;
    const concurrency = CONCURRENCIES[(row + Math.floor(column / SHAPES.length)) % CONCURRENCIES.length] as 1 | 2;
    return {
      title: `${way.name}, ${shape.name}, ${ending.name}, concurrency ${concurrency}`,
      vendor: `acme-${row}-${column}`,
      concurrency,
      way,
      ending,
      script: () => way.script(payload(shape, row * ENDINGS.length + column)),
    };
  }),
);

function payload({ up, down }: Shape, seed: number): Payload {
  return { up: noise(up, 2 * seed), down: noise(down, 2 * seed + 1) };
}

/** What the filter's books must say once the journey is over. */
export function wantedBooks({ way, ending }: Journey, script: Script): Partial<Books> {
  const total = volume([...script.open, ...script.up, ...script.down]);
  const exchanges = { ...script.exchanges };
  if (way.lasting.kind === "until-close") exchanges[`${way.lasting.row} ${ending.outcome}`] = 1;
  const { country } = script;
  const last = lastExchange(script, total);
  return {
    bytes: total,
    requests: Object.values(exchanges).reduce((a, b) => a + b, 0),
    connections: { [protocolOf(script)]: 1 },
    active: 0,
    exchanges,
    failed: wantedFailed(way, ending, script, total),
    countries: country === undefined ? {} : { [country]: last },
  };
}

function wantedFailed(way: Way, ending: Ending, script: Script, total: Bytes): Record<string, Bytes> {
  const failed: Record<string, Bytes> = { ...script.failed };
  if (way.lasting.kind === "whole" || ending.outcome === "ok") return failed;
  failed[ending.outcome] = lastExchange(script, total);
  return failed;
}

/** Bytes of the exchange that is open at the end: only failed ones come before it. */
function lastExchange({ failed = {} }: Script, total: Bytes): Bytes {
  const [sent, received] = addUp(Object.values(failed));
  return [total[0] - sent, total[1] - received];
}

/** Where an exchange before the tunnel was in another protocol, the connection counts under the first one. */
function protocolOf(script: Script): string {
  return script.labels[0]?.split(" ")[1] ?? "";
}

/** Bytes of both handshakes, where the script tells them. */
export function wantedOverhead({ ending }: Journey, script: Script): Record<string, Bytes> {
  const { proxyHandshake, tlsHandshake } = script;
  return {
    ...(proxyHandshake && { proxy_handshake: proxyHandshake }),
    // Before the client's first data record all bytes are the handshake's: so what the vendor sends ahead of it is, too.
    ...(tlsHandshake && !ending.isDownFirst && { tls_handshake: tlsHandshake }),
  };
}
