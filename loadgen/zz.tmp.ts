import { Command } from "commander";
import { loadgenCommand } from "./cli.ts";
const finish = new AbortController();
process.on("SIGINT", () => finish.abort());
const p = new Command("proxymeter").exitOverride();
p.addCommand(loadgenCommand({ finish: finish.signal, abort: new AbortController().signal }));
try {
  await p.parseAsync(process.argv);
  process.exit(0);
} catch (e) {
  console.error("ERR", e);
  process.exit(1);
}
