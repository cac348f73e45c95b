// SPDX-License-Identifier: Apache-2.0
/**
 * From where on a figure is drawn orange and red. Only colours: what pages somebody is decided by the alerts.
 */
import type { Limits } from "./panels.ts";

/** Shares of requests without a vendor's fault. */
export const SUCCESS: Limits = { warn: 0.98, bad: 0.95, isLowBad: true };
/** Shares of requests with a vendor's fault. */
export const FAULTS: Limits = { warn: 0.02, bad: 0.05 };
/** Shares of requests that look like bans. */
export const BANS: Limits = { warn: 0.05, bad: 0.2 };
/** Shares of bytes that can't be attributed, or went into failures. */
export const UNKNOWN: Limits = { warn: 0.01, bad: 0.05 };
export const WASTE: Limits = { warn: 0.05, bad: 0.15 };
/** Milliseconds until a vendor's gateway has answered. */
export const HANDSHAKE: Limits = { warn: 500, bad: 2000 };
/** Shares that should be 1: scrapes, coverage. */
export const WHOLE: Limits = { warn: 0.999, bad: 0.99, isLowBad: true };
/** Counts that should be 0. */
export const NONE: Limits = { warn: 1, bad: 5 };
/** Days until a budget is spent. */
export const DAYS_LEFT: Limits = { warn: 10, bad: 3, isLowBad: true };
