// SPDX-License-Identifier: Apache-2.0
/**
 * Ways without a tunnel: absolute-form requests on one connection, every framing that HTTP/1 has.
 * The last request carries the payload, in the way's framing; others come before it.
 *
 * @see RFC 9112 sections 3.2.2, 6 and 9.3
 */
import { gzipSync } from "node:zlib";
import { bytes, head, type Lasting, type Payload, type Script, type Turn, type Way } from "./way.ts";

const get = (url: string, ...more: string[]) => head(`GET ${url} HTTP/1.1`, "Host: x", ...more);
const ok = (body: string, ...more: string[]) =>
  Buffer.concat([head("HTTP/1.1 200 OK", `Content-Length: ${body.length}`, ...more), bytes(body)]);
const row = (host: string, code: number, outcome = "ok", version = "1.1") =>
  `none http ${version} ${host} ${code} ${outcome}`;

/** POST and answer with lengths: how the payload travels unless a way says otherwise. */
function posted({ up, down }: Payload, host = "shop-01.example"): Pick<Script, "open" | "up" | "down"> {
  return {
    open: [[">", head(`POST http://${host}/form HTTP/1.1`, `Host: ${host}`, `Content-Length: ${up.length}`)]],
    up: [[">", up]],
    down: [["<", Buffer.concat([head("HTTP/1.1 200 OK", `Content-Length: ${down.length}`), down])]],
  };
}

/** Exchanges before the one that carries the payload. */
interface Prelude {
  name: string;
  turns: Turn[];
  exchanges: Record<string, number>;
}

const LAST = row("shop-01.example", 200);

const PRELUDES: Prelude[] = [
  { name: "absolute-form with a body each way", turns: [], exchanges: { [LAST]: 1 } },
  {
    name: "absolute-form on a kept-alive connection to three hosts",
    turns: [
      [">", get("http://Shop-02.Example/")],
      ["<", ok("first")],
      [">", get("http://user:pass@shop-03.example:8080/path?http://no.example/")],
      ["<", ok("second")],
      [">", get("http://shop-02.example:80/")],
      ["<", ok("")],
    ],
    exchanges: { [row("shop-02.example", 200)]: 2, [row("shop-03.example:8080", 200)]: 1, [LAST]: 1 },
  },
  {
    name: "absolute-form pipelined, the answers in one piece",
    turns: [
      [
        ">",
        Buffer.concat([
          get("http://shop-02.example/"),
          get("http://shop-03.example/"),
          get("http://shop-02.example/b"),
        ]),
      ],
      ["<", Buffer.concat([ok("one"), ok("two"), ok("three")])],
    ],
    exchanges: { [row("shop-02.example", 200)]: 2, [row("shop-03.example", 200)]: 1, [LAST]: 1 },
  },
  {
    name: "absolute-form with HEAD, whose answer has a length and no body",
    turns: [
      [">", head("HEAD http://shop-02.example/ HTTP/1.1", "Host: x")],
      ["<", head("HTTP/1.1 200 OK", "Content-Length: 9999")],
    ],
    exchanges: { [row("shop-02.example", 200)]: 1, [LAST]: 1 },
  },
  {
    name: "absolute-form with 204, 304 and 404",
    turns: [
      [
        ">",
        Buffer.concat([get("http://shop-02.example/"), get("http://shop-03.example/"), get("http://shop-04.example/")]),
      ],
      ["<", head("HTTP/1.1 204 No Content")],
      ["<", head("HTTP/1.1 304 Not Modified", "Content-Length: 500")],
      ["<", head("HTTP/1.1 404 Not Found", "Content-Length: 0")],
    ],
    exchanges: {
      [row("shop-02.example", 204)]: 1,
      [row("shop-03.example", 304)]: 1,
      [row("shop-04.example", 404, "target_error")]: 1,
      [LAST]: 1,
    },
  },
  {
    name: "absolute-form with interim answers 102 and 103",
    turns: [
      [">", get("http://shop-02.example/")],
      ["<", head("HTTP/1.1 102 Processing")],
      ["<", Buffer.concat([head("HTTP/1.1 103 Early Hints", "Link: </a.css>; rel=preload"), ok("body")])],
    ],
    exchanges: { [row("shop-02.example", 200)]: 1, [LAST]: 1 },
  },
];

