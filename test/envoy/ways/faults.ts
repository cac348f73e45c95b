// SPDX-License-Identifier: Apache-2.0
/**
 * What goes wrong with a vendor or a site, as conversations: each with the one row it must give, and how it ends.
 * The failed bytes are then all bytes of the conversation.
 */
import { sized } from "../../core/hello.ts";
import { bytes, head, type Turn } from "./way.ts";

export interface Fault {
  name: string;
  turns: Turn[];
  end: "client ends" | "client resets" | "vendor ends" | "vendor resets";
  /** `pool protocol version destination code outcome`, one request. */
  row: string;
  /** The relay has other requests than the filter. */
  isCountedApart?: boolean;
}

const CONNECT: Turn = [">", head("CONNECT shop-01.example:443 HTTP/1.1", "Host: shop-01.example:443")];
const GET: Turn = [">", head("GET http://shop-01.example/ HTTP/1.1", "Host: shop-01.example")];
const GREETING: Turn[] = [
  [">", Buffer.from([5, 1, 0])],
  ["<", Buffer.from([5, 0])],
];
const SOCKS5: Turn = [
  ">",
  Buffer.concat([Buffer.from([5, 1, 0, 3]), sized(1, Buffer.from("shop-01.example")), Buffer.from([1, 187])]),
];
const SOCKS4: Turn = [">", Buffer.concat([Buffer.from([4, 1, 1, 187, 203, 0, 113, 80]), Buffer.from("user\0")])];

const connectRow = (code: number, outcome: string) => `none connect 1.1 shop-01.example ${code} ${outcome}`;
const httpRow = (code: number, outcome: string) => `none http 1.1 shop-01.example ${code} ${outcome}`;

function answered(body: string, ...lines: string[]): Turn {
  return ["<", Buffer.concat([head(...lines, `Content-Length: ${body.length}`), bytes(body)])];
}

const statuses: [status: string, outcome: string, ...headers: string[]][] = [
  ["407 Proxy Authentication Required", "vendor_auth", 'Proxy-Authenticate: Basic realm="acme"'],
  ["429 Too Many Requests", "rate_limited", "Retry-After: 1"],
  ["403 Forbidden", "vendor_error"],
  ["502 Bad Gateway", "vendor_error"],
  ["504 Gateway Timeout", "vendor_error"],
  ["502 Bad Gateway", "target_unreachable", 'Proxy-Status: acme; error=dns_error; rcode="NXDOMAIN"'],
  ["503 Service Unavailable", "vendor_error", "Proxy-Status: acme; error=proxy_internal_error"],
];

const REFUSALS: Fault[] = statuses.map(([status, outcome, ...headers]) => ({
  name: `CONNECT refused by ${[status, ...headers].join(", ")}`,
  turns: [CONNECT, answered("sorry\n", `HTTP/1.1 ${status}`, ...headers)],
  end: "vendor ends",
  row: connectRow(Number(status.slice(0, 3)), outcome),
}));

const FORWARDED: Fault[] = [
  ...statuses.filter(([status]) => !status.startsWith("403")),
  ["404 Not Found", "target_error"] as const,
  ["500 Internal Server Error", "target_error"] as const,
].map(([status, outcome, ...headers]) => ({
  name: `absolute-form answered by ${[status, ...headers].join(", ")}`,
  turns: [GET, answered("sorry\n", `HTTP/1.1 ${status}`, ...headers)],
  end: "client ends",
  row: httpRow(Number(status.slice(0, 3)), outcome),
}));

const GARBAGE: Turn = ["<", Buffer.from(Array.from({ length: 256 }, (_, at) => at))];

