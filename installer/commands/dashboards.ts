// SPDX-License-Identifier: Apache-2.0
/**
 * The `dashboards` subcommands: options, help, and the way to Grafana's API with its credentials. What is sent, and what
 * answers mean, is in grafana/push.ts.
 */
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { request } from "undici";
import { checkedInDashboards, writeDashboards } from "../../grafana/files.ts";
import { type Answer, type Folder, type Pushed, pushDashboards, type Send } from "../../grafana/push.ts";
import { ProxymeterError } from "../errors.ts";
import { type Control, type Output, outputOption } from "./options.ts";
import { print, say } from "./output.ts";

const TIMEOUT_MS = 30_000;
const FOLDER = "Proxymeter";

interface PushFlags {
  grafana: string;
  folder: string;
  tokenFile?: string;
  output: Output;
}

const HELP = `
Loading them is one of three ways: push, by Grafana's HTTP API; \`proxymeter install --with-dashboards\`, as ConfigMaps that
Grafana's sidecar loads; write, and then import the files by hand (Dashboards, New, Import). See docs/dashboards.md.

Exit status: 0 when all dashboards are there or written, 1 when Grafana or a folder refuses one or Grafana does not answer, 2 for a
mistake in the options.

Examples:
  proxymeter dashboards write --to dashboards/
  GRAFANA_TOKEN=... proxymeter dashboards push --grafana https://grafana.example
  proxymeter dashboards push --grafana http://127.0.0.1:3000/grafana --token-file token --folder Crawlers -o json`;

const PUSH_HELP = `
Credentials are never given as an option: a service account's token in --token-file or GRAFANA_TOKEN, else GRAFANA_USERNAME and
GRAFANA_PASSWORD, else none. What is in Grafana under the same UIDs is replaced; what is there already is left alone.

Exit status: 0 when all dashboards are there, 1 when Grafana refuses or does not answer, 2 for a mistake in the options.

Examples:
  GRAFANA_TOKEN=... proxymeter dashboards push --grafana https://grafana.example
  proxymeter dashboards push --grafana http://127.0.0.1:3000/grafana --token-file token --folder Crawlers -o json`;

const WRITE_HELP = `
Exit status: 0 when all files were written, 1 when one could not be, 2 for a mistake in the options.

Examples:
  proxymeter dashboards write --to dashboards/
  proxymeter dashboards write --to dashboards/ -o json`;

/** The subcommands, for a program that calls them `proxymeter dashboards push` and `write`. */
export function dashboardsCommand(control: Control): Command {
  const push = new Command("push")
    .description("bring the dashboards into a Grafana by its API")
    .requiredOption("--grafana <url>", "address of Grafana")
    .option("--folder <title>", 'folder in Grafana; "" for none', FOLDER)
    .option("--token-file <file>", "file with the token of a service account (default: $GRAFANA_TOKEN)")
    .addOption(outputOption())
    .addHelpText("after", PUSH_HELP)
    .action((flags: PushFlags) => pushAll(flags, control));
  const write = new Command("write")
    .description("write the dashboards' JSON into a folder, for import by hand or for provisioning")
    .requiredOption("--to <folder>", "folder, which is made where it is missing")
    .addOption(outputOption())
    .addHelpText("after", WRITE_HELP)
    .action(({ to, output }: { to: string; output: Output }) => {
      const files = writeDashboards(to);
      print(files, output, (paths) => paths.join("\n"));
      say(`${files.length} dashboards written to ${to}`);
    });
  return new Command("dashboards")
    .description("bring the dashboards into Grafana, or write their JSON")
    .addCommand(push)
    .addCommand(write)
    .addHelpText("after", HELP);
}

async function pushAll(flags: PushFlags, { finish, abort }: Control): Promise<void> {
  const base = addressOf(flags.grafana);
  const authorization = authorizationOf(flags.tokenFile, process.env);
  const send = sender(base, authorization, AbortSignal.any([finish, abort]));
  const pushed = await pushDashboards(checkedInDashboards(), folderOf(flags.folder), send);
  print(pushed, flags.output, (all: Pushed[]) =>
    all.map(({ result, title, path }) => `${result.padEnd(9)} ${title}  ${new URL(base).origin}${path}`).join("\n"),
  );
}

/** The folder's UID follows from its title, so that a second run finds it. */
function folderOf(title: string): Folder | undefined {
  if (title === "") return undefined;
  const words = title.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return { uid: `folder-${words}`.slice(0, 40), title };
}

function addressOf(text: string): string {
  const url = URL.parse(text);
  const shown = text.replace(/\/\/[^/]*@/, "//***@");
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const message = `cannot use "${shown}" as the address of Grafana (expected http:// or https:// and a host)`;
    throw new ProxymeterError("E_OPTIONS", message, "give --grafana https://HOST", { exitCode: 2 });
  }
  if (url.username !== "" || url.password !== "") {
    const message = `cannot use "${shown}": found credentials in the address, which other users of this machine can see`;
    const hint = "set GRAFANA_USERNAME and GRAFANA_PASSWORD, or GRAFANA_TOKEN, or give --token-file";
    throw new ProxymeterError("E_OPTIONS", message, hint, { exitCode: 2 });
  }
  return `${url.origin}${url.pathname.replace(/\/$/, "")}`;
}

function authorizationOf(tokenFile: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const token = tokenFile === undefined ? env.GRAFANA_TOKEN : readToken(tokenFile);
  if (token) return `Bearer ${token}`;
  const { GRAFANA_USERNAME: username, GRAFANA_PASSWORD: password } = env;
  if (username === undefined || password === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function readToken(path: string): string {
  const hint = "put the token of a Grafana service account into that file";
  const refuse = (found: string, cause?: unknown) =>
    new ProxymeterError("E_TOKEN_FILE", `cannot read a token from "${path}": ${found}`, hint, { exitCode: 2, cause });
  let text = "";
  try {
    text = readFileSync(path, "utf8").trim();
  } catch (error) {
    throw refuse((error as NodeJS.ErrnoException).code ?? String(error), error);
  }
  if (!/^[\x21-\x7e]+$/.test(text))
    throw refuse("found nothing that could be one (expected one line of visible characters)");
  return text;
}

function sender(base: string, authorization: string | undefined, signal: AbortSignal): Send {
  return async (method, path, body) => {
    try {
      const { statusCode, body: answer } = await request(`${base}${path}`, {
        method,
        headers: {
          accept: "application/json",
          ...(body && { "content-type": "application/json" }),
          ...(authorization && { authorization }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      return { status: statusCode, body: parsed(await answer.text()) };
    } catch (error) {
      signal.throwIfAborted();
      const found = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
      const message = `cannot reach Grafana at ${base}: ${found} (expected an answer within ${TIMEOUT_MS / 1000} s)`;
      const hint = "check the address; from outside a cluster, `kubectl port-forward` its Service first";
      throw new ProxymeterError("E_GRAFANA_UNREACHABLE", message, hint, { cause: error });
    }
  };
}

function parsed(text: string): Answer["body"] {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
