// SPDX-License-Identifier: Apache-2.0
/**
 * The question before anything changes: what each answer and key does. The terminal is a pair of streams.
 */
import { PassThrough } from "node:stream";
import { describe, expect, it, vi } from "vitest";
import { describeError } from "../../../../installer/errors.ts";
import { confirm } from "../../../../installer/install/confirm.ts";

/** Types this once the question is there. */
async function answer(keys: string): Promise<unknown> {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  let shown = "";
  output.on("data", (chunk) => {
    shown += String(chunk);
  });
  const asked = confirm("Apply this?", {
    isConfirmed: false,
    signal: new AbortController().signal,
    terminal: { input, output },
  }).then(
    () => "confirmed",
    (error: unknown) => describeError(error),
  );
  await vi.waitFor(() => expect(shown).toContain("Apply this? [y/N] "));
  input.write(keys);
  return asked;
}

describe("confirm", () => {
  it.each(["y\r", "Y\r", "yes\r"])("goes on after %j", async (keys) => {
    expect(await answer(keys)).toBe("confirmed");
  });

  it.each(["\r", "n\r", "yet\r", "\u0004"])("changes nothing after %j", async (keys) => {
    expect(await answer(keys)).toEqual({ text: expect.stringMatching(/^not confirmed: nothing was/), exitCode: 1 });
  });

  it("ends with status 130 and no stack after Ctrl-C", async () => {
    const { text, exitCode } = (await answer("\u0003")) as { text: string; exitCode: number };
    expect({ exitCode, lines: text.split("\n") }).toEqual({
      exitCode: 130,
      lines: ["interrupted at the question: nothing was changed", expect.stringMatching(/^hint: /), ""],
    });
  });

  it("cannot ask where there is no terminal, which is status 2", async () => {
    const terminal = { input: new PassThrough(), output: new PassThrough() };
    const asked = confirm("Apply this?", { isConfirmed: false, signal: new AbortController().signal, terminal });
    await expect(asked).rejects.toMatchObject({ code: "E_NOT_CONFIRMED", exitCode: 2 });
  });
});
