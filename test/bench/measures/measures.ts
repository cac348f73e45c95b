// SPDX-License-Identifier: Apache-2.0
/**
 * All measures in the order in which they run.
 */
import { growth } from "./growth.ts";
import { connectLatency, requestLatency } from "./latency.ts";
import { ledger } from "./ledger.ts";
import { lookup } from "./lookup.ts";
import type { Measure } from "./measure.ts";
import { memory } from "./memory.ts";
import { module } from "./module.ts";
import { requestCpu } from "./request-cpu.ts";
import { scrape } from "./scrape.ts";
import { throughput } from "./throughput.ts";
import { tunnels } from "./tunnels.ts";

export const MEASURES: readonly Measure[] = [
  requestCpu,
  connectLatency,
  requestLatency,
  throughput,
  tunnels,
  ledger,
  memory,
  lookup,
  scrape,
  module,
  growth,
];
