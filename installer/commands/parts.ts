// SPDX-License-Identifier: Apache-2.0
/**
 * The options of `install` that say which parts of Proxymeter there are, and the parts that they make: what is not said stays
 * as the last installation had it.
 */
import { type Command, Option } from "commander";
import { ProxymeterError } from "../errors.ts";
import type { Parts } from "../objects/target.ts";
import { accessLogOption, dashboardsOption, ledgerOption } from "./options.ts";

export interface PartFlags {
  monitor?: Parts["monitor"];
  scrapeFrom?: string;
  withCatchAll?: boolean;
  withoutCatchAll?: boolean;
  withTelemetry?: boolean;
  withoutTelemetry?: boolean;
  withAccessLog?: boolean;
  withoutAccessLog?: boolean;
  withLedger?: number;
  withoutLedger?: boolean;
  withDashboards?: boolean;
  withoutDashboards?: boolean;
}

/** Names of these options, for what contradicts all of them. */
export const PART_FLAGS: readonly (keyof PartFlags)[] = [
  "monitor",
  "scrapeFrom",
  "withCatchAll",
  "withoutCatchAll",
  "withTelemetry",
  "withoutTelemetry",
  "withAccessLog",
  "withoutAccessLog",
  "withLedger",
  "withoutLedger",
  "withDashboards",
  "withoutDashboards",
];

export function partOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--monitor <kind>",
        "how Prometheus finds the pods (default: pod-monitor where that kind exists, else scrape-config)",
      ).choices(["pod-monitor", "scrape-config", "none"]),
    )
    .option("--scrape-from <namespace>", "namespace of Prometheus, where network policies must let it in")
    .option("--without-catch-all", "meter only traffic to the gateways of vendors.yaml")
    .addOption(opposite("--with-catch-all", "withoutCatchAll"))
    .option("--without-telemetry", "leave Istio's own metrics as they are, and write no access log by Telemetry")
    .addOption(opposite("--with-telemetry", "withoutTelemetry"))
    .addOption(accessLogOption())
    .addOption(opposite("--without-access-log", "withAccessLog"))
    .addOption(ledgerOption())
    .addOption(opposite("--without-ledger", "withLedger"))
    .addOption(dashboardsOption())
    .addOption(opposite("--without-dashboards", "withDashboards"));
}

function opposite(flag: string, of: keyof PartFlags): Option {
  return new Option(flag, "the opposite, after that").conflicts(of);
}

/**
 * What is not said stays as it was: a second run must not bring back what the user left out.
 *
 * @throws ProxymeterError E_ACCESS_LOG, exit status 2
 */
export function partsOf(flags: PartFlags, before: Parts | undefined, monitor: Parts["monitor"]): Parts {
  const scrapeFrom = flags.scrapeFrom ?? before?.scrapeFrom;
  const hasDashboards = flags.withDashboards ?? (!flags.withoutDashboards && before?.dashboards === true);
  const ledgerSeconds = flags.withoutLedger ? undefined : (flags.withLedger ?? before?.ledgerSeconds);
  const telemetry = isOn(flags.withTelemetry, flags.withoutTelemetry, before?.telemetry);
  if (flags.withAccessLog && !telemetry) throw noTelemetry();
  const hasAccessLog = flags.withAccessLog ?? (!flags.withoutAccessLog && before?.accessLog === true);
  return {
    catchAll: isOn(flags.withCatchAll, flags.withoutCatchAll, before?.catchAll),
    telemetry,
    ...(hasAccessLog && telemetry && { accessLog: true }),
    monitor,
    ...(scrapeFrom !== undefined && { scrapeFrom }),
    ...(ledgerSeconds !== undefined && { ledgerSeconds }),
    ...(hasDashboards && { dashboards: true }),
  };
}

function isOn(on: boolean | undefined, off: boolean | undefined, was: boolean | undefined): boolean {
  return on ?? (!off && was !== false);
}

/** Also of `render`. */
export function noTelemetry(): ProxymeterError {
  return new ProxymeterError(
    "E_ACCESS_LOG",
    "cannot write an access log without the Telemetry that names it (found no Telemetry wanted, now or by the last installation)",
    "give --with-telemetry, or leave out --without-telemetry",
    { exitCode: 2 },
  );
}
