// SPDX-License-Identifier: Apache-2.0
/**
 * What curl does through SOCKS gateways in these tests. microsocks connects by itself, so it is asked for loopback
 * addresses; loadgen's own gateway knows the sites by name and asks for credentials.
 */
import { curl, FILE_BYTES, POLITE, type Place } from "./curl.ts";

/** Of the sites on loopback. */
export interface SitePorts {
  http: number;
  https: number;
}

export interface SocksErrand {
  name: string;
  gateway: "microsocks" | "loadgen";
  run(place: Place, ports: SitePorts): Promise<void>;
  /** The one row it makes: `pool protocol version destination code outcome`. */
  row(ports: SitePorts): string;
  /** The gateway cannot reach the site. */
  isRefused?: boolean;
}

const USERNAME = "crawl-zone-residential-country-de";
export const SOCKS_CREDENTIALS = { username: "crawl", password: "s3cret" };

const all = `/bytes?size=${FILE_BYTES}`;
const away = ["--output", "/dev/null"];
const downloaded = `200:${FILE_BYTES}:0`;
const nothing = "000:0:0";
/** Port of the reserved service tcpmux, on which nothing listens. */
const NOBODY = 1;

export const SOCKS_ERRANDS: readonly SocksErrand[] = [
  {
    name: "SOCKS5 by name, https",
    gateway: "microsocks",
    run: (place, { https }) => ask(place, ["--socks5-hostname", place.proxy, `https://localhost:${https}${all}`]),
    row: ({ https }) => `none socks5 none localhost:${https} 0 ok`,
  },
  {
    name: "SOCKS5 by IPv4 address, https",
    gateway: "microsocks",
    run: (place, { https }) => ask(place, ["--socks5", place.proxy, `https://127.0.0.1:${https}${all}`]),
    row: ({ https }) => `none socks5 none 127.0.0.1:${https} 0 ok`,
  },
  {
    name: "SOCKS5 by name, an upload by http",
    gateway: "microsocks",
    run: (place, { http }) => {
      const args = ["--socks5-hostname", place.proxy, ...away, "--data-binary", `@${place.file}`];
      return curl(place, [...args, `http://localhost:${http}/form`], `200:8:${FILE_BYTES}`);
    },
    row: ({ http }) => `none socks5 none localhost:${http} 0 ok`,
  },
  {
    name: "SOCKS5 to a port on which nobody listens",
    gateway: "microsocks",
    run: (place) => ask(place, ["--socks5-hostname", place.proxy, `http://localhost:${NOBODY}/`], nothing),
    row: () => `none socks5 none localhost:${NOBODY} 0 target_unreachable`,
    isRefused: true,
  },
  {
    name: "SOCKS5 to an IPv6 address on which nobody listens",
    gateway: "microsocks",
    run: (place) => ask(place, ["--socks5", place.proxy, `http://[::1]:${NOBODY}/`], nothing),
    row: () => `none socks5 none [::1]:${NOBODY} 0 target_unreachable`,
    isRefused: true,
  },
  {
    name: "SOCKS5 by name with username and password, https",
    gateway: "loadgen",
    run: (place) =>
      ask(place, ["--proxy", `socks5h://${USERNAME}:s3cret@${place.proxy}`, `https://shop-01.example${all}`]),
    row: () => "residential socks5 none shop-01.example 0 ok",
  },
  {
    name: "SOCKS5 with a wrong password",
    gateway: "loadgen",
    run: (place) =>
      ask(place, ["--proxy", `socks5h://${USERNAME}:wrong@${place.proxy}`, "https://shop-01.example/"], nothing),
    row: () => "residential socks5 none unknown 0 vendor_auth",
    isRefused: true,
  },
];

function ask(place: Place, args: string[], want = downloaded): Promise<void> {
  return curl(place, [...POLITE, ...away, ...args], want);
}
