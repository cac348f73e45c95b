// SPDX-License-Identifier: Apache-2.0
/**
 * What curl does through a proxy in these tests: a table of command lines, what it must print, and which requests that makes.
 */
import { execa } from "execa";

export interface Place {
  /** `127.0.0.1:PORT`, a listener of Envoy. */
  proxy: string;
  /** File with the root certificate of the sites. */
  ca: string;
  /** File of FILE_BYTES bytes. */
  file: string;
}

export interface Errand {
  name: string;
  run(place: Place): Promise<void>;
  /** `pool protocol version destination code outcome` to number of requests. */
  exchanges: Record<string, number>;
  /** The client may close with bytes unread, which resets the connection with bytes in flight. */
  isCut?: boolean;
  /** Wants a proxy that keeps connections; curl would ask again on a new one. */
  needsKeepAlive?: boolean;
}

export const FILE_BYTES = 1 << 20;

/** `code:downloaded:uploaded` of each transfer, on one line each. */
const WRITE_OUT = "%{http_code}:%{size_download}:%{size_upload}\\n";

/**
 * @param want    what it must print, as the source of a regular expression
 * @throws        Error with what curl said, if it printed something else
 */
export async function curl({ ca }: Pick<Place, "ca">, args: readonly string[], want: string): Promise<void> {
  // -q: a .curlrc of whoever runs the tests changes nothing; no variables: nor do their proxies.
  const options = ["-q", "--silent", "--show-error", "--max-time", "30", "--cacert", ca, "--write-out", WRITE_OUT];
  const { stdout, stderr } = await execa("curl", [...options, ...args], {
    env: { PATH: process.env.PATH },
    extendEnv: false,
    reject: false,
  });
  const got = stdout.trim().split("\n").join(" ");
  if (!new RegExp(`^${want}$`).test(got))
    throw new Error(`curl ${args.join(" ")}: got "${got}", want "${want}"\n${stderr}`);
}

const url = (scheme: string, path: string, host = "shop-01.example") => `${scheme}://${host}${path}`;
const away = ["--output", "/dev/null"];
const all = `/bytes?size=${FILE_BYTES}`;
const tunnel = { "none connect 1.1 shop-01.example 200 ok": 1 };
const plain = { "none http 1.1 shop-01.example 200 ok": 1 };

/** Nothing is left to read when the answer has been read, so curl ends by FIN. */
export const POLITE = ["--http1.1", "--tls-max", "1.2"];

type Row = [
  name: string,
  args: (file: string, proxy: string) => string[],
  want: string,
  exchanges: Record<string, number>,
];

const ROWS: Row[] = [
  ["downloads a megabyte by https", () => [...POLITE, ...away, url("https", all)], `200:${FILE_BYTES}:0`, tunnel],
  [
    "uploads a megabyte by https",
    (file) => [...POLITE, ...away, "--data-binary", `@${file}`, url("https", "/form")],
    `200:8:${FILE_BYTES}`,
    tunnel,
  ],
  [
    "downloads by HTTP/1.1 in a tunnel of HTTP/1.0",
    (_file, proxy) => [...POLITE, "--proxy1.0", proxy, ...away, url("https", all)],
    `200:${FILE_BYTES}:0`,
    { "none connect 1.0 shop-01.example 200 ok": 1 },
  ],
  ["downloads a megabyte by http", () => [...away, url("http", all)], `200:${FILE_BYTES}:0`, plain],
  [
    "uploads a megabyte by http after 100-continue",
    (file) => [...away, "--header", "Expect: 100-continue", "--data-binary", `@${file}`, url("http", "/form")],
    `200:8:${FILE_BYTES}`,
    plain,
  ],
  [
    "uploads chunks by http",
    (file) => [...away, "--header", "Transfer-Encoding: chunked", "--upload-file", file, url("http", "/form")],
    // curl counts the framing.
    "200:8:\\d{7}",
    plain,
  ],
  ["downloads chunks by http", () => [...away, url("http", `${all}&chunked=1`)], `200:${FILE_BYTES}:0`, plain],
  ["asks with HEAD by http", () => [...away, "--head", url("http", all)], "200:0:0", plain],
];

const STATUSES: Errand = {
  name: "curl gets 204, 404 and 500 by http on a connection each",
  run: async (place) => {
    for (const [status, size] of [
      [204, 0],
      [404, 11],
      [500, 11],
    ]) {
      const args = ["--proxy", `http://${place.proxy}`, ...away, url("http", `/status/${status}`)];
      await curl(place, args, `${status}:${size}:0`);
    }
  },
  exchanges: {
    "none http 1.1 shop-01.example 204 ok": 1,
    "none http 1.1 shop-01.example 404 target_error": 1,
    "none http 1.1 shop-01.example 500 target_error": 1,
  },
};

const ONE_CONNECTION: Errand = {
  name: "curl asks three hosts by http on one connection",
  run: (place) => {
    const names = ["shop-01", "shop-02", "shop-01", "shop-03"];
    const asks = names.flatMap((name) => [...away, url("http", "/bytes?size=10", `${name}.example`)]);
    return curl(place, ["--proxy", `http://${place.proxy}`, ...asks], "200:10:0 200:10:0 200:10:0 200:10:0");
  },
  exchanges: {
    "none http 1.1 shop-01.example 200 ok": 2,
    "none http 1.1 shop-02.example 200 ok": 1,
    "none http 1.1 shop-03.example 200 ok": 1,
  },
  needsKeepAlive: true,
};

/** Late frames of HTTP/2 and session tickets of TLS 1.3 are unread when curl closes. */
const HTTP2: Errand = {
  name: "curl downloads a megabyte by HTTP/2 and cuts the connection",
  run: (place) => {
    const args = ["--proxy", `http://${place.proxy}`, "--http2", ...away, url("https", all)];
    return curl(place, args, `200:${FILE_BYTES}:0`);
  },
  exchanges: tunnel,
  isCut: true,
};

/** Through proxies that speak HTTP. */
export const CURL_ERRANDS: readonly Errand[] = [
  ...ROWS.map(
    ([name, args, want, exchanges]): Errand => ({
      name: `curl ${name}`,
      run: (place) => curl(place, ["--proxy", `http://${place.proxy}`, ...args(place.file, place.proxy)], want),
      exchanges,
    }),
  ),
  STATUSES,
  ONE_CONNECTION,
  HTTP2,
];
