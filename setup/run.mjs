// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the commands that set-up needs, quietly: their output is shown only when they fail.
 * Says on stderr what is going on, and that it still goes on when it takes long. stdout stays free for the command that follows.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const STILL_MILLISECONDS = 5000;
const TAIL_LINES = 20;

/** A failed step: what could not be done, and what to do about it. */
export class SetupError extends Error {
  constructor(message, hint, options) {
    super(message, options);
    this.hint = hint;
  }
}

export function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}

/**
 * Runs a command to its end.
 *
 * @returns  what it wrote to stdout
 * @throws   SetupError with the last lines it wrote when it can't be started or does not exit with 0
 */
export function run(command, args, { hint, ...options }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    const stillRunning = everySoOften(`still running ${command} ${args[0]}`);
    let stdout = "";
    let all = "";
    child.stdout.on("data", (text) => {
      stdout += text;
      all += text;
    });
    child.stderr.on("data", (text) => {
      all += text;
    });
    const fail = (found) =>
      reject(
        new SetupError(
          `cannot run "${[command, ...args].join(" ")}": ${found} (expected exit code 0)${tail(all)}`,
          hint,
        ),
      );
    child.on("error", (error) => {
      clearInterval(stillRunning);
      fail(error.message);
    });
    child.on("close", (code, signal) => {
      clearInterval(stillRunning);
      if (code === 0) resolve(stdout);
      else fail(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
}

/** Path of an executable on PATH, or undefined. */
export function onPath(name) {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

function everySoOften(what) {
  const start = Date.now();
  return setInterval(() => say(`${what} (${Math.round((Date.now() - start) / 1000)} s)`), STILL_MILLISECONDS);
}

function tail(text) {
  const lines = text.trimEnd().split("\n").slice(-TAIL_LINES);
  return lines.join("") === "" ? "" : `\n  ${lines.join("\n  ")}`;
}
