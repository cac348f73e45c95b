// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the subcommand `publish` before it talks to any registry. What it pushes is shown with a real one in test/registry.
 */
import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { publishCommand } from "../../../../installer/commands/publish.ts";
import { runPublish } from "../../../registry/command.ts";

const DIGEST = `sha256:${"0".repeat(64)}`;

describe("proxymeter publish", () => {
  it.each([
    [
      "a reference that names a digest",
      [`oci://registry.example/proxymeter@${DIGEST}`],
      "E_REFERENCE",
      "it names a digest",
    ],
    ["a reference without a registry", ["proxymeter:1"], "E_REFERENCE", "no repository"],
    [
      "a module that is not there",
      ["oci://localhost/proxymeter:1", "--filter", "/nonexistent.wasm"],
      "E_FILTER_MISSING",
      "no such file",
    ],
    [
      "a file that is no module",
      ["oci://localhost/proxymeter:1", "--filter", import.meta.filename],
      "E_FILTER",
      "not those of WebAssembly",
    ],
  ])("refuses %s as a mistake of the user", async (_name, args, code, message) => {
    await expect(runPublish(args)).rejects.toMatchObject({
      code,
      exitCode: 2,
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ["no reference", []],
    ["an unknown format", ["oci://localhost/proxymeter:1", "--format", "docker"]],
    ["an unknown output", ["oci://localhost/proxymeter:1", "-o", "xml"]],
    ["an unknown option", ["oci://localhost/proxymeter:1", "--force"]],
  ])("refuses %s", async (_name, args) => {
    await expect(runPublish(args)).rejects.toBeInstanceOf(CommanderError);
  });

  it("has help that ends with exit statuses and examples", () => {
    const never = new AbortController().signal;
    let help = "";
    const command = publishCommand({ abort: never, finish: never }).configureOutput({
      writeOut: (text) => (help += text),
    });
    command.outputHelp();
    expect(help).toMatch(/Exit status: 0 .*\n\nExamples:\n( {2}proxymeter publish oci:\/\/.*\n)+$/);
    for (const flag of ["--format", "--filter", "--insecure", "--output"]) expect(help).toContain(flag);
  });
});
