// SPDX-License-Identifier: Apache-2.0
/**
 * A child process that runs until it is stopped: log file, readiness, end by its own pid.
 * Knows nothing of what runs in it.
 */
import { spawn } from "node:child_process";
import { chownSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { until } from "./poll.ts";

export interface DaemonOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly directory: string;
  /** User and group id; the caller's own when absent. */
  readonly uid?: number;
  /** Asked until it holds; a throw means "not yet". */
  readonly ready: () => Promise<boolean>;
  readonly readyTimeoutMs?: number;
  /** SIGKILL suits servers whose state is thrown away and whose orderly end takes ten seconds. */
  readonly stopSignal: "SIGTERM" | "SIGKILL";
}

export interface Daemon {
  readonly name: string;
  readonly pid: number;
  /** The last lines of what it wrote, 50 unless told. */
  log(lines?: number): string;
  stop(): Promise<void>;
}

/**
 * Starts a process and waits until it is ready.
 *
 * @throws Error with the last 50 lines of its log when it ends early or is not ready in time
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const logFile = `${options.directory}/${options.name}.log`;
  mkdirSync(dirname(logFile), { recursive: true });
  // A sidecar's access log opens /dev/stdout anew, by its own user; what either writes goes to the end.
  writeFileSync(logFile, "");
  if (options.uid !== undefined) chownSync(logFile, options.uid, options.uid);
  const descriptor = openSync(logFile, "a");
  const child = spawn(options.command, options.args, {
    cwd: options.directory,
    env: { PATH: process.env.PATH ?? "", HOME: options.directory, ...options.env },
    stdio: ["ignore", descriptor, descriptor],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  closeSync(descriptor);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`it ended with ${signal ?? `status ${code}`}`));
  });
  const log = (lines = 50) => lastLines(logFile, lines);
  const stop = () => stopChild(child, ended, options.stopSignal);
  const early = ended.then((reason) => {
    throw new Error(`cannot start ${options.name}: ${reason}\n${log()}`);
  });
  try {
    const what = `${options.name} ready`;
    await Promise.race([
      until(options.ready, { what, timeoutMs: options.readyTimeoutMs ?? 60_000, detail: log }),
      early,
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  early.catch(() => undefined);
  return { name: options.name, pid: child.pid ?? 0, log, stop };
}

async function stopChild(
  child: ReturnType<typeof spawn>,
  ended: Promise<string>,
  signal: "SIGTERM" | "SIGKILL",
): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const overdue = setTimeout(() => child.kill("SIGKILL"), 15_000);
  await ended;
  clearTimeout(overdue);
}

function lastLines(file: string, count: number): string {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n").slice(-count);
  return [`--- ${file}, last ${lines.length} lines ---`, ...lines].join("\n");
}
