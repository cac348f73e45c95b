// SPDX-License-Identifier: Apache-2.0
/**
 * The group of what reads most series: bytes by their splits, destinations, histograms. One group, so that its rules run one after the
 * other and leave a core to those of every scrape.
 */
import type { RecordingGroup } from "../model.ts";
import { DESTINATIONS } from "./destinations.ts";
import { BYTE_SPLITS } from "./splits.ts";
import { TIMES } from "./times.ts";

/** Seconds between two values. */
export const PARTS_EVERY_S = 120;

export const PARTS: RecordingGroup = {
  name: "proxymeter-parts",
  interval: `${PARTS_EVERY_S / 60}m`,
  rules: [...BYTE_SPLITS, ...DESTINATIONS, ...TIMES],
};
