// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about child processes and about ending what was started, shown on real processes.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { DemoFailure } from "../../../demo/failure.ts";
import { findFilter, findTool } from "../../../demo/paths.ts";
import { poll } from "../../../demo/poll.ts";
import { startChild } from "../../../demo/process/child.ts";
import { freePort } from "../../../demo/process/port.ts";
import { Teardown } from "../../../demo/teardown.ts";

const signal = new AbortController().signal;
// Starting Node takes its time on a busy machine.
const TIMEOUT_MS = 30_000;
const CHILD = new URL("../../../demo/process/child.ts", import.meta.url).href;

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(execFileSync("cat", [`/proc/${pid}/status`], { encoding: "utf8", stdio: "pipe" }));
  } catch {
    return false;
  }
}

function shell(script: string) {
  return startChild({ command: "sh", args: ["-c", script] });
}

describe("startChild", { timeout: TIMEOUT_MS }, () => {
  it("keeps the last lines of both outputs and tells how the process ended", async () => {
    const child = shell("echo one; echo two >&2; exit 3");
    expect(await child.ended).toBe("exit code 3");
    expect(child.log.includes("one")).toBe(true);
    expect(child.log.includes("two")).toBe(true);
  });

  it("tells the signal that ended a process", async () => {
    const child = shell("exec sleep 60");
    process.kill(child.pid, "SIGKILL");
    expect(await child.ended).toBe("signal SIGKILL");
  });

  it("stops a running process, and one that has ended already", async () => {
    const child = shell("exec sleep 60");
    await child.stop();
    expect(isRunning(child.pid)).toBe(false);
    await child.stop();
    expect(child.hasEnded()).toBe(true);
  });

  it("runs the process in a session of its own", async () => {
    const child = shell("exec sleep 60");
    const session = execFileSync("ps", ["-o", "sid=", "-p", String(child.pid)], { encoding: "utf8" });
    expect(Number(session)).toBe(child.pid);
    await child.stop();
  });

  it.each(["SIGTERM", "SIGKILL"] as const)("leaves nothing running when its parent is ended by %s", async (name) => {
    const script = `import { startChild } from ${JSON.stringify(CHILD)};
      console.log(startChild({ command: "sleep", args: ["60"] }).pid);
      process.on("SIGTERM", () => process.exit());
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ["--input-type=module-typescript", "--eval", script], { stdio: "pipe" });
    const [line] = await once(parent.stdout, "data");
    const pid = Number(line);
    expect(isRunning(pid)).toBe(true);
    parent.kill(name);
    const gone = () => (isRunning(pid) ? undefined : true);
    await poll(gone, { what: "the child to end", deadlineMs: 5000, signal, hint: "" });
  });
});

describe("freePort", () => {
  it("gives a port that can be listened on", async () => {
    const server = createServer().listen(await freePort(), "127.0.0.1");
    await once(server, "listening");
    server.close();
  });
});

describe("Teardown", () => {
  it("runs its steps in reverse, all of them, and then reports those that failed", async () => {
    const order: number[] = [];
    const teardown = new Teardown();
    teardown.add(() => order.push(1));
    teardown.add(() => Promise.reject(new Error("stuck")));
    teardown.add(() => order.push(3));
    await expect(teardown.run()).rejects.toThrow(AggregateError);
    expect(order).toEqual([3, 1]);
  });

  it("ends at once what is started after it ran", async () => {
    const teardown = new Teardown();
    await teardown.run();
    let ended = false;
    teardown.add(() => {
      ended = true;
    });
    expect(ended).toBe(true);
  });
});

describe("poll", () => {
  it("fails with what it waited for when the deadline has passed", async () => {
    const waiting = poll(() => undefined, { what: "rain", deadlineMs: 30, everyMs: 5, signal, hint: "wait" });
    await expect(waiting).rejects.toMatchObject({ code: "E_TIMEOUT", message: expect.stringContaining("rain") });
  });

  it("ends with the signal's reason when that fires first", async () => {
    const control = new AbortController();
    const waiting = poll(() => undefined, { what: "rain", deadlineMs: 60_000, signal: control.signal, hint: "" });
    control.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });
});

describe("findTool and findFilter", () => {
  it("name the file that is missing and the command that makes it", () => {
    const missing = [() => findTool("envoy", "/nowhere"), () => findFilter("/nowhere/filter.wasm")];
    for (const look of missing) {
      expect(look).toThrow(DemoFailure);
      expect(look).toThrow(/no file "\/nowhere/);
    }
  });
});
