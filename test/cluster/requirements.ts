// SPDX-License-Identifier: Apache-2.0
/**
 * What a machine must have before a cluster can be simulated on it.
 * Answers with sentences; whether a lack skips or fails the run is the entry point's decision.
 */
import { execa } from "execa";
import { canUnshare } from "./namespace.ts";

interface Requirement {
  readonly lack: string;
  readonly holds: () => boolean | Promise<boolean>;
}

const runs = async (command: string, ...args: string[]) => !(await execa(command, args, { reject: false })).failed;

const REQUIREMENTS: readonly Requirement[] = [
  {
    lack: "this is not Linux (expected Linux: the cluster lives in its namespaces)",
    holds: () => process.platform === "linux",
  },
  { lack: "not root (expected root: namespaces and packet rules need it)", holds: () => process.getuid?.() === 0 },
  { lack: "no `go` on PATH (expected Go 1.26 or newer from https://go.dev/dl)", holds: () => runs("go", "version") },
  { lack: "no `unshare` on PATH (expected Debian's util-linux)", holds: () => runs("unshare", "--version") },
  { lack: "no `ip` on PATH (expected Debian's iproute2)", holds: () => runs("ip", "-Version") },
  { lack: "namespaces are refused (expected CAP_SYS_ADMIN, as in a privileged container)", holds: canUnshare },
];

/** The first thing this machine lacks, as a sentence; "" when it has everything. */
export async function firstLack(): Promise<string> {
  for (const { lack, holds } of REQUIREMENTS) {
    if (!(await holds())) return lack;
  }
  return "";
}
