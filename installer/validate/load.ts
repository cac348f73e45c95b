// SPDX-License-Identifier: Apache-2.0
/**
 * Makes the load of a validation with `proxymeter loadgen` in a process of its own, and doubles what it was told to send.
 */
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { ProxymeterError } from "../errors.ts";
import { type Ledger, parseLedger } from "./ledger.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const USUAL_RATE = 100;
const SHOWN_LINES = 5;

/**
 * Runs loadgen to its end and returns its ledger.
 *
 * @param args  as `proxymeter loadgen` takes them
 * @throws      ProxymeterError E_LOADGEN; the signal's reason
 */
export async function makeLoad(args: readonly string[], signal: AbortSignal): Promise<Ledger> {
  const command = [MAIN, "loadgen", ...args, "--quiet", "-o", "json"];
  const { stdout, stderr, exitCode } = await execa(process.execPath, command, {
    ...{ cancelSignal: signal, reject: false, stdin: "ignore" },
    maxBuffer: Number.MAX_SAFE_INTEGER,
  });
  signal.throwIfAborted();
  if (exitCode === 0) return parseLedger(stdout, "loadgen's result");
  const said = stderr.trim().split("\n").slice(-SHOWN_LINES).join("\n  ");
  throw new ProxymeterError(
    "E_LOADGEN",
    `cannot make the load: loadgen ended with ${exitCode ?? "a signal"} (expected 0):\n  ${said}`,
    "try the same options with `proxymeter loadgen`",
    { exitCode: exitCode === 2 ? 2 : 1 },
  );
}

/** The same options with twice the rate, or twice the crawlers. */
export function doubled(args: readonly string[]): string[] {
  let found = false;
  const twice = args.map((arg, index) => {
    const [, flag, value] = /^(--rate|--connections)=(.*)$/.exec(arg) ?? [];
    const isValue = ["--rate", "--connections"].includes(args[index - 1] ?? "");
    if (flag === undefined && !isValue) return arg;
    found = true;
    return flag === undefined ? String(Number(arg) * 2) : `${flag}=${Number(value) * 2}`;
  });
  return found ? twice : [...twice, "--rate", String(USUAL_RATE * 2)];
}
