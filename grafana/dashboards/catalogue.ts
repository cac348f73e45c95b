// SPDX-License-Identifier: Apache-2.0
/**
 * The five dashboards by name: UID, title, what they answer, and the file that each is checked in as.
 * What they show is in a file each; links between them are built from this table.
 */

export interface Entry {
  /** Stable for ever: links, bookmarks and repeated imports rest on it. */
  uid: string;
  title: string;
  description: string;
  /** Below `json/`. */
  file: string;
}

export const DASHBOARDS = {
  overview: {
    uid: "proxymeter-overview",
    title: "Proxymeter / Overview",
    description: "What crawlers send through proxy vendors now, over a day, a week and a month, and where it goes.",
    file: "overview.gen.json",
  },
  vendors: {
    uid: "proxymeter-vendors",
    title: "Proxymeter / Vendors",
    description: "Vendors side by side: success, faults, latency, bans, pools and exit countries.",
    file: "vendors.gen.json",
  },
  destinations: {
    uid: "proxymeter-destinations",
    title: "Proxymeter / Destinations",
    description:
      "Which sites the traffic goes to through which vendor, how fast they answer, and what could not be told.",
    file: "destinations.gen.json",
  },
  bandwidth: {
    uid: "proxymeter-bandwidth",
    title: "Proxymeter / Bandwidth and cost",
    description: "Bytes each way by vendor, pod and country, what was wasted, and what it costs.",
    file: "bandwidth.gen.json",
  },
  fleet: {
    uid: "proxymeter-fleet",
    title: "Proxymeter / Pods and fleet health",
    description: "Whether every pod is metered, what the filter and the scrape cost, and how crawlers and sidecars do.",
    file: "fleet.gen.json",
  },
} as const satisfies Record<string, Entry>;

export type DashboardName = keyof typeof DASHBOARDS;

/** On every dashboard of ours; Grafana finds them by it. */
export const TAG = "proxymeter";