/** Bytes that a prelude's answers of 4xx cost. */
const NOT_FOUND: Record<string, [number, number]> = {
  target_error: [get("http://shop-04.example/").length, head("HTTP/1.1 404 Not Found", "Content-Length: 0").length],
};

const WITH_PRELUDE: Way[] = PRELUDES.map(({ name, turns, exchanges }) => ({
  name,
  lasting: { kind: "whole" },
  script: (payload) => {
    const { open, ...rest } = posted(payload);
    const failed = Object.keys(exchanges).some((key) => key.endsWith("target_error")) ? NOT_FOUND : {};
    return { ...rest, open: [...turns, ...open], labels: ["none http"], exchanges, failed };
  },
}));

function framed(
  name: string,
  script: (payload: Payload) => Pick<Script, "open" | "up" | "down">,
  lasting: Lasting = { kind: "whole" },
): Way {
  const exchanges: Record<string, number> = lasting.kind === "until-close" ? {} : { [LAST]: 1 };
  return { name, lasting, script: (payload) => ({ ...script(payload), labels: ["none http"], exchanges }) };
}

/** A body in chunks of at most 40,000 bytes, the sizes in both cases of hexadecimal and with an extension. */
function chunks(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += 40_000) {
    const part = body.subarray(at, at + 40_000);
    const size = part.length.toString(16);
    parts.push(bytes(at === 0 ? `00${size};name="a;b"` : size.toUpperCase(), "\r\n"), part, bytes("\r\n"));
  }
  return Buffer.concat([...parts, bytes("0\r\n")]);
}

const TRAILERS = head("Digest: none", "X-Trailer: 5");
const CHUNKED = "Transfer-Encoding: chunked";

const FRAMINGS: Way[] = [
  framed("absolute-form with chunked bodies and trailers", ({ up, down }) => ({
    open: [[">", head("POST http://shop-01.example/ HTTP/1.1", "Host: x", CHUNKED, "Trailer: Digest")]],
    up: [[">", Buffer.concat([chunks(up), TRAILERS])]],
    down: [["<", Buffer.concat([head("HTTP/1.1 200 OK", CHUNKED), chunks(down), TRAILERS])]],
  })),
  framed("absolute-form with a gzip body in chunks", ({ up, down }) => {
    const body = gzipSync(down);
    const answer = head("HTTP/1.1 200 OK", "Content-Encoding: gzip", "Transfer-Encoding: gzip, chunked");
    return { ...posted({ up, down }), down: [["<", Buffer.concat([answer, chunks(body), bytes("\r\n")])]] };
  }),
  framed("absolute-form with Expect: 100-continue", ({ up, down }) => ({
    ...posted({ up, down }),
    open: [
      [">", head("PUT http://shop-01.example/ HTTP/1.1", `Content-Length: ${up.length}`, "Expect: 100-continue")],
      ["<", head("HTTP/1.1 100 Continue")],
    ],
  })),
  framed(
    "absolute-form answered until the connection closes",
    ({ up, down }) => ({
      open: [[">", head("POST http://shop-01.example/ HTTP/1.0", `Content-Length: ${up.length}`)]],
      up: [[">", up]],
      down: [["<", Buffer.concat([head("HTTP/1.0 200 OK", "Content-Type: text/html"), down])]],
    }),
    { kind: "until-close", row: "none http 1.0 shop-01.example 200" },
  ),
  framed("origin-form to the host of its Host header", ({ up, down }) => ({
    ...posted({ up, down }),
    open: [[">", head("POST /form HTTP/1.1", "Host: Shop-01.Example:80", `Content-Length: ${up.length}`)]],
  })),
];

const WEBSOCKET: Way = {
  name: "absolute-form upgraded to a WebSocket",
  lasting: { kind: "open" },
  script: ({ up, down }) => ({
    open: [
      [">", get("http://shop-01.example/chat", "Connection: Upgrade", "Upgrade: websocket")],
      ["<", head("HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket")],
    ],
    up: [[">", up]],
    down: [["<", down]],
    labels: ["none http"],
    exchanges: { [row("shop-01.example", 101)]: 1 },
  }),
};

export const ABSOLUTE_WAYS: readonly Way[] = [...WITH_PRELUDE, ...FRAMINGS, WEBSOCKET];
