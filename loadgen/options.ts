// SPDX-License-Identifier: Apache-2.0
/**
 * From the command line's texts to the options of a load. All mistakes are collected and reported together.
 * Reads no file but the trusted root's; what the options do is the engine's.
 */
import { readFileSync } from "node:fs";
import type { Protocol } from "./client/manners.ts";
import { LoadFailure } from "./failure.ts";
import type { LoadOptions, LoadVendor } from "./run.ts";
import type { WorkloadOptions } from "./workload.ts";

/** The texts as given; an option that was left out is undefined. */
export interface RawOptions extends Partial<Record<keyof typeof NUMBERS, string>> {
  proxy?: string[];
  url?: string[];
  header?: string[];
  weights?: string;
  duration?: string;
  timeout?: string;
  think?: string;
  ca?: string;
  output?: string;
  forward?: boolean;
  challenge?: boolean;
  insecure?: boolean;
  quiet?: boolean;
}

interface NumberRule {
  flag: string;
  min: number;
  max: number;
  isWhole: boolean;
}

const NUMBERS = {
  rate: { flag: "--rate", min: 0.01, max: 100_000, isWhole: false },
  connections: { flag: "--connections", min: 1, max: 50_000, isWhole: true },
  requestsPerConnection: { flag: "--requests-per-connection", min: 1, max: 1_000_000, isWhole: false },
  http2: { flag: "--http2", min: 0, max: 1, isWhole: false },
  seed: { flag: "--seed", min: 0, max: 4_294_967_295, isWhole: true },
  ledgerPort: { flag: "--ledger-port", min: 0, max: 65_535, isWhole: true },
} satisfies Record<string, NumberRule>;

const PROTOCOLS: Record<string, Protocol> = {
  "http:": "connect",
  "socks5:": "socks5",
  "socks5h:": "socks5",
  "socks4:": "socks4",
  "socks4a:": "socks4",
};

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/;
const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const MAX_DURATION_MS = 7 * 24 * 3_600_000;
const DEFAULT_DURATION = "10s";
const DEFAULT_WEIGHTS = [40, 35, 25];

/** Reads texts, keeps every mistake. */
class Reader {
  readonly mistakes: string[] = [];

  refuse(option: string, text: string, expected: string): void {
    this.mistakes.push(`cannot use ${option} "${text}" (expected ${expected})`);
  }

  number(text: string | undefined, { flag, min, max, isWhole }: NumberRule): number | undefined {
    if (text === undefined) return undefined;
    const value = text.trim() === "" ? Number.NaN : Number(text);
    const isGood = value >= min && value <= max && (!isWhole || Number.isInteger(value));
    if (!isGood) this.refuse(flag, text, `a ${isWhole ? "whole " : ""}number from ${min} to ${max}`);
    return value;
  }

  duration(text: string | undefined, flag: string): number | undefined {
    if (text === undefined) return undefined;
    const match = DURATION.exec(text);
    const value = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? "s"] ?? Number.NaN);
    if (!(value > 0 && value <= MAX_DURATION_MS)) this.refuse(flag, text, "up to a week, such as 500ms, 20s, 5m or 1h");
    return value;
  }

  url(text: string, flag: string, protocols: string[]): URL | null {
    const url = URL.parse(text);
    if (url?.hostname && protocols.includes(url.protocol)) return url;
    this.refuse(flag, redact(text), `an address with ${protocols.join(", ")}`);
    return null;
  }

  file(path: string, flag: string): string {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      this.refuse(flag, path, `a readable PEM file: ${(error as Error).message}`);
      return "";
    }
  }
}

export interface CommandOptions {
  load: LoadOptions;
  output: "text" | "json";
  isQuiet: boolean;
  /** 0 for any free one; undefined for none. */
  ledgerPort?: number;
}

/**
 * Checked options.
 *
 * @throws LoadFailure E_OPTIONS, exit status 2, naming every mistake
 */
