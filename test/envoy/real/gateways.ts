// SPDX-License-Identifier: Apache-2.0
/**
 * Starts real proxies as vendor gateways on loopback: how each is configured, and when it is ready.
 * Those that can have an upstream proxy reach the sites by name through it; microsocks connects to loopback itself.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { poll } from "../../../demo/poll.ts";
import { type Child, startChild } from "../../../demo/process/child.ts";
import { freePort } from "../../../demo/process/port.ts";
import type { Program } from "./programs.ts";

const READY_DEADLINE_MS = 20_000;

export interface RealGateway {
  port: number;
  stop(): Promise<void>;
}

interface Setting {
  port: number;
  internetPort: number;
  /** An empty folder of its own. */
  folder: string;
  /** Of the unpacked package; "" for an installed one. */
  root: string;
}

/** Arguments by program; what it reads from files is written on the way. */
const ARGUMENTS: Record<"squid" | "tinyproxy" | "microsocks", (setting: Setting) => string[]> = {
  squid: (setting) => ["-N", "-n", serviceOf(setting), "-f", write(setting, "squid.conf", squidConfig(setting))],
  tinyproxy: (setting) => ["-d", "-c", write(setting, "tinyproxy.conf", tinyproxyConfig(setting))],
  microsocks: ({ port }) => ["-i", "127.0.0.1", "-p", String(port)],
};

/** Starts one and waits until it takes connections. */
export async function startRealGateway(
  name: keyof typeof ARGUMENTS,
  program: Program,
  { internetPort, folder: parent }: { internetPort: number; folder: string },
): Promise<RealGateway> {
  const folder = join(parent, name);
  mkdirSync(folder);
  const setting = { port: await freePort(), internetPort, folder, root: program.root };
  const [command, ...first] = program.command;
  const child = startChild({ command, args: [...first, ...ARGUMENTS[name](setting)] });
  await whenListening(name, child, setting.port);
  const stop = async () => {
    await child.stop();
    removeSharedMemory(serviceOf(setting));
  };
  return { port: setting.port, stop };
}

function whenListening(name: string, child: Child, port: number): Promise<true> {
  const check = async () => {
    if (child.hasEnded()) throw new Error(`${name} ended with ${await child.ended}${child.log.text(50)}`);
    return (await takesConnections(port)) ? true : undefined;
  };
  const detail = () => child.log.text(50);
  return poll(check, {
    what: name,
    deadlineMs: READY_DEADLINE_MS,
    signal: new AbortController().signal,
    detail,
    hint: "",
  });
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.end());
  });
}

function write({ folder }: Setting, name: string, lines: string[]): string {
  const file = join(folder, name);
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

/** Squid names its shared memory after its service, so two of them on one machine need two names. */
function serviceOf({ port }: Setting): string {
  return `proxymeter${port}`;
}

function removeSharedMemory(service: string): void {
  for (const name of readdirSync("/dev/shm").filter((each) => each.startsWith(`${service}-`)))
    rmSync(join("/dev/shm", name));
}

/** @see http://www.squid-cache.org/Doc/config/ */
function squidConfig({ port, internetPort, root }: Setting): string[] {
  return [
    `http_port 127.0.0.1:${port}`,
    "http_access allow all",
    `cache_peer 127.0.0.1 parent ${internetPort} 0 no-query no-digest default`,
    "never_direct allow all",
    ...["cache deny all", "cache_mem 0", "memory_cache_shared off", "pid_filename none"],
    ...["access_log none", "cache_log stdio:/dev/null", "cache_store_log none", "logfile_rotate 0"],
    ...["pinger_enable off", "visible_hostname gw.acme.example", "shutdown_lifetime 0 seconds", "coredump_dir none"],
    // As root squid becomes another user, who can read the package but not our temporary folder.
    "cache_effective_user nobody",
    `unlinkd_program ${root}/usr/lib/squid/unlinkd`,
    `mime_table ${root}/usr/share/squid/mime.conf`,
    `icon_directory ${root}/usr/share/squid/icons`,
    `error_directory ${root}/usr/share/squid-langpack/templates`,
  ];
}

/** @see https://tinyproxy.github.io */
function tinyproxyConfig({ port, internetPort }: Setting): string[] {
  return [
    `Port ${port}`,
    "Listen 127.0.0.1",
    "Timeout 60",
    "MaxClients 100",
    `Upstream http 127.0.0.1:${internetPort}`,
    "LogLevel Error",
  ];
}
