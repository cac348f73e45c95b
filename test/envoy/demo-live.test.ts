// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the demo on a terminal: a view that is drawn anew while there is load, and a good end on the Ctrl-C key.
 */
import { describe, expect, it } from "vitest";
import { type Demo, startDemo } from "./driver/demo-process.ts";

const CTRL_C = "\x03";
const SHOW_CURSOR = "\x1b[?25h";

/** A terminal of this size, by the Python that set-up needs as well; what is typed is written to its stdin. */
function terminal(columns: number, rows: number): string[] {
  const spawn = "import pty, sys; status = pty.spawn(sys.argv[1:]); sys.exit(status >> 8)";
  return ["python3", "-c", spawn, "sh", "-c", `stty cols ${columns} rows ${rows}; exec "$@"`, "sh"];
}

function onTerminal(columns: number, rows: number, args: string[]): Demo {
  return startDemo(args, { wrapper: terminal(columns, rows) });
}

describe("demo on a terminal", () => {
  it("draws vendors, destinations, pods and their Envoys' use anew each second, and ends on Ctrl-C with a report", async () => {
    const demo = onTerminal(80, 40, ["--pods", "1"]);
    await demo.says("shop-01.example", "stdout");
    const before = (await demo.says("initech", "stdout")).split(" requests answered").length;
    await demo.says("7 s, ", "stdout");
    demo.child.stdin?.write(CTRL_C);
    const { code, stdout } = await demo.ended;
    expect(stdout.split(" requests answered").length).toBeGreaterThan(before);
    expect(stdout).toMatch(/acme +\d+\.\d .* 100\.0 %/);
    expect(stdout).toMatch(/crawler-0 +\d+\.\d .* %.* MB/);
    expect(stdout).toContain("PASS  books");
    expect(stdout.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(stdout.lastIndexOf("\x1b[?25l"));
    expect(code).toBe(0);
    expect(demo.leftovers()).toEqual([]);
  });

  it("writes lines on a terminal that has no size", async () => {
    const { code, stdout } = await onTerminal(0, 0, ["--pods", "1", "--duration", "6s", "--rate", "20"]).ended;
    expect(stdout).toContain("demo: 5 of 6 s");
    expect(stdout).not.toContain("\x1b[?25l");
    expect(code).toBe(0);
  });
});
