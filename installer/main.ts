// SPDX-License-Identifier: Apache-2.0
/**
 * The command line `proxymeter`: gathers the subcommands, turns signals into abort signals, prints errors, sets the exit status.
 * Loads the subcommand that is called and no other: their libraries are large.
 * The only file with argv, signals and process.exit; what a subcommand does is in its own folder.
 */
import { Command, CommanderError } from "commander";
import { documentation } from "./documentation.ts";
import { describeError, ProxymeterError } from "./errors.ts";
import { RELEASE } from "./release.ts";

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

type Control = ReturnType<typeof listenToSignals>;

/** In the order of the help: what a user needs one after the other. */
const COMMANDS: Readonly<Record<string, (control: Control) => Promise<Command>>> = {
  init: async (control) => (await import("./commands/init.ts")).initCommand(control),
  check: async (control) => (await import("./commands/check.ts")).checkCommand(control),
  render: async (control) => (await import("./commands/render.ts")).renderCommand(control),
  install: async (control) => (await import("./commands/install.ts")).installCommand(control),
  status: async (control) => (await import("./commands/status.ts")).statusCommand(control),
  validate: async (control) => (await import("./commands/validate.ts")).validateCommand(control),
  publish: async (control) => (await import("./commands/publish.ts")).publishCommand(control),
  rollback: async (control) => (await import("./commands/rollback.ts")).rollbackCommand(control),
  uninstall: async (control) => (await import("./commands/uninstall.ts")).uninstallCommand(control),
  restart: async (control) => (await import("./commands/restart.ts")).restartCommand(control),
  bill: async (control) => (await import("./commands/bill.ts")).billCommand(control),
  view: async (control) => (await import("./commands/view.ts")).viewCommand(control),
  observe: async (control) => (await import("./commands/observe.ts")).observeCommand(control),
  top: async (control) => (await import("./commands/top.ts")).topCommand(control),
  reconcile: async (control) => (await import("./commands/reconcile.ts")).reconcileCommand(control),
  graph: async (control) => (await import("./commands/graph.ts")).graphCommand(control),
  dashboards: async (control) => (await import("./commands/dashboards.ts")).dashboardsCommand(control),
  demo: async (control) => (await import("../demo/command.ts")).demoCommand(control),
  loadgen: async (control) => (await import("../loadgen/cli.ts")).loadgenCommand(control),
  completion: async () => (await import("./commands/completion.ts")).completionCommand(),
};

const EXAMPLES = `
Exit status: 0 on success, 1 when it failed, 2 for a mistake in the call; some subcommands have more, which their --help says.

Examples:
  proxymeter demo --duration 20s
  proxymeter check --pre -f vendors.yaml
  proxymeter install --help

Documentation: ${documentation("cli.md")}`;

/** Completion describes all of them, and so does help. */
function wanted(name: string | undefined): string[] {
  if (name === "--version") return [];
  return name !== undefined && name !== "completion" && Object.hasOwn(COMMANDS, name) ? [name] : Object.keys(COMMANDS);
}

/** Settings of the program for a subcommand and for those below it, so that a mistake in theirs ends with 2 as well. */
function inheriting(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const nested of command.commands) inheriting(nested, command);
  return command;
}

async function main(argv: string[]): Promise<number> {
  const control = listenToSignals();
  const program = new Command("proxymeter")
    .description("counts, per proxy vendor and pod, what crawlers send through third-party proxies")
    .version(RELEASE, "--version", "print the release")
    .addHelpText("after", EXAMPLES)
    .exitOverride();
  try {
    for (const name of wanted(argv[2])) {
      const command = await COMMANDS[name]?.(control);
      if (command) program.addCommand(inheriting(command, program));
    }
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
