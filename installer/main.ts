// SPDX-License-Identifier: Apache-2.0
/**
 * The command line `proxymeter`: gathers the subcommands, turns signals into abort signals, prints errors, sets the exit status.
 * The only file with argv, signals and process.exit; what a subcommand does is in its own folder.
 */
import { Command, CommanderError } from "commander";
import { demoCommand } from "../demo/command.ts";
import { loadgenCommand } from "../loadgen/cli.ts";
import { describeError, ProxymeterError } from "./errors.ts";

// The terminal sends a Ctrl-C to every process, and npm passes its own on: one key press, two signals.
const SAME_KEY_PRESS_MS = 500;
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** The first Ctrl-C asks the command to finish, the second one and every other signal to stop at once. */
function listenToSignals() {
  const finish = new AbortController();
  const abort = new AbortController();
  let interruptedAt = 0;
  const isFirstInterrupt = () => {
    interruptedAt ||= Date.now();
    return Date.now() - interruptedAt < SAME_KEY_PRESS_MS;
  };
  for (const [name, exitCode] of Object.entries(SIGNALS)) {
    const reason = new ProxymeterError("E_INTERRUPTED", `interrupted by ${name}`, "nothing is left running", {
      exitCode,
    });
    process.on(name, () => {
      if (name === "SIGINT" && isFirstInterrupt()) finish.abort(reason);
      else abort.abort(reason);
    });
  }
  return { finish: finish.signal, abort: abort.signal };
}

async function main(argv: string[]): Promise<number> {
  const control = listenToSignals();
  const program = new Command("proxymeter")
    .description("counts, per proxy vendor and pod, what crawlers send through third-party proxies")
    .exitOverride();
  for (const command of [demoCommand(control), loadgenCommand(control)])
    program.addCommand(command.copyInheritedSettings(program));
  try {
    await program.parseAsync(argv);
    return 0;
  } catch (error) {
    // Commander has printed its message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { text, exitCode } = describeError(error);
    process.stderr.write(text);
    return exitCode;
  }
}

process.exit(await main(process.argv));