const SILENCES: Fault[] = [
  {
    name: "CONNECT refused with a body of 20,000 bytes",
    turns: [CONNECT, answered("x".repeat(20_000), "HTTP/1.1 403 Forbidden")],
    end: "vendor ends",
    row: connectRow(403, "vendor_error"),
  },
  {
    name: "CONNECT refused with a body until the connection closes",
    turns: [CONNECT, ["<", Buffer.concat([head("HTTP/1.1 502 Bad Gateway"), bytes("no route")])]],
    end: "vendor ends",
    row: connectRow(502, "vendor_error"),
  },
  {
    name: "CONNECT never answered, the client gives up",
    turns: [CONNECT],
    end: "client ends",
    row: connectRow(0, "client_abort"),
  },
  {
    name: "CONNECT never answered, the client resets",
    turns: [CONNECT],
    end: "client resets",
    row: connectRow(0, "client_abort"),
  },
  { name: "CONNECT answered by a FIN", turns: [CONNECT], end: "vendor ends", row: connectRow(0, "reset") },
  { name: "CONNECT answered by a reset", turns: [CONNECT], end: "vendor resets", row: connectRow(0, "reset") },
  {
    name: "CONNECT answered by garbage",
    turns: [CONNECT, GARBAGE],
    end: "vendor ends",
    row: connectRow(0, "vendor_error"),
  },
  {
    name: "CONNECT answered by half a head",
    turns: [CONNECT, ["<", bytes("HTTP/1.1 200 Conn")]],
    end: "vendor resets",
    row: connectRow(0, "reset"),
  },
  {
    name: "absolute-form never answered, the client gives up",
    turns: [GET],
    end: "client resets",
    row: httpRow(0, "client_abort"),
  },
  { name: "absolute-form answered by a FIN", turns: [GET], end: "vendor ends", row: httpRow(0, "reset") },
  {
    name: "absolute-form answered by garbage",
    turns: [GET, GARBAGE],
    end: "vendor ends",
    row: httpRow(0, "vendor_error"),
  },
  {
    name: "absolute-form answered by half a body",
    turns: [GET, ["<", Buffer.concat([head("HTTP/1.1 200 OK", "Content-Length: 1000"), bytes("x".repeat(500))])]],
    end: "vendor ends",
    row: httpRow(200, "reset"),
  },
  {
    name: "absolute-form left by the client in the middle of the body",
    turns: [GET, ["<", Buffer.concat([head("HTTP/1.1 200 OK", "Content-Length: 1000"), bytes("x".repeat(500))])]],
    end: "client resets",
    row: httpRow(200, "client_abort"),
  },
];

const REPLIES: [code: number, outcome: string][] = [
  [1, "vendor_error"],
  [2, "vendor_error"],
  [3, "target_unreachable"],
  [4, "target_unreachable"],
  [5, "target_unreachable"],
  [7, "vendor_error"],
];

const socksRow = (version: number, destination: string, outcome: string) =>
  `none socks${version} none ${destination} 0 ${outcome}`;

const SOCKS: Fault[] = [
  ...REPLIES.map(
    ([code, outcome]): Fault => ({
      name: `SOCKS5 refused by reply ${code}`,
      turns: [...GREETING, SOCKS5, ["<", Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0])]],
      end: "vendor ends",
      row: socksRow(5, "shop-01.example", outcome),
    }),
  ),
  {
    name: "SOCKS5 with no acceptable method",
    turns: [
      [">", Buffer.from([5, 1, 0])],
      ["<", Buffer.from([5, 255])],
    ],
    end: "vendor ends",
    row: socksRow(5, "unknown", "vendor_auth"),
    isCountedApart: true,
  },
  {
    name: "SOCKS5 with a wrong password",
    turns: [
      [">", Buffer.from([5, 1, 2])],
      ["<", Buffer.from([5, 2])],
      [">", Buffer.concat([Buffer.from([1]), sized(1, Buffer.from("user")), sized(1, Buffer.from("wrong"))])],
      ["<", Buffer.from([1, 1])],
    ],
    end: "vendor ends",
    row: socksRow(5, "unknown", "vendor_auth"),
    isCountedApart: true,
  },
  {
    name: "SOCKS5 never answered",
    turns: [...GREETING, SOCKS5],
    end: "client resets",
    row: socksRow(5, "shop-01.example", "client_abort"),
  },
  {
    name: "SOCKS5 answered by a reset",
    turns: [...GREETING, SOCKS5],
    end: "vendor resets",
    row: socksRow(5, "shop-01.example", "reset"),
  },
  {
    name: "SOCKS4 rejected",
    turns: [SOCKS4, ["<", Buffer.from([0, 91, 0, 0, 0, 0, 0, 0])]],
    end: "vendor ends",
    row: socksRow(4, "203.0.113.80", "vendor_error"),
  },
  {
    name: "SOCKS4 rejected for want of identification",
    turns: [SOCKS4, ["<", Buffer.from([0, 93, 0, 0, 0, 0, 0, 0])]],
    end: "vendor ends",
    row: socksRow(4, "203.0.113.80", "vendor_auth"),
  },
];

export const FAULTS: readonly Fault[] = [...REFUSALS, ...FORWARDED, ...SILENCES, ...SOCKS];
