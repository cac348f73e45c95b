// SPDX-License-Identifier: Apache-2.0
/**
 * The table of all ways of travelling that the tests take.
 */
import { ABSOLUTE_WAYS } from "./absolute.ts";
import { BARE_WAYS } from "./bare.ts";
import { CONNECT_WAYS } from "./connect.ts";
import { SOCKS_WAYS } from "./socks.ts";
import type { Way } from "./way.ts";

export const WAYS: readonly Way[] = [...CONNECT_WAYS, ...ABSOLUTE_WAYS, ...SOCKS_WAYS, ...BARE_WAYS];
