// SPDX-License-Identifier: Apache-2.0
/**
 * What reading a text as vendors.yaml ends with, for tests that expect mistakes.
 */
import { ProxymeterError } from "../../../../installer/errors.ts";
import { parseVendors } from "../../../../installer/vendors/read.ts";

export const HEAD = "apiVersion: proxymeter.io/v1\n";

export function errorOf(text: string): ProxymeterError {
  try {
    parseVendors(text, "vendors.yaml");
  } catch (error) {
    if (error instanceof ProxymeterError) return error;
    throw error;
  }
  throw new Error("got a file without mistakes, want an error");
}

/** The mistakes without the name of the file. */
export function mistakesOf(text: string): string[] {
  const lines = errorOf(text).message.split("\n").slice(1);
  return lines.map((line) => line.replace(/^vendors\.yaml:/, ""));
}
