// SPDX-License-Identifier: Apache-2.0
/**
 * The page over the rig's Prometheus, for as long as the rig runs. What it shows is in view/ and grafana/.
 */
import { startView } from "../view/server/server.ts";
import { urlUpstream } from "../view/server/url-upstream.ts";
import { DASHBOARDS } from "./paths.ts";
import { SCRAPE_INTERVAL_MS } from "./prometheus/config.ts";
import type { Rig } from "./rig.ts";
import type { Teardown } from "./teardown.ts";

/** A run is short beside what dashboards usually show. */
const SHOWN = "now-5m";

/** @returns the page's address */
export async function startPage({ prometheus }: Pick<Rig, "prometheus">, teardown: Teardown): Promise<string> {
  const view = await startView({
    upstream: urlUpstream(prometheus.url),
    dashboards: DASHBOARDS,
    scrapeIntervalSeconds: SCRAPE_INTERVAL_MS / 1000,
    from: SHOWN,
  });
  teardown.add(view.close);
  return view.url;
}
