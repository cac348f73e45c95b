// SPDX-License-Identifier: Apache-2.0
/**
 * The demo as a user starts it: a process of its own, what it writes, how it ends, and what it leaves behind.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { poll } from "../../../demo/poll.ts";
import { pidsMentioning } from "./processes.ts";

const MAIN = fileURLToPath(new URL("../../../installer/main.ts", import.meta.url));
const DEADLINE_MS = 30_000;
const signal = new AbortController().signal;

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Demo {
  child: ChildProcess;
  pid: number;
  ended: Promise<Ended>;
  /** Temporary folder that the process has for itself. */
  folder: string;
  /** Waits for a text on an output and returns all that is there by then. */
  says(text: string, output?: "stdout" | "stderr"): Promise<string>;
  /** Processes and files that should be gone when it has ended. */
  leftovers(): string[];
}

export interface DemoOptions {
  /** Path of another copy of the command line. */
  main?: string;
  /** Runs the command by another one, which gets the command after its own arguments. */
  wrapper?: readonly string[];
  /** Who ends it: the test that started it unless told. */
  atEnd?: (step: () => Promise<void>) => void;
}

/** Starts `proxymeter demo`. */
export function startDemo(args: readonly string[], options: DemoOptions = {}): Demo {
  const { main = MAIN, wrapper = [], atEnd = onTestFinished } = options;
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-test-"));
  const [command = "", ...rest] = [...wrapper, process.execPath, main, "demo", ...args];
  const child = spawn(command, rest, { env: { ...process.env, TMPDIR: folder } });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].on("data", (text) => {
      output[name] += text;
    });
  }
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...output }));
  atEnd(async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true });
  });
  const says = (text: string, name: "stdout" | "stderr" = "stderr") =>
    poll(() => (output[name].includes(text) ? output[name] : undefined), {
      what: `"${text}" on ${name}`,
      deadlineMs: DEADLINE_MS,
      signal,
      detail: () => `, got ${output.stdout}${output.stderr}`,
      hint: "",
    });
  const leftovers = () => [...readdirSync(folder), ...pidsMentioning(folder).map((pid) => `process ${pid}`)];
  return { child, pid: child.pid ?? 0, ended, folder, says, leftovers };
}

/** Waits until nothing is left of an ended demo; files stay when it had no time to remove them. */
export async function untilGone(pids: readonly number[], isRunning: (pid: number) => boolean): Promise<void> {
  const gone = () => (pids.some(isRunning) ? undefined : true);
  await poll(gone, { what: "the parts to end", deadlineMs: 5000, signal, hint: "" });
}
