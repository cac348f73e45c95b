// SPDX-License-Identifier: Apache-2.0
/**
 * A pause between two questions to the cluster, ended early by the signal with the signal's own reason.
 */
import { setTimeout } from "node:timers/promises";

export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, signal && { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
