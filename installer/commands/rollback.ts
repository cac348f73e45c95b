// SPDX-License-Identifier: Apache-2.0
/**
 * The `rollback` subcommand: installs again what the record says was installed before. Planning and doing are in installer/install/.
 */
import { Command } from "commander";
import { ProxymeterError } from "../errors.ts";
import { readStoredRecord, recordReference } from "../install/record.ts";
import { runSession } from "../install/session.ts";
import { nameOf } from "../objects/object.ts";
import { istioOf, type SessionFlags, sessionOf, sessionOptions } from "./session.ts";
import { type Control, clusterOptions, openCluster } from "./options.ts";
import { RELEASE } from "../release.ts";

const DETAILS = `
Goes back to the vendors.yaml, image and options of the installation before the current one; a second rollback returns.
Listeners that only the newer one needs stay until you give --drain. Namespaces stay opted in.

Exit status: 0 when all pods show the filter of before, 1 when something failed (run it again: it goes on), 2 when there is
nothing to go back to, or for a mistake in the options.

Examples:
  proxymeter rollback --dry-run
  proxymeter rollback -y`;

/** The subcommand, for a program that calls it `proxymeter rollback`. */
export function rollbackCommand(control: Control): Command {
  return sessionOptions(
    clusterOptions(new Command("rollback").description("return to the installation before this one")),
  )
    .addHelpText("after", DETAILS)
    .action((flags: SessionFlags) => rollback(flags, control));
}

async function rollback(flags: SessionFlags, control: Control): Promise<void> {
  const cluster = openCluster(flags, control);
  const stored = await readStoredRecord(cluster, flags.namespace);
  const record = stored?.record;
  const isBrokenOff = record?.state === "applying" && record.command === "rollback";
  const request = isBrokenOff ? record.current : record?.previous;
  if (request === undefined) {
    const found = record === undefined ? "no installation" : "no installation before the current one";
    throw new ProxymeterError(
      "E_NO_PREVIOUS",
      `cannot roll back: found ${found} in ${nameOf(recordReference(flags.namespace))}`,
      record === undefined ? "give -n, or install first" : "install an earlier vendors.yaml instead",
      { exitCode: 2 },
    );
  }
  const wish = {
    request,
    vendorsName: "vendors.yaml of the installation before",
    systemNamespace: flags.namespace,
    optIn: [],
    shouldDrain: flags.drain ?? false,
    command: "rollback" as const,
    istio: istioOf(flags),
    release: RELEASE,
    recordVersion: stored?.version,
  };
  await runSession(cluster, wish, sessionOf("the rollback", cluster, flags, control));
}
