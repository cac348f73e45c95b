// SPDX-License-Identifier: Apache-2.0
/**
 * The `loadgen` subcommand: its options and help, and where its results go. What the texts mean is in options.ts, the
 * load itself in run.ts. Results go to stdout, talk and the progress bar to stderr.
 */
import { Command } from "commander";
import { LoadFailure } from "./failure.ts";
import { serveLedger } from "./ledger-server.ts";
import { type CommandOptions, type RawOptions, readOptions } from "./options.ts";
import { showProgress } from "./progress.ts";
import { reportText } from "./report.ts";
import { type Load, type LoadResult, startLoad } from "./run.ts";

/** How the program asks a running command to end. */
export interface Control {
  /** Start nothing more, let what is open finish, report. */
  finish: AbortSignal;
  /** End at once with the signal's reason. */
  abort: AbortSignal;
}

const EXAMPLES = `
Rate and latency: with --rate, requests start at random times that are set beforehand, and latency counts from the time a
request was due, so a proxy that stalls shows. With --connections, each crawler waits for its answer before it goes on.

Exit status: 0 when at least one request succeeded, 1 when none did, 2 for a mistake in the options.

Examples:
  proxymeter loadgen --proxy http://user:pass@127.0.0.1:8080 --url https://shop.example/ --rate 50 --duration 1m
  proxymeter loadgen --proxy socks5://127.0.0.1:1080 --url https://shop.example/ --connections 200 -o json
  proxymeter loadgen --proxy acme=http://127.0.0.1:8080 --proxy globex=http://127.0.0.1:3128 --weights 70,30 \\
    --url https://shop.example/ --url https://news.example/list --ca ca.pem
  proxymeter loadgen --proxy http://127.0.0.1:8080 --forward --url http://shop.example/`;

const collect = (value: string, list: string[] = []) => [...list, value];

/** The subcommand, for a program that calls it `proxymeter loadgen`. */
export function loadgenCommand(control: Control): Command {
  return new Command("loadgen")
    .description("send crawler-like traffic through any proxy, and say what came of it")
    .option("--proxy <[name=]url>", "http, socks5 or socks4 proxy with its credentials; may be repeated", collect)
    .option("--weights <numbers>", "share of each proxy, such as 40,35,25 (default: 40,35,25,25,...)")
    .option("--url <url>", "site to ask for, most popular first; may be repeated", collect)
    .option("--forward", "send http: URLs to the proxy as absolute-form requests, without a tunnel")
    .option("--challenge", "send credentials only when the proxy asks for them, on the same connection")
    .option("--rate <number>", "requests a second, whatever the answers do (default: 100)")
    .option("--connections <number>", "instead of a rate: so many crawlers, each waiting for its answers")
    .option("--requests-per-connection <number>", "mean number of requests on one connection (default: 1)")
    .option("--think <time>", "mean pause between two requests of a crawler (default: 200ms)")
    .option("--http2 <share>", "share of connections that offer HTTP/2 inside TLS, 0 to 1 (default: 0.25)")
    .option("--header <name: value>", "sent with every request to a site; may be repeated", collect)
    .option("--duration <time>", "how long to start requests, such as 500ms, 20s or 5m (default: 10s)")
    .option("--timeout <time>", "limit for connecting, each handshake and each answer (default: 10s)")
    .option("--ca <file>", "PEM file of the root to trust (default: the usual public ones)")
    .option("--insecure", "accept any certificate")
    .option("--seed <number>", "the same seed makes the same sequence of requests (default: 1)")
    .option("--ledger-port <port>", "serve /metrics and /ledger on this port of 127.0.0.1 meanwhile; 0: any free one")
    .option("-o, --output <format>", "json for the whole result instead of a table")
    .option("--quiet", "no progress bar")
    .addHelpText("after", EXAMPLES)
    .action((raw: RawOptions) => generate(raw, control));
}

async function generate(raw: RawOptions, control: Control): Promise<void> {
  const options = readOptions(raw);
  const load = startLoad(options.load);
  const ledger = options.ledgerPort === undefined ? null : await openLedger(load, options.ledgerPort);
  const progress = options.isQuiet ? null : showProgress(load, options.load.durationMs, process.stderr);
  try {
    const result = await outcome(load, control);
    progress?.stop();
    process.stdout.write(options.output === "json" ? `${JSON.stringify(result)}\n` : reportText(result));
    if (result.ok === 0) throw nothingSucceeded(result, options);
  } finally {
    progress?.stop();
    await ledger?.close();
  }
}

async function openLedger(load: Load, port: number) {
  try {
    const listener = await serveLedger(load.snapshot, port);
    process.stderr.write(`ledger: http://127.0.0.1:${listener.port}/metrics and /ledger\n`);
    return listener;
  } catch (cause) {
    await load.stop();
    const message = `cannot serve the ledger on port ${port}: ${(cause as Error).message} (expected a free port)`;
    throw new LoadFailure("E_LEDGER_PORT", message, "give --ledger-port another port, or 0 for any", { cause });
  }
}

/** The result, also when asked to finish early. @throws the reason of an abort */
function outcome(load: Load, { finish, abort }: Control): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const onFinish = () => void load.stop();
    const onAbort = () => reject(abort.reason);
    if (finish.aborted) onFinish();
    if (abort.aborted) onAbort();
    finish.addEventListener("abort", onFinish, { once: true });
    abort.addEventListener("abort", onAbort, { once: true });
    load.done.then(resolve, reject);
  });
}

function nothingSucceeded({ failed, vendors }: LoadResult, { load }: CommandOptions): LoadFailure {
  const reasons = [...new Set(vendors.flatMap((row) => Object.keys(row.reasons)))].join(", ") || "nothing was due";
  const message = `no request succeeded: ${failed} failed: ${reasons} (expected an answer below status 400)`;
  const isTls = reasons.includes("tls") && load.verify;
  const hint = isTls ? "trust the site's root by --ca FILE" : "try the proxy and one URL with `curl -v -x PROXY URL`";
  return new LoadFailure("E_NOTHING_SUCCEEDED", message, hint);
}
