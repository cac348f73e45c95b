// SPDX-License-Identifier: Apache-2.0
/**
 * Runs a child process from start to stop and keeps its last log lines. Knows nothing of what it runs.
 * A child lives in a session of its own, so that a terminal's Ctrl-C reaches this program alone, which then ends its parts in order;
 * and it never outlives this program, however that ends.
 */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { LogTail } from "./log.ts";

const STOP_DEADLINE_MS = 5000;

export interface ChildOptions {
  command: string;
  args: string[];
  /** Told every line that the process writes; the log keeps only the last ones. */
  onLine?: (line: string) => void;
}

export interface Child {
  pid: number;
  log: LogTail;
  /** Resolves when the process has ended, to how it ended: `exit code 1`, `signal SIGKILL`. */
  ended: Promise<string>;
  hasEnded(): boolean;
  /** Asks the process to end, forces it after five seconds, and resolves when it has ended. */
  stop(): Promise<void>;
}

const running = new Set<number>();
process.once("exit", () => {
  for (const pid of running) kill(pid);
});

/** Starts a process. One that can't be started ends at once, and its log says why. */
export function startChild({ command, args, onLine }: ChildOptions): Child {
  const log = new LogTail();
  const [file = command, ...all] = [...dieWithParent(), command, ...args];
  const subprocess = execa(file, all, {
    detached: true,
    cleanup: false,
    stdin: "ignore",
    all: true,
    buffer: false,
    reject: false,
    forceKillAfterDelay: STOP_DEADLINE_MS,
  });
  const pid = subprocess.pid ?? 0;
  if (pid > 0) running.add(pid);
  const reading = readLines(subprocess.iterable({ from: "all" }), log, onLine);
  let over = false;
  const ended = subprocess.then(async (result) => {
    over = true;
    running.delete(pid);
    await reading;
    if (result.exitCode === undefined && result.signal === undefined) log.add(String(result.cause ?? "not started"));
    return result.signal === undefined ? `exit code ${result.exitCode ?? "none"}` : `signal ${result.signal}`;
  });
  const stop = async () => {
    if (!over) subprocess.kill("SIGTERM");
    await ended;
  };
  return { pid, log, ended, hasEnded: () => over, stop };
}

async function readLines(
  lines: AsyncIterable<unknown>,
  log: LogTail,
  onLine: (line: string) => void = () => {},
): Promise<void> {
  try {
    for await (const line of lines) {
      log.add(String(line));
      onLine(String(line));
    }
  } catch {
    // The iteration throws when the process fails; how it ended is read from its result.
  }
}

// Linux ends a child for us even when this program is killed; elsewhere the exit handler has to do.
function dieWithParent(): string[] {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const setpriv = folders.map((folder) => join(folder, "setpriv")).find((file) => existsSync(file));
  return setpriv === undefined || process.platform !== "linux" ? [] : [setpriv, "--pdeathsig", "KILL", "--"];
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Already gone.
  }
}
