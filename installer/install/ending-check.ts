// SPDX-License-Identifier: Apache-2.0
/**
 * The check that an installation ends with: the same as `proxymeter check`, of which only what does not pass is said.
 * What is checked is decided in installer/checks; here is when it counts as a failure of the command.
 */
import { gatherFacts, type Reader } from "../checks/gather.ts";
import type { Probes } from "../checks/probes.ts";
import { reportText, summaryOf } from "../checks/report-text.ts";
import { type Report, runChecks } from "../checks/run.ts";
import type { IstioWanted } from "../cluster/istio.ts";
import { documentation } from "../documentation.ts";
import { ProxymeterError } from "../errors.ts";
import type { VendorsFile } from "../vendors/model.ts";

export interface EndingCheck {
  vendors: VendorsFile;
  systemNamespace: string;
  istio: IstioWanted;
  probes: Probes;
  /** Told what is being read, often. */
  progress: (line: string) => void;
}

/** Reads the cluster after an installation. @throws ProxymeterError E_INTERRUPTED */
export async function endingCheck(cluster: Reader, options: EndingCheck): Promise<Report> {
  return runChecks(await gatherFacts(cluster, { stage: "after", ...options }));
}

/** What fails or warns, and the summary; for stderr. */
export function endingText(report: Report): string {
  const { LC_ALL, LC_CTYPE, LANG, NO_COLOR } = process.env;
  return reportText(report, {
    isShort: true,
    isUnicode: /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || ""),
    hasColors: process.stderr.isTTY === true && !NO_COLOR,
  });
}

/** @throws ProxymeterError E_CHECK when a check failed; warnings are allowed */
export function checkInOrder(report: Report): void {
  if (report.ok) return;
  throw new ProxymeterError(
    "E_CHECK",
    `everything is applied, but the cluster is not in order: ${summaryOf(report)}`,
    `mend what is marked above, which ${documentation("checks.md")} explains, and run \`proxymeter check\`; nothing has to be installed again`,
  );
}