export function readOptions(raw: RawOptions): CommandOptions {
  const reader = new Reader();
  const numbers = Object.fromEntries(
    Object.entries(NUMBERS).map(([name, rule]) => [name, reader.number(raw[name as keyof typeof NUMBERS], rule)]),
  ) as Partial<Record<keyof typeof NUMBERS, number>>;
  if (raw.rate !== undefined && raw.connections !== undefined) {
    reader.refuse("--connections", raw.connections, "either --rate or --connections");
  }
  if (raw.output !== undefined && raw.output !== "json") reader.refuse("-o", raw.output, "json");
  const load = defined<LoadOptions>({
    pods: [{ pod: "loadgen", vendors: readVendors(raw, reader) }],
    urls: readUrls(raw, reader),
    seed: numbers.seed ?? 1,
    ratePerSecond: numbers.rate,
    connections: numbers.connections,
    durationMs: reader.duration(raw.duration ?? DEFAULT_DURATION, "--duration"),
    timeoutMs: reader.duration(raw.timeout, "--timeout"),
    ca: raw.ca === undefined ? undefined : reader.file(raw.ca, "--ca"),
    verify: !raw.insecure,
    workload: defined<Partial<WorkloadOptions>>({
      requestsPerConnection: numbers.requestsPerConnection,
      http2Share: numbers.http2,
      meanThinkMs: reader.duration(raw.think, "--think"),
    }),
  });
  if (reader.mistakes.length > 0) {
    throw new LoadFailure("E_OPTIONS", reader.mistakes.join("\n"), "see `proxymeter loadgen --help`", { exitCode: 2 });
  }
  const { ledgerPort } = numbers;
  const output = raw.output === "json" ? "json" : "text";
  return { load, output, isQuiet: raw.quiet ?? false, ...(ledgerPort === undefined ? {} : { ledgerPort }) };
}

function readVendors(raw: RawOptions, reader: Reader): LoadVendor[] {
  const proxies = raw.proxy ?? [];
  if (proxies.length === 0) reader.mistakes.push("cannot start without --proxy (expected the address of a proxy)");
  const weights = readWeights(raw, proxies.length, reader);
  return proxies.flatMap((text, index) => {
    const [, name, address = ""] = /^(?:([a-z0-9-]+)=)?(.*)$/s.exec(text) ?? [];
    const proxy = reader.url(address, "--proxy", Object.keys(PROTOCOLS));
    if (!proxy) return [];
    const protocol = raw.forward ? "absolute" : PROTOCOLS[proxy.protocol];
    if (raw.forward && proxy.protocol !== "http:") reader.refuse("--forward", redact(address), "an http: proxy");
    return {
      vendor: name ?? proxy.host,
      weight: weights[index] ?? 0,
      proxyUrl: proxy.href,
      protocol: protocol ?? "connect",
      headers: readHeaders(raw, reader),
      awaitChallenge: raw.challenge ?? false,
    };
  });
}

function readWeights({ weights }: RawOptions, count: number, reader: Reader): number[] {
  if (weights === undefined) return Array.from({ length: count }, (_, index) => DEFAULT_WEIGHTS[index] ?? 25);
  const values = weights.split(",").map(Number);
  const isGood = values.length === count && values.every((value) => value >= 0) && values.some((value) => value > 0);
  if (!isGood) reader.refuse("--weights", weights, `${count} numbers with commas between, one for each --proxy`);
  return values;
}

function readUrls(raw: RawOptions, reader: Reader): string[] {
  const urls = raw.url ?? [];
  if (urls.length === 0) reader.mistakes.push("cannot start without --url (expected the address of a site)");
  const protocols = raw.forward ? ["http:"] : ["https:", "http:"];
  return urls.filter((url) => reader.url(url, "--url", protocols));
}

function readHeaders(raw: RawOptions, reader: Reader): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const text of raw.header ?? []) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*)$/.exec(text) ?? [];
    if (name && value !== undefined) headers[name.toLowerCase()] = value;
    else reader.refuse("--header", text, "name: value");
  }
  return headers;
}

/** Without the fields that are undefined. */
function defined<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** Credentials never reach a message. */
function redact(address: string): string {
  return address.replace(/\/\/[^/@]*@/, "//***@");
}
