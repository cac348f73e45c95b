// SPDX-License-Identifier: Apache-2.0
/**
 * Waits for ticks of the filter by its own heartbeat, instead of for an amount of time.
 */
import { HEARTBEAT_SECONDS } from "../../../filter/core/contract.ts";
import { poll } from "../../../demo/poll.ts";
import type { Sidecar } from "./sidecar.ts";

const DEADLINE_MS = 15_000;

/** Resolves when every worker has ticked `count` times more. */
export async function heartbeats(sidecar: Sidecar, count: number): Promise<void> {
  const before = await beats(sidecar);
  const check = async () => ((await beats(sidecar)) >= before + count * sidecar.concurrency ? true : undefined);
  await poll(check, {
    what: `${HEARTBEAT_SECONDS} to rise`,
    deadlineMs: DEADLINE_MS,
    signal: new AbortController().signal,
    detail: () => sidecar.log.tail(),
    hint: "",
  });
}

async function beats(sidecar: Sidecar): Promise<number> {
  const samples = await sidecar.samples();
  return samples.filter(({ name }) => name === HEARTBEAT_SECONDS).reduce((sum, { value }) => sum + value, 0);
}
