// SPDX-License-Identifier: Apache-2.0
/**
 * All dashboards as the text of their files. Writing them is write.ts; installing them is the installer's.
 */
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { bandwidth } from "./bandwidth.ts";
import { DASHBOARDS, type DashboardName } from "./catalogue.ts";
import { destinations } from "./destinations.ts";
import { fleet } from "./fleet.ts";
import { overview } from "./overview.ts";
import { vendors } from "./vendors.ts";

const MAKERS: Readonly<Record<DashboardName, () => Dashboard>> = {
  overview,
  vendors,
  destinations,
  bandwidth,
  fleet,
};

/** Text by file name; the same sources give the same text. */
export function dashboardFiles(): Map<string, string> {
  const names = Object.keys(MAKERS) as DashboardName[];
  return new Map(names.map((name) => [DASHBOARDS[name].file, `${JSON.stringify(MAKERS[name](), null, 2)}\n`]));
}
